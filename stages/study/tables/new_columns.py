"""The columns of new rows, held against those of the study's table."""

from collections.abc import Collection, Iterable, Sequence

from gridlanes.errors import nearest
from stages.study.counts import listed
from stages.study.errors import InputError
from stages.study.signature import Signature
from stages.study.tables.headers import nameless
from stages.study.tables.table import Table, check_unique

#: So many names are listed.
SHOWN = 10


def check_columns(table: Table, signature: Signature, kept: Sequence[str] = ()) -> list[str]:
    """Check that a table has the model's columns, in any order, and none that the study had not.

    Returns
    -------
    list of str
        The columns that are passed over, in words.

    Raises
    ------
    InputError
        Naming all that are missing, and all that are not known and not kept.
    """
    header, where = table.header, table.where
    others = [name for name in dict.fromkeys(header) if name not in signature.columns]
    known = {*signature.others, *kept, ""}
    there = set(header)
    missing = [name for name in signature.columns if name not in there]
    # One without a name is asked for by nobody, and may be pandas' index.
    unknown = [name for name in others if name not in known]
    if missing or unknown:
        _check_names(table, signature)
        lines = _unlike(missing, unknown, others, signature, header)
        raise InputError(f"{where}: " + "\n".join(lines))
    check_unique([*signature.columns, *kept], header, where)
    return [_passed_over(name, signature) for name in others if name not in kept]


def _check_names(table: Table, signature: Signature) -> None:
    """Check that the first line does not hold values, which it may if it names no known column."""
    if not {*signature.columns, *signature.others}.isdisjoint(table.header):
        return
    try:
        said = nameless(table.header, next(table.chunks()), table.path)
    except InputError:
        # What is wrong with the header is said first.
        return
    if said:
        raise InputError(f"{table.where}: {said}\nThe model takes: {_quoted(signature.columns)}")


def _unlike(
    missing: Sequence[str],
    unknown: Sequence[str],
    others: Sequence[str],
    signature: Signature,
    header: Sequence[str],
) -> list[str]:
    """Return what to say of columns that are not there, and of those that should not be."""
    meant = [near for name in missing[:SHOWN] for near in nearest(name, others)]
    known = {*header} & {*signature.columns, *signature.others}
    if not meant and not known:
        return [
            f"no column of the model's; is {_quoted(header)} the line that names the columns?",
            f"The model takes: {_quoted(signature.columns)}",
        ]
    away = [name for name in signature.others if name not in header]
    strange = [name for name in unknown if name not in meant]
    lines = [f"no {_named(missing, others)}"] if missing else []
    lines += [f"not in the study's table: {_named(strange, away)}"] if strange else []
    if missing:
        return [*lines, f"The model takes: {_quoted(signature.columns)}"]
    return [*lines, "Leave out what nobody needs; --keep writes it beside the predictions."]


def check_kept(kept: Sequence[str], table: Table, signature: Signature) -> None:
    """Check that columns are there and have names that the predictions leave free.

    Raises
    ------
    InputError
    """
    missing = [name for name in kept if name not in table.header]
    if missing:
        raise InputError(
            f"{table.where}: --keep: no {_named(missing, table.header)}\n"
            f"The columns are: {_quoted(table.header)}"
        )
    taken = [name for name in kept if name in signature.answers]
    if taken:
        raise InputError(
            f"{table.where}: --keep: {_quoted(taken)}: the predictions have a column of this name; "
            "rename that of the table"
        )


def _quoted(names: Collection[str]) -> str:
    """Return names in words."""
    return listed(map(repr, names), SHOWN)


def _named(names: Sequence[str], near: Iterable[str]) -> str:
    """Return names of columns, each with the one that may be meant."""
    hints = {name: nearest(name, near) for name in names[:SHOWN]}
    shown = [
        f"{name!r} (is {own[0]!r} meant?)" if own else repr(name) for name, own in hints.items()
    ]
    shown += [*map(repr, names[SHOWN:])]
    return f"column{'s' * (len(names) > 1)} {listed(shown, SHOWN)}"


def _passed_over(name: str, signature: Signature) -> str:
    if not name:
        return "what has no name"
    return f"{name!r} (what is predicted)" if name == signature.target else repr(name)
