"""The table of examples/deliveries, which nobody delivered."""

import numpy as np
import pandas as pd

ROWS, DISTRICTS = 500, 40


def deliveries() -> pd.DataFrame:
    """Return a table of which districts and carriers tell most of the target."""
    rng = np.random.default_rng(20)
    district, carrier = rng.integers(0, DISTRICTS, ROWS), rng.integers(0, 3, ROWS)
    far, express = rng.gamma(3, 4, ROWS).round(1), rng.random(ROWS) < 0.3
    ordered = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, ROWS), "D")
    slow = rng.normal(0, 2, DISTRICTS)[district] + np.array([-1, 0, 1])[carrier]
    slow += 0.1 * (far - 12) - 1.5 * express + (ordered.month == 12) + rng.normal(0, 0.7, ROWS)
    made = pd.DataFrame(
        {
            "parcel": [f"P{n:04}" for n in range(1, ROWS + 1)],
            "district": [f"district {n + 1}" for n in district],
            "carrier": np.array(["blue", "green", "red"])[carrier],
            "kilometres": far,
            "express": np.where(express, "yes", "no"),
            "ordered": ordered.strftime("%Y-%m-%d"),
            "late": np.where(slow > 0, "yes", "no"),
        }
    )
    made.loc[rng.random(ROWS) < 0.05, "kilometres"] = np.nan
    made.loc[rng.random(ROWS) < 0.02, "carrier"] = None
    return made
