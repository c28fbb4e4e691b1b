"""The tables of the examples, made again from where their cards say that they are from."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from deliveries import deliveries
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from tiny import ROOT

EXAMPLES = ROOT / "examples"

#: Years before it that a year of sunspots stands with, and what was seen in the first of all.
LAGS, FIRST = 11, 1700


def path_of(name: str) -> Path:
    (path,) = (EXAMPLES / f"{name}/data/raw").glob("*.csv")
    return path


def card_of(name: str) -> str:
    return path_of(name).with_suffix(".md").read_text()


def separator_of(name: str) -> str:
    """Return what stands between the values of a table whose names have neither of both."""
    with path_of(name).open() as file:
        return ";" if ";" in file.readline() else ","


def cells_of(name: str) -> pd.DataFrame:
    """Return an example's table as text, as it stands."""
    return pd.read_csv(path_of(name), sep=separator_of(name), dtype=str, keep_default_na=False)


def digest_of(name: str) -> str | None:
    """Return the digest of the file that was published, if that is what an example has."""
    found = re.search(r"SHA-256 ([0-9a-f]{64})", card_of(name))
    return found[1] if found else None


def made(name: str) -> pd.DataFrame:
    """Return the table of an example that is no published file, made once more."""
    makes = {
        "deliveries": deliveries,
        "diabetes": _diabetes,
        "pumps": _by_the_card,
        "random": _tumours,
        "sunspots": _sunspots,
        "wine": _wine,
    }
    return makes[name]()


def _diabetes() -> pd.DataFrame:
    table = load_diabetes(as_frame=True, scaled=False).frame
    return table.rename(columns={"target": "progression"})


def _wine() -> pd.DataFrame:
    wine = load_wine(as_frame=True)
    labels = wine.target_names[wine.target]
    return wine.frame.drop(columns="target").assign(cultivar=labels)


def _tumours() -> pd.DataFrame:
    cancer = load_breast_cancer(as_frame=True)
    means = cancer.frame.filter(regex=r"^mean ")
    labels = cancer.target_names[cancer.target]
    return means.rename(columns=lambda name: name.removeprefix("mean ")).assign(diagnosis=labels)


def _by_the_card() -> pd.DataFrame:
    """Run the lines by which the pumps were made."""
    code = card_of("pumps").partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code[: code.index("table.to_csv")], found)
    table: pd.DataFrame = found["table"]
    return table


def _sunspots() -> pd.DataFrame:
    """Put years beside those before them, from one series."""
    stored = pd.read_csv(path_of("sunspots"))
    before = stored.iloc[0][[f"before_{n}" for n in range(LAGS, 0, -1)]]
    series = np.concatenate([before, stored["sunspots"]]).astype(float)
    years = {f"before_{n}": series[LAGS - n : -n] for n in range(1, LAGS + 1)}
    first = FIRST + LAGS
    year = range(first, first + len(series) - LAGS)
    return pd.DataFrame({"year": year, **years, "sunspots": series[LAGS:]})
