"""What init suggests of a table: the study then runs, and nothing else of params.yaml changes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import suggesting
from suggesting import PARAMS, ROWS, Y, cells

from stages.init import init
from stages.study import params
from stages.study.errors import InputError

begin, study = suggesting.begin, suggesting.study

#: What is shown of a small table, its empty lines without blanks.
DIFF = """\
data/raw/table.csv: text, values between commas, utf-8; 120 rows, 4 columns
y: classification (2 classes): yes (80), no (40)
numbers: size
--- params.yaml
+++ params.yaml as suggested
@@ -3,18 +3,19 @@

 data:
   # Which table.
-  path: data/raw/old.csv
-  target: old
+  path: data/raw/table.csv
+  target: y
   features: all                 # or a list of columns
+  exclude:
+    - id                        # numbers the rows
+  categorical:
+    - kind                      # 3 values
   task: classification          # classification | regression
-  missing:                      # by column
-    a: [0]
-    # The last one.
-    b: [0]
+  positive: yes

 # What the file must be like.
 preprocess:
-  classes: [0, 1]               # or any
+  classes: [no, yes]            # or any
   max_missing: 0.5

 model:
@@ -25,7 +26,7 @@
 cross_validate:
   folds: 10
   # Scorers of scikit-learn.
-  scoring: [accuracy, roc_auc]
+  scoring: [accuracy, roc_auc, neg_log_loss]

 grid_search:
   cv: 3
@@ -41,4 +42,4 @@
   outer: 10

 report:
-  title: "Old one"
+  title: "y in table"

To look at:
  network, epochs and grid are still those of the table before
params.yaml is as it was; --write changes it
"""


def test_all_that_would_change_is_shown_and_nothing_else_changes(study, capsys):
    frame = pd.DataFrame({"id": ROWS, "size": ROWS % 7 * 1.5, "kind": list("abcb") * 30, "y": Y})
    frame.to_csv("data/raw/table.csv", index=False)
    init("data/raw/table.csv", "y")
    assert Path("params.yaml").read_text() == PARAMS
    shown = capsys.readouterr().out
    # An editor would strip the blanks of empty lines.
    assert [line.rstrip() for line in shown.splitlines()] == DIFF.splitlines()
    init("data/raw/table.csv", "y", write=True)
    assert capsys.readouterr().out == shown.replace(
        "params.yaml is as it was; --write changes it", "params.yaml: written"
    )
    # YAML 1.2, as DVC reads it: no and yes are text.
    assert params.load().preprocess.classes == ["no", "yes"]


def test_what_was_said_of_a_table_stays(study, begin, capsys):
    table = {"a": ROWS % 5, "when": ROWS % 12, "id": ROWS + 1, "x": list("abcd") * 30, "y": Y}
    begin(table)
    text = Path("params.yaml").read_text()
    mine = text.replace("    - id ", "    - when                      # mine\n    - id ").replace(
        "scoring: accuracy", "scoring: roc_auc"
    )
    assert mine.count("# mine") == 1
    Path("params.yaml").write_text(mine)
    settings = begin({**table, "new": list("pqrs") * 30})
    assert settings.data.exclude == ["when", "id"]
    assert settings.data.categorical == ["x", "new"]
    assert settings.grid_search.scoring == "roc_auc"
    assert Path("params.yaml").read_text() == mine.replace(
        "    - x                         # 4 values\n",
        "    - x                         # 4 values\n    - new                       # 4 values\n",
    )


def test_the_study_of_this_repository_stays_as_it_is(workspace, capsys):
    init("data/raw/pima-indians-diabetes.csv", "Outcome")
    assert capsys.readouterr().out.endswith("params.yaml: nothing to change\n")


def test_what_belongs_to_another_table_is_replaced(study, begin):
    """Whatever the table before it needed, told by its comments or not."""
    rare = np.where(ROWS < 6, "a", np.where(ROWS % 2, "b", "c"))
    begin({"x": cells(lambda row: row % 7 if row % 5 else ""), "y": rare}, name="rare")
    text = Path("params.yaml").read_text()
    assert text.count("# class a has 6 rows") == 2
    begin({"x": ROWS % 7, "y": ROWS * 7 % 101}, name="numbers")
    assert "target: standard              # from 0 to 100" in Path("params.yaml").read_text()
    text = Path("params.yaml").read_text().replace("max_missing: 0.5", "max_missing: 0.1")
    Path("params.yaml").write_text(text)
    begin({"x": ROWS % 7, "y": ROWS * 7 % 101 + 50}, name="larger")
    text = Path("params.yaml").read_text()
    assert "target: standard              # from 50 to 150" in text
    assert 'title: "y in larger"' in text
    settings = begin({"x": ROWS % 7, "y": ROWS * 7 % 101 / 50}, name="small")
    assert settings.model.target == "none"
    # As from the start.
    null = "  holdout: null                 # or a share\n"
    Path("params.yaml").write_text(PARAMS.replace("\nmodel:", f"{null}\nmodel:"))
    fresh = begin({"x": ROWS % 7, "y": Y}, name="last")
    # The place where a person would ask for something stays.
    assert null in Path("params.yaml").read_text()
    Path("params.yaml").write_text(text)
    begin({"x": ROWS % 7, "y": rare}, name="rare")
    assert begin({"x": ROWS % 7, "y": Y}, name="last") == fresh


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("a,b\n1,2\n", None, "--target: must name the column to predict\nThe columns are: a, b"),
        ("Age,Sex\n1,2\n", "sexe", "no column 'sexe' in data/raw/table.csv; did you mean 'Sex'?"),
        ("a,y,y\n1,2,3\n", "y", "2 columns of data/raw/table.csv are called 'y'"),
        ("a,y\n1\n1,2\n1,2,3\n\n1\n", "y", "3 rows have more or fewer values\nLines, and how many values: 2 (1), 4 (3), 6 (1)"),
        ("a,y\n" + "1,b\n" * 9 + "1,a\n", "y", "class 'a' has only one row"),
        ("a,y\n" + "".join(f"{n},n{n}\n" for n in range(50)), "y",
         "is text of 50 values in 50 rows, too many for classes"),
        ("a,y\n" + "".join(f"{n},{n or 'zero'}\n" for n in range(50)), "y",
         "missing: {y: [zero]}"),
        ("a,y\n" + "".join(f"7,{n % 2}\n" for n in range(50)), "y",
         "no column is left to learn from; 'a': one value, '7'"),
        ("a,y\n1,\n2,\n", "y", "the target is missing in every row"),
    ],
)  # fmt: skip
def test_a_table_of_which_nothing_can_be_said_is_an_error(study, text, target, said):
    Path("data/raw/table.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        init("data/raw/table.csv", target, write=True)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3
    assert Path("params.yaml").read_text() == PARAMS


def test_a_table_that_no_clone_would_have_is_told(study, capsys):
    pd.DataFrame({"x": ROWS % 7, "y": Y}).to_csv("table.csv", index=False)
    init("table.csv", "y")
    assert "table.csv is outside of data/raw" in capsys.readouterr().out
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        init("none.csv", "y")


def test_comments_outlive_tables_of_other_kinds(study, begin):
    text = PARAMS.replace("folds: 10", "folds: 10   # of the base").replace(
        "outer: 10", "outer: 10   # 0 for none"
    )
    Path("params.yaml").write_text(text)
    rare = np.where(ROWS < 7, "rare", Y)
    own = {line.partition("#")[2].strip() for line in text.splitlines() if "#" in line}
    own -= {"by column", "The last one."}
    for y in (rare, ROWS % 17 * 1.5, Y, np.where(ROWS < 5, "rare", Y), Y):
        begin({"x": ROWS % 7, "y": y}, name=f"t{len(set(y))}_{(y == y[0]).sum()}")
        lines = [
            line.partition("#")[2].strip() for line in Path("params.yaml").read_text().splitlines()
        ]
        assert {comment: lines.count(comment) for comment in own} == dict.fromkeys(own, 1)
    assert "rows" not in "".join(lines)
