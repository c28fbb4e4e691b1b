"""Look closer at the winner: how much it leans on each column, and what more rows would bring."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from stages.study import params
from stages.study.artifacts import DIAGNOSE, GRID_SEARCH, read_json, write_csv, write_json
from stages.study.errors import run, say, warn
from stages.study.params import Params
from stages.study.writing import writing

#: What the stage leaves of each, where it is asked for.
TABLES = ("importance", "learning_curve")


def main() -> None:
    """Run the stage."""
    settings = params.load()
    best = read_json(GRID_SEARCH / "best.json")
    section = settings.diagnose
    asked = section.importance or section.learning_curve is not None
    # Without a winner, or a question about it, nothing has to be loaded.
    known = asked and best["candidate"] is not None
    summary, tables = diagnosed(settings, best) if known else (dict.fromkeys(TABLES), {})
    with writing(DIAGNOSE) as folder:
        write(summary, tables, folder)


def write(summary: dict[str, Any], tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write what was found."""
    write_json(summary, folder / "summary.json")
    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv")


def diagnosed(
    settings: Params, best: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return what was measured of the winner and how, in figures and as tables."""
    # They take seconds to load.
    from stages.study import compute
    from stages.study.diagnosis_checks import check_curve
    from stages.study.importance import copies_of, importances, why_not
    from stages.study.learning_curve import learning_curve
    from stages.study.prepared import read_prepared
    from stages.study.progress import phase
    from stages.study.routing import routing
    from stages.study.training import training
    from stages.study.winner_fits import winner_fits

    workers, data = compute.load(), read_prepared()
    check_curve(settings, data)
    section, search = settings.diagnose, settings.grid_search
    networks = search.cv * search.split.repeats * len(search.seeds or [0])
    summary: dict[str, Any] = dict.fromkeys(TABLES)
    tables: dict[str, pd.DataFrame] = {}
    with routing(data) as given:
        why = why_not(data, section.importance, networks) if section.importance else None
        if why is not None:
            warn(f"{params.PATH}: diagnose.importance: not measured, since {why}")
        elif section.importance:
            with training(networks, workers, "winner, {fits} fits"):
                fits = winner_fits(settings, data, best, given)
            for _, report in fits:
                say(f"winner: {report}")
            repeats, name = section.importance, search.chooser
            phase("shuffling columns", copies_of(data, repeats, networks))
            own = [of_seed for of_seed, _ in fits]
            tables["importance"], rows = importances(own, data, name, repeats, settings.seed)
            summary["importance"] = {"repeats": repeats, "rows": rows, "scoring": name}
        if section.learning_curve is not None:
            shares = section.learning_curve
            with training(networks * len(shares), workers, "learning curve, {fits} fits"):
                curve, report = learning_curve(settings, data, best, given, shares)
            say(f"learning curve: {report}")
            tables["learning_curve"], summary["learning_curve"] = curve, shares
    return summary, tables


if __name__ == "__main__":
    run(main, __doc__)
