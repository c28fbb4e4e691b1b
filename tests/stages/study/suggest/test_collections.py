"""Tables of the kinds that many begin with."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from suggesting import pasted, suggested


def of_collections() -> dict[str, tuple[dict[str, Any], str]]:
    """Return tables of the kinds that many begin with, small: what they hold, and their target."""
    draw, n = np.random.default_rng(0), 240
    rows, price = np.arange(n), np.exp(draw.normal(12, 0.4, n)).astype(int)
    survived, casual, registered = rows * 7 % 13 % 2, draw.poisson(800, n), draw.poisson(3600, n)
    number, cost = draw.integers(1, 40, n), draw.choice([0.85, 1.25, 2.55], n)
    return {
        "titanic": ({
            "PassengerId": rows + 1, "Name": [f"Mr. {row}" for row in rows],
            "Sex": draw.choice(["male", "female"], n), "Age": np.where(rows % 5, rows % 70 + 0.5, np.nan),
            "Ticket": [f"A/5 {row * row % 211}" for row in rows],
            "Cabin": [f"C{row}" if row % 4 == 0 else "" for row in rows],
            "boat": np.where(survived, rows % 15, np.nan), "Survived": survived}, "Survived"),
        "ames": ({
            "Id": rows + 1, "LotArea": draw.lognormal(9.1, 0.5, n).astype(int),
            "Alley": np.where(rows % 17, "NA", draw.choice(["Grvl", "Pave"], n)),
            "PoolArea": np.where(rows % 60, 0, rows + 400), "SalePrice": price,
            "log": np.log(price).round(6)}, "SalePrice"),
        "rossmann": ({
            "Store": rows % 12 + 1, "Date": pd.date_range("2015-01-01", periods=20).repeat(12)[::-1],
            "StateHoliday": np.where(rows % 40, "0", "a"), "Promo": rows % 2,
            "Sales": draw.poisson(5000, n)}, "Sales"),
        "bank": ({
            "job": draw.choice(["admin.", "unknown"], n), "balance": draw.integers(-300, 5000, n),
            "pdays": np.where(rows % 5, -1, rows + 1), "y": np.where(rows % 8, "no", "yes")}, "y"),
        "wdbc": ({
            "id": draw.integers(8670, 911320502, n), "radius": draw.normal(15, 3, n).round(2),
            "Unnamed: 32": [""] * n, "diagnosis": draw.choice(["M", "B"], n)}, "diagnosis"),
        "bike": ({
            "instant": rows + 1, "dteday": pd.date_range("2011-01-01", periods=n),
            "temp": draw.random(n).round(4), "casual": casual, "registered": registered,
            "cnt": casual + registered}, "cnt"),
        "retail": ({
            "InvoiceNo": [f"{'' if row % 50 else 'C'}{536365 + row // 3}" for row in rows],
            "InvoiceDate": [f"{row % 28 + 1}/{row % 12 + 1}/2010 8:26" for row in rows],
            "Price": cost, "CustomerID": np.where(rows % 4, rows % 30 + 12346, np.nan),
            "Total": (number * cost).round(2), "Quantity": number}, "Quantity"),
    }  # fmt: skip


#: What init leaves out of them.
LEFT_OUT = {
    "titanic": ["PassengerId", "Name", "Ticket", "Cabin", "boat"],
    "ames": ["Id", "Alley", "log"],
    "rossmann": [],
    "bank": [],
    "wdbc": ["id", "Unnamed: 32"],
    "bike": ["instant", "casual", "registered"],
    "retail": ["InvoiceNo", "CustomerID", "Total"],
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_tables_as_of_collections_begin(study, begin, name):
    table, target = of_collections()[name]
    found = suggested(study, table, target)
    settings = begin(table, target)
    assert settings.data.exclude == LEFT_OUT[name]
    assert pasted(found, settings)
