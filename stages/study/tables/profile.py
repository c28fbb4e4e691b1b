"""What the prepared table holds, in figures."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.study.params import Data


def profile(X: pd.DataFrame, y: pd.Series, data: Data) -> dict[str, Any]:
    """Return what the table holds, in figures."""
    content = {
        "source": data.path,
        "sha256": hashlib.sha256(Path(data.path).read_bytes()).hexdigest(),
        "task": data.task,
        "target": str(y.name),
        "rows": len(X),
        "features": {str(name): _column_profile(X[name]) for name in X},
        "missing": {str(name): markers(data.missing[name]) for name in X if name in data.missing},
    }
    if data.task == "classification":
        counts = y.value_counts().sort_index()
        content["classes"] = [
            {"label": label, "rows": int(rows), "share": round(rows / len(y), 6)}
            for label, rows in zip(counts.index.tolist(), counts, strict=True)
        ]
    else:
        content["target_range"] = _column_profile(y)
    return content


def markers(values: Sequence[Any]) -> list[Any]:
    """Return what means missing in a column as JSON can hold it, with the same meaning."""
    return [v if not isinstance(v, float) or math.isfinite(v) else str(v) for v in values]


def _column_profile(column: pd.Series) -> dict[str, Any]:
    known = column.to_numpy()[column.notna()]
    figures: dict[str, Any] = {
        "minimum": known.min,
        "median": lambda: np.median(known),
        "mean": known.mean,
        "maximum": known.max,
    }
    rounded = {
        name: round(float(figure()), 6) if len(known) else None for name, figure in figures.items()
    }
    return {"type": str(column.dtype), "missing": len(column) - len(known), **rounded}
