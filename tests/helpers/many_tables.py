"""The 24 tables of docs/how-to/your-data.md: how each is made, what is said of it, and what helps.

    python tests/helpers/many_tables.py

prints the rows of the guide's table.
"""

import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from ruamel.yaml import YAML
from table_files import (
    HTML,
    ROWS,
    among,
    comments,
    csv,
    days,
    of_a_hundred,
    parquet,
    passengers,
    plain,
    twice,
    wide,
    workbook,
    zipped,
)

#: So much of a line is shown in the guide.
WIDTH = 160


class Case(NamedTuple):
    """A table as somebody brings it.

    Attributes
    ----------
    words : str
        What it is.
    file : str
        Its name.
    content : callable
        Returns its bytes.
    says : str
        What a run says, with no more in params.yaml than path, target and task: a warning, or an
        error. Empty if there is nothing to be said.
    settings : tuple of str
        Lines that make of it what was meant, each a key path and a value.
    becomes : str
        What ``preprocess`` prints then; empty if nothing helps.
    rows : int
        How many there are then.
    by_init : str or None
        What it, or ``init``, says where ``init`` cannot know what is meant; None where it does.
    """

    words: str
    file: str
    content: Callable[[], bytes]
    says: str = ""
    settings: tuple[str, ...] = ()
    becomes: str = "2 columns as features: 2 numbers"
    rows: int = ROWS
    by_init: str | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The settings as key paths and values."""
        read = YAML(typ="safe").load
        pairs = (line.split(": ", 1) for line in self.settings)
        return {key: read(value) for key, value in pairs}

    @property
    def row(self) -> str:
        """The row of the guide."""
        said = "<br>".join(map(self._shown, self.says.splitlines()))
        runs = "runs" if not said else "runs, and warns:<br>" if self.warns else "error:<br>"
        lines = "<br>".join(f"`{line}`" for line in self.settings)
        if lines and self.by_init is not None:
            lines = f"by hand:<br>{lines}"
        return f"| {self.words} | {runs}{said} | {lines} |"

    @property
    def warns(self) -> bool:
        """Whether it runs, but not without a warning."""
        return self.says.startswith("warning: ")

    def _shown(self, line: str) -> str:
        """Return a line of a message without what is the same in all, and not too long."""
        for begin in ("error: ", "warning: ", f"data/raw/{self.file}: "):
            line = line.removeprefix(begin)
        return f"`{textwrap.shorten(line, WIDTH, placeholder=' ...')}`"


# fmt: off
CASES = (
    Case(
        "text columns, among them names and tickets; line ends of Windows", "passengers.csv", passengers,
        says="error: data/raw/passengers.csv: 4 columns hold text, and params.yaml does not say of which kind: 'name', 'sex', 'ticket', 'port'; to paste below data, after a look:\ncategorical: [sex, port]\nexclude: [name, ticket]",
        settings=("data.categorical: [sex, port]", "data.exclude: [name, ticket]"),
        becomes="4 columns as features: 2 numbers, 2 categories (sex: 2 values, port: 3 values); left out: name, ticket",
    ),
    Case(
        "yes and no in words", "words.csv", lambda: csv(plain(smokes=among("Yes", "no"), member=among("J", "N", ""), alive=among("dead", "alive"))),
        says="error: data/raw/words.csv: a column holds text, and params.yaml does not say of which kind: 'alive'; to paste below data, after a look:\ncategorical: [alive]",
        settings=("data.booleans: {alive: [dead, alive]}",),
        becomes="5 columns as features: 2 numbers, 3 booleans (smokes: no is 0, yes is 1, member: n is 0, j is 1, alive: dead is 0, alive is 1)",
        by_init="5 columns as features: 2 numbers, 2 booleans (smokes: no is 0, yes is 1, member: n is 0, j is 1), 1 category (alive: 2 values)",
    ),
    Case(
        "dates in three formats", "dates.csv", lambda: csv(plain(ordered=days("%Y-%m-%d"), sent=days("%d.%m.%Y"), paid=among("3/4/2024", "5/6/2024", "7/8/2024"))),
        says="error: data/raw/dates.csv: 3 columns hold text, and params.yaml does not say of which kind: 'ordered', 'sent', 'paid'; to paste below data, after a look:\ndates: [ordered, sent]\ncategorical: [paid]",
        settings=('data.dates: {ordered: ISO8601, sent: "%d.%m.%Y", paid: "%d/%m/%Y"}',),
        becomes="5 columns as features: 2 numbers, 3 dates (ordered: written as ISO8601, sent: written as %d.%m.%Y, paid: written as %d/%m/%Y)",
        by_init="4 columns as features: 2 numbers, 2 dates (ordered: written as ISO8601, sent: written as %d.%m.%Y); left out: paid",
    ),
    Case(
        "a number of each row's own", "id.csv", lambda: csv(plain(120, id=range(1, 121))),
        says="warning: data/raw/id.csv: different in nearly every row, as ids are, of which nothing is learnt that holds for new rows: 'id'",
        settings=("data.exclude: [id]",),
        becomes="2 columns as features: 2 numbers; left out: id",
        rows=120,
    ),
    Case(
        "several rows of each patient", "patients.csv", lambda: csv(plain(patient=[f"p{n // 3:02}" for n in range(ROWS)])),
        says="error: data/raw/patients.csv: a column holds text, and params.yaml does not say of which kind: 'patient'; to paste below data, after a look:\nexclude: [patient] # or, if several rows belong to one, groups: patient",
        settings=("data.groups: patient",),
        becomes="2 columns as features: 2 numbers; no features: patient (data.groups)",
    ),
    Case(
        "semicolons and decimal commas", "german.csv", lambda: csv(plain(), sep=";", decimal=","),
        says="error: data/raw/german.csv: column 'a' and 1 other column: numbers written as '1,35': in params.yaml data.decimal: \",\" reads it, or data.categorical: [a, b] takes them for categories",
        settings=('data.decimal: ","',),
    ),
    Case(
        "tabs in UTF-16, Excel's Unicode text", "unicode.txt", lambda: csv(plain(), "utf-16", sep="\t"),
    ),
    Case(
        "a first line that names the separator", "excel.csv", lambda: b"sep=;\n" + csv(plain(), sep=";"),
    ),
    Case(
        "comment lines", "comments.csv", comments,
        says="error: data/raw/comments.csv: line 3: must have 1 value, as the header has; found 3, as in 60 rows more; values are separated by commas\nIf lines that begin with # are comments, data.comment (for new rows --comment) says so.",
        settings=('data.comment: "#"',),
    ),
    Case(
        "Latin-1", "latin.csv", lambda: csv(plain().rename(columns={"a": "größe"}), "latin-1"),
        says="error: data/raw/latin.csv: line 1: cannot be read: not text in utf-8; if it is of another encoding, such as latin-1, data.encoding (for new rows --encoding) says which",
        settings=("data.encoding: latin-1",),
    ),
    Case(
        "a zip archive of one table (gzip, bzip2 and xz alike)", "table.zip", zipped,
    ),
    Case(
        "a workbook of two sheets", "book.xlsx", workbook,
        says="error: data/raw/book.xlsx: several sheets; data.sheet (of init and predict: --sheet) says which is the table, of: notes, data",
        settings=("data.sheet: data",),
        by_init="error: data/raw/book.xlsx: several sheets; data.sheet (of init and predict: --sheet) says which is the table, of: notes, data",
    ),
    Case(
        "Parquet with categories, booleans and dates", "typed.parquet", parquet,
        says="error: data/raw/typed.parquet: 2 columns hold text, and params.yaml does not say of which kind: 'kind', 'sold'; to paste below data, after a look:\ndates: [sold]\ncategorical: [kind]",
        settings=("data.categorical: [kind]", "data.dates: [sold]"),
        becomes="5 columns as features: 2 numbers, 1 boolean (new: false is 0, true is 1), 1 category (kind: 3 values), 1 date (sold: written as ISO8601)",
    ),
    Case(
        "a column without a name, and two of the same", "names.csv", twice,
        says="error: data/raw/names.csv: 2 findings\n1. line 1: column 1 has no name\n   Give it a name of its own, or leave it out by data.exclude in params.yaml.\n2. line 1: columns 4 and 5 are both 'c'",
        settings=('data.exclude: ["", c]',),
        becomes="2 columns as features: 2 numbers; left out: column 1 (no name), c, c",
    ),
    Case(
        "NA, ? and - where nothing was measured", "markers.csv", lambda: csv(plain(c=among("NA", 1.5, 3, "?", 2, 4, "-", 1))),
        becomes="3 columns as features: 3 numbers",
    ),
    Case(
        "-999 where nothing was measured", "sentinel.csv", lambda: csv(plain(c=among(-999, 1.5, 2))),
        settings=("data.missing: {c: [-999]}",),
        becomes="3 columns as features: 3 numbers",
        by_init="3 columns as features: 3 numbers",
    ),
    Case(
        "labels 01, 1, 1e3 and 1000", "labels.csv", lambda: csv(plain(y=among("01", "1", "1e3", "1000"))),
        says="warning: data/raw/labels.csv: the target 'y' has classes that may be one, written in several ways: '01' and '1', '1000' and '1e3'; write each in one way in the file",
        settings=('preprocess.classes: ["01", "1", "1e3", "1000"]',),
    ),
    Case(
        "a class of one row", "rare.csv", lambda: csv(plain(y=["odd", *among("no", "yes", rows=59)])),
        says="error: params.yaml: grid_search.cv: must be at most 1, the rows of the rarest class, 'odd'; found 2\npreprocess.min_class_rows: 2 leaves such classes out: 'odd' (1)",
        settings=("preprocess.min_class_rows: 5",),
        rows=59,
    ),
    Case(
        "6 % positives", "few.csv", lambda: csv(plain(200, y=np.where(np.arange(200) % 16, "no", "yes"))),
        says="warning: params.yaml: grid_search.scoring: accuracy says little here: 93.5% of the rows are of class 'no', and always naming it is right as often; roc_auc, average_precision and balanced_accuracy look at the others",
        settings=('data.positive: "yes"', "grid_search.scoring: average_precision"),
        rows=200,
    ),
    Case(
        "rows without a target", "half.csv", lambda: csv(plain(y=among("no", "yes", "no", "NA"))),
        says="error: data/raw/half.csv: line 5, column 'y': the target is missing (15 such rows: 'NA' in 15); every row needs one\nparams.yaml: data.missing_target: drop leaves them out; what preprocess.classes lists is a class, never missing",
        settings=("data.missing_target: drop",),
        rows=45,
    ),
    Case(
        "a weight of each row", "survey.csv", lambda: csv(plain(w=among(0.5, 1, 2))),
        settings=("data.weights: w",),
        becomes="2 columns as features: 2 numbers; no features: w (data.weights)",
        by_init="3 columns as features: 3 numbers",
    ),
    Case(
        "64 rows of 6,830 columns", "genes.csv", wide,
        becomes="6830 columns as features: 6830 numbers",
        rows=64,
    ),
    Case(
        "101 whole numbers as classes", "codes.csv", of_a_hundred,
        says="warning: data/raw/codes.csv: the target 'y' has 101 classes, all of them whole numbers; data.task: regression predicts numbers",
        settings=("data.task: regression", "cross_validate.scoring: [r2]", "grid_search.scoring: r2"),
        rows=404,
    ),
    Case(
        "a web page, since the download asked for a login", "page.csv", lambda: HTML,
        says="error: data/raw/page.csv: cannot be read: looks like a web page\nA download may have asked for a login.",
        becomes="",
        rows=0,
        by_init="error: data/raw/page.csv: cannot be read: looks like a web page\nA download may have asked for a login.",
    ),
)
# fmt: on


if __name__ == "__main__":
    print("\n".join(case.row for case in CASES))
