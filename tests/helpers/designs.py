"""The designs of docs/how-to/studies.md, and the small study that each of them changes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from tiny import ROOT, tiny_params, write_params

ROW = re.compile(r"\| (?P<design>[^|]+) \| (?P<says>`.*`) \|")

#: Rows of the table, a visit each.
VISITS = 96


def designs() -> dict[str, list[dict[str, Any]]]:
    """Return what each design says in params.yaml, a mapping for each piece of code in its row."""
    lines = (ROOT / "docs/how-to/studies.md").read_text(encoding="utf-8").splitlines()
    rows = [row for line in lines if (row := ROW.fullmatch(line))]
    return {
        row["design"]: [YAML(typ="safe").load(own) for own in re.findall("`([^`]+)`", row["says"])]
        for row in rows
    }


def visits() -> pd.DataFrame:
    """Return visits of 24 persons to a clinic, who is ill in a third of them, and what they cost."""
    draw = np.random.default_rng(0)
    age, dose = draw.integers(20, 80, VISITS), draw.normal(size=VISITS).round(3)
    risk = (age - 50) / 30 + dose + draw.normal(scale=0.5, size=VISITS)
    return pd.DataFrame(
        {
            "person": [f"p{n}" for n in draw.permutation(np.arange(VISITS) % (VISITS // 4))],
            "day": pd.date_range("2024-01-01", periods=VISITS).strftime("%Y-%m-%d"),
            "weight": draw.choice([0.5, 1.0, 2.0], VISITS),
            "age": age,
            "dose": dose,
            "unit": draw.choice(["north", "south", "west"], VISITS),
            "held": np.where(np.arange(VISITS) % 5 == 2, "yes", "no"),
            "ill": np.where(risk > np.quantile(risk, 2 / 3), "yes", "no"),
            "cost": (100 + 40 * risk).round(2),
        }
    )


def settings(says: list[dict[str, Any]]) -> dict[str, Any]:
    """Return params.yaml of the small study with what a design says."""
    own = tiny_params()
    own["data"] = {
        "path": "data/raw/visits.csv",
        "target": "ill",
        "task": "classification",
        "positive": "yes",
        "exclude": ["person", "day", "weight", "held", "cost"],
        "categorical": "auto",
    }
    own["preprocess"] = {"classes": ["no", "yes"]}
    own["nested_cv"]["permutations"] = 0
    for one in says:
        _put(own, one)
    for role in ("groups", "time", "weights"):
        if own["data"].get(role) in own["data"]["exclude"]:
            own["data"]["exclude"].remove(own["data"][role])
    if own["data"]["task"] == "regression":
        own["data"].pop("positive")
    return own


def _put(into: dict[str, Any], said: dict[str, Any]) -> None:
    """Change entries; a grid takes the place of another."""
    for key, value in said.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict) and key != "param_grid":
            _put(into[key], value)
        else:
            into[key] = value


def write(folder: Path, says: list[dict[str, Any]]) -> None:
    """Write the table and params.yaml of a design into a study."""
    visits().to_csv(folder / "data/raw/visits.csv", index=False)
    write_params(settings(says), folder)
