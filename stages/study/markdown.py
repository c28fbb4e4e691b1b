"""Texts from tables and parameters, as Markdown and terminals show them: as they are."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Any

#: Characters that are shown of a value.
LENGTH = 100

#: What Markdown, GitHub or HTML may read as more than a character.
SPECIAL = re.compile(r"[&<>|`*\\\[\]~$#!@]|:(?=\S)|(?<![^\W_])_|_(?![^\W_])")

#: What ends code between backticks, or a cell of a table.
ENDS_CODE = re.compile(r"[`|]|^\s|\s$|^$")


def shown(text: str, length: int = LENGTH) -> str:
    """Return a value on one line, with what cannot be printed as escapes, and not too long."""
    line = _on_a_line(text[: length + 1])
    return line if len(line) <= length else f"{line[: length - 3]}..."


def plain(text: str) -> str:
    """Return text that Markdown shows as it is, and in which GitHub mentions nobody."""
    # A name behind an invisible blank is no name.
    return _escaped(re.sub("(?<=[@#])", "\N{ZERO WIDTH SPACE}", text))


def code(value: object) -> str:
    """Return a value as code, in which GitHub mentions nobody by itself."""
    text = _on_a_line(str(value))
    return f"<code>{_escaped(text)}</code>" if ENDS_CODE.search(text) else f"`{text}`"


def _on_a_line(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


#: How numbers are written, of which pandas makes nothing in text.
MARKS = ("decimal", "thousands")

#: What pandas is told of a file only where it opens it itself.
OPENING = ("comment", "encoding", "compression")

#: What else may stand between thousands: blanks that no line breaks at, the apostrophe of print.
ALSO = {" ": "\u00a0\u202f", "'": "\u2019"}


def plain_numbers(profile: dict[str, Any]) -> str:
    """Return an expression that makes of the study's ``cells`` what pandas reads as numbers."""
    decimal, thousands = (profile["pandas"]["options"].get(name) for name in MARKS)
    marks = _python(f"[{thousands}{ALSO.get(thousands, '')}]")
    without = f'.str.replace({marks}, "", regex=True)' if thousands else ""
    return f"cells{without}" + (f'.str.replace({_python(decimal)}, ".")' if decimal else "")


def pandas_call(profile: dict[str, Any]) -> str:
    """Return the call by which pandas reads the study's table, as text unless it has types.

    The code of :func:`without_comments` goes before it.
    """
    own = profile["pandas"]
    opened = "comment" in own["options"]
    passed = {*MARKS, *(OPENING if opened else ())}
    options = {name: _python(own["options"][name]) for name in own["options"] if name not in passed}
    typed = own["reader"] not in ("read_csv", "read_excel")
    options |= {} if typed else {"dtype": "str", "keep_default_na": "False"}
    source = "lines" if opened else _python(profile["source"])
    given = [source, *(f"{name}={own}" for name, own in options.items())]
    # An index is a column of the file.
    rest = ".reset_index()" if typed else ""
    return f"pandas.{own['reader']}({', '.join(given)}){rest}"


def without_comments(profile: dict[str, Any]) -> str:
    """Return code that opens the study's table and passes over comments; empty if it has none.

    Pandas itself would cut lines behind the sign wherever it stands.
    """
    options = profile["pandas"]["options"]
    if "comment" not in options:
        return ""
    packed = options.get("compression")
    how = {"encoding": options.get("encoding", "utf-8"), "newline": ""}
    how |= {"compression": packed} if packed else {}
    given = [profile["source"], "rt"]
    texts = [*map(_python, given), *(f"{name}={_python(own)}" for name, own in how.items())]
    return (
        f"{'import fsspec, io' if packed else 'import io'}\n"
        "def uncommented(file):\n"
        "    quoted = False\n"
        "    for line in file:\n"
        f"        if quoted or not line.startswith({_python(options['comment'])}):\n"
        "            quoted ^= line.count('\"') % 2 == 1\n"
        "            yield line\n"
        f"with {'fsspec.' if packed else ''}open({', '.join(texts)}) as file:\n"
        '    lines = io.StringIO("".join(uncommented(file)))\n'
    )


def predict_command(profile: dict[str, Any], others: Sequence[str]) -> str:
    """Return the command that predicts the rows of the study's table.

    With a column to keep, if the table has one that is neither a feature nor the target: the first
    of ``others`` besides.
    """
    table = profile["source"] if _is_argument(profile["source"]) else "NEW.csv"
    times = Counter(profile["unused"])
    kept = [name for name in others[1:] if times[name] < 2 and _is_argument(name)][:1]
    words = ["python", "-m", "stages.predict", "models/best", table, "--out", "predictions.csv"]
    return shlex.join([*words, *(["--keep", *kept] if kept else [])])


def _is_argument(text: str) -> bool:
    """Return whether a text stays on its line, and is not taken for an option."""
    return text.isprintable() and not text.startswith("-")


def _python(value: str | int) -> str:
    """Return a text or a number as Python: that of JSON is one."""
    return json.dumps(value, ensure_ascii=False)
