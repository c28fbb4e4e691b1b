"""Figures as SVG, the same to the byte for the same results."""

import io
import re
from typing import Any

import matplotlib as mpl

# Drawn without a screen; set before pyplot opens one.
mpl.use("agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

PALETTE = "colorblind"


def subplots(rows: int, columns: int, **settings: Any) -> tuple[Figure, Any]:
    """Return a figure in the style of all, and its axes."""
    sns.set_theme(style="whitegrid", palette=PALETTE, rc={"axes.titlesize": "medium"})
    return plt.subplots(rows, columns, layout="constrained", **settings)


def svg(figure: Figure) -> str:
    """Return a figure, and close it."""
    content = io.BytesIO()
    # The salt replaces random ids, and dates and versions are left out.
    with mpl.rc_context({"svg.hashsalt": "gridlanes", "svg.fonttype": "none"}):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return re.sub(r"(?m)[ \t]+$", "", content.getvalue().decode())
