"""What pages say that commands print, beside what they print."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from sybil import Document
from sybil.parsers.markdown import CodeBlockParser
from tiny import environment

#: Stands above a block that no test runs, with the reason.
NOT_RUN = re.compile(r"<!-- not run: (.+) -->\n+\s*\Z")

#: What differs from one day or machine to the next: times, sizes, commits, and how work is divided.
VARIES = re.compile(
    r"\b[\d.]+ (s|min|h|ms|[kM]B|MiB)\b( ago)?|\b\d\d:\d\d [AP]M|\b[0-9a-f]{7}\b|\b\d+ runs?\b|\bnow\b"
)
SCORE = re.compile(r"-?\d+\.\d+(?:e-\d+)?")
RULE = re.compile(r"[─═]+")


@dataclass
class Command:
    """A command of a page, and the lines that stand below it."""

    text: str
    below: list[str]


def console(page: Path) -> list[Command]:
    """Return the commands of a page that can be run, those that readers do not see too."""
    document = Document.parse(str(page), CodeBlockParser("console", lambda _: None))
    found = []
    for example in document.examples():
        if NOT_RUN.search(document.text[: example.start]) is None:
            found += commands(str(example.parsed))
    return found


def commands(block: str) -> list[Command]:
    """Return the commands of a block; one that ends in a backslash goes on in the next line."""
    found: list[Command] = []
    for line in block.rstrip("\n").splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], []))
        elif found and found[-1].text.endswith("\\"):
            found[-1].text += f"\n{line}"
        else:
            found[-1].below.append(line)
    return found


def run_all(page: list[Command], folder: Path) -> list[list[str]]:
    """Run commands one after the other in one shell, and return the lines that each has printed.

    One that fails ends the shell: those behind it are not in what is returned.
    """
    mark = "= = = next = = =\n"
    script = "\n".join(f"{own.text}\nprintf '{mark}'" for own in page)
    # Into a file: what a command leaves running would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=environment("bash", COLUMNS="100", NO_COLOR="1", PAGER="cat"),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        *printed, last = output.read().split(mark)
    assert ended.returncode == 0, f"{page[len(printed)].text}\n{last}"
    return [[line.rstrip() for line in said.splitlines()] for said in printed]


def plain(line: str) -> str:
    """Return a line without what varies, without its layout and a comment behind it."""
    line = VARIES.sub("~", re.sub(r"\s{2,}# .*$", "", line))
    return " ".join(RULE.sub("─", line).split())


def scores(line: str) -> list[float]:
    """Return the decimal fractions of a line, which another machine may round otherwise."""
    return [float(own) for own in SCORE.findall(line)]


def alike(ours: str, theirs: str) -> bool:
    """Return whether a line of a page is one that was printed; an ellipsis stands for anything."""
    ours, theirs = plain(ours), plain(theirs)
    if "…" in ours:
        parts = (re.escape(own.strip()) for own in ours.split("…"))
        return re.fullmatch(".*".join(parts), theirs) is not None
    return SCORE.sub("#", ours) == SCORE.sub("#", theirs) and all(
        abs(one - other) <= 2e-3
        for one, other in zip_longest(scores(ours), scores(theirs), fillvalue=float("inf"))
    )


def difference(page: list[str], said: list[str]) -> str | None:
    """Return the first line of a page that was not printed; a line of dots stands for any lines.

    Nothing below a command means that what it prints is left out.
    """
    page = [own for own in page if own.strip()]
    said = [own for own in said if own.strip()]
    skipping, at = not page, 0
    for line in page:
        if line.strip() == "...":
            skipping = True
            continue
        while skipping and at < len(said) and not alike(line, said[at]):
            at += 1
        if at == len(said) or not alike(line, said[at]):
            return f"{line!r}, found {said[at] if at < len(said) else 'the end'!r}"
        skipping, at = False, at + 1
    return None if skipping or at == len(said) else f"the end, found {said[at]!r}"
