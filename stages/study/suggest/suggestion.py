"""What params.yaml may say of a table, put together."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridlanes.errors import did_you_mean
from stages.study.counts import in_digits, listed
from stages.study.errors import InputError
from stages.study.params import Params
from stages.study.sections.data import Data, Reading
from stages.study.suggest.all_columns import described, look_at_all
from stages.study.suggest.entries import entries
from stages.study.suggest.found import Found
from stages.study.suggest.params_file import Entry
from stages.study.suggest.paste import Paste, lines
from stages.study.suggest.reading import read
from stages.study.suggest.reasons import of_no_table
from stages.study.suggest.split import Split, find_split
from stages.study.suggest.target import look_at_target
from stages.study.tables import alike
from stages.study.tables.cells import absent, markers_of
from stages.study.tables.headers import nameless
from stages.study.tables.table import RawTable

#: In more rows a search of so many candidates takes long.
ROWS, CANDIDATES = 20_000, 20

#: So many names, classes and reasons are shown.
SHOWN = 10


@dataclass(frozen=True)
class Suggestion:
    """What params.yaml may say, and what was found.

    Attributes
    ----------
    changes : dict of str to dict of str to Entry
        By section.
    facts : list of str
        What the table is.
    undecided : list of str
        What only the user can say.
    doubts : list of str
        What may be wrong.
    pastes : list of str
        What to say then, as entries of ``data`` that hold beside each other.
    new : bool
        Whether params.yaml says nothing of this table yet.
    """

    changes: dict[str, dict[str, Entry]]
    facts: list[str]
    undecided: list[str]
    doubts: list[str]
    pastes: list[str]
    new: bool


def suggest(
    path: str,
    target: str | None,
    current: Params,
    told: Mapping[str, Any] | None = None,
    forced: Collection[str] = (),
) -> Suggestion:
    """Return what params.yaml may say of a table.

    What it says already of the same table and target stays.

    Parameters
    ----------
    path : str
    target : str or None
    current : Params
        What params.yaml says now.
    told : mapping of str to object, optional
        How the file is read, by the names of :class:`stages.study.sections.data.Reading`.
    forced : collection of str
        Numbers of folds that are what another table allowed.

    Raises
    ------
    InputError
        If the table or its target cannot be used, or no target is named.
    """
    said, (table, how, reading) = _read(path, target, current.data, told or {})
    name = _target(target, table, path)
    current = current if said else of_no_table(current, forced)
    known = said or Data(path=path, target=name, task="regression")
    known = known.model_copy(update=how.model_dump())
    goal = look_at_target(table.rows[name], known, said.task if said else None)
    data = known.model_copy(update={"task": goal.task})
    columns = look_at_all(table, data, goal, current.preprocess.max_missing)
    found = Found(table, data, goal, columns, current, said)
    _check_features(found)
    split = find_split(found)
    own = columns.values()
    doubts = [
        *filter(None, [nameless(table.header, table.rows, Path(path))]),
        *goal.doubts,
        *filter(None, split.doubts),
        *_alike(found, split),
        *filter(None, (one.doubt for one in own)),
    ]
    changes = entries(found, split, reading)
    pastes = [*_of_columns(found), *split.pastes]
    return Suggestion(
        changes,
        [*_facts(found)],
        [one.undecided for one in own if one.undecided],
        [*doubts, *_of_network(found)],
        lines(_as_changed(known, changes["data"]), pastes),
        said is None,
    )


def _read(
    path: str, target: str | None, current: Data, told: Mapping[str, Any]
) -> tuple[Data | None, tuple[RawTable, Reading, dict[str, Entry]]]:
    """Return what params.yaml says of this table, None if of another one, and the table."""
    if current.path == path:
        # Of another target the file is the same.
        told = {**_reading(current).model_dump(exclude_defaults=True), **told}
    said = current if (current.path, current.target) == (path, target) else None
    if said is not None and told.get("sheet", said.sheet) != said.sheet:
        # Another sheet is another table.
        said = None
    found = read(Path(path), said and _reading(said), told)
    if said is not None and not _named(said) <= {*found[0].header}:
        # The file is another one.
        return None, read(Path(path), None, told)
    return said, found


def _alike(found: Found, split: Split) -> Iterator[str]:
    """Say what may be one thing, written in several ways."""
    rows, mark = found.table.rows[found.goal.rows], found.data.decimal
    if found.goal.task == "classification":
        yield from alike.of_target(found.data.target, found.goal.y.unique(), mark)
    if split.role == "groups":
        yield from alike.of_groups(split.name, rows[split.name].unique(), mark)
    columns = found.columns.items()
    known = {}
    for name, one in columns:
        if one.key == "categorical" or one.kind == "category":
            missing = absent(rows[name], markers_of(name, found.data), mark, labels=True)
            known[name] = rows[name][~missing].unique()
    yield from alike.of_categories(known, mark)


def _named(data: Data) -> set[str]:
    """Return the columns of which params.yaml says anything."""
    features = [] if data.features == "all" else data.features
    return described(data) | {*data.missing, *features}


def _as_changed(data: Data, changes: Mapping[str, Entry]) -> Data:
    """Return what params.yaml says of a table when it is changed."""
    said = {**data.model_dump(), **{key: entry.value for key, entry in changes.items()}}
    return Data(**{key: value for key, value in said.items() if value is not None})


def _reading(data: Data) -> Reading:
    return Reading(**{key: getattr(data, key) for key in Reading.model_fields})


def _target(name: str | None, table: RawTable, path: str) -> str:
    names = [own for own in table.header if own]
    listed = f"\nThe columns are: {', '.join(names)}"
    if name is None:
        raise InputError(
            f"--target: must name the column to predict{listed}{_no_names(table, path)}"
        )
    name = name.strip()
    if name not in names:
        raise InputError(
            f"--target: no column {name!r} in {path}{did_you_mean(name, names)}{listed}"
            f"{_no_names(table, path)}"
        )
    if names.count(name) > 1:
        raise InputError(f"--target: {names.count(name)} columns of {path} are called {name!r}")
    return name


def _no_names(table: RawTable, path: str) -> str:
    said = nameless(table.header, table.rows, Path(path))
    return f"\n{table.where}: {said}" if said else ""


def _check_features(found: Found) -> None:
    """Check that a column is left to learn from."""
    columns = found.columns.items()
    if found.said is None and all(one.key in ("exclude", "groups") for _, one in columns):
        why = listed((f"{name!r}: {one.why or one.key}" for name, one in columns), SHOWN)
        raise InputError(
            f"{found.data.path}: no column is left to learn from; {why or 'only the target'}"
        )


def _of_columns(found: Found) -> Iterator[Paste]:
    """Yield what is to be pasted of columns; something is left to learn from."""
    columns = found.columns.items()
    features = {name for name, one in columns if one.key not in ("exclude", "groups")}
    pastes = [one.paste for one in found.columns.values() if one.paste is not None]
    left = features - {paste.name for paste in pastes if paste.use == "exclude"}
    yield from (paste for paste in pastes if left or paste.use != "exclude" or found.said)


def _facts(found: Found) -> Iterator[str]:
    table, goal = found.table, found.goal
    size = f"{len(table.rows)} rows, {len(table.header)} columns"
    yield f"{found.data.path}: {table.form}; {size}"
    if goal.task == "regression":
        ends = f"from {in_digits(goal.y.min())} to {in_digits(goal.y.max())}"
        said = f"{ends}, {in_digits(float(f'{goal.y.mean():.6g}'))} on average"
    else:
        said = listed((f"{label} ({rows})" for label, rows in goal.counts.items()), SHOWN)
    yield f"{found.data.target}: {goal.task} ({goal.why}): {said}"
    for kind, words in (
        ("number", "numbers"),
        ("boolean", "yes or no"),
        ("category", "categories"),
    ):
        names = [name for name, one in found.columns.items() if one.kind == kind]
        if names:
            yield f"{words}: {listed(names, SHOWN)}"


def _of_network(found: Found) -> Iterator[str]:
    if found.said is None:
        yield "network, epochs and grid are still those of the table before"
    rows, candidates = int(found.goal.rows.sum()), found.current.grid_search.candidates
    if rows > ROWS and candidates > CANDIDATES:
        yield (
            f"a search of {candidates} candidates in {rows} rows takes long; begin with fewer "
            "values in grid_search.param_grid, and nested_cv.outer: 0"
        )
