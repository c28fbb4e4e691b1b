"""What init makes of a target: its task, scorers and folds."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold
from suggesting import ROWS, cells, suggested

from stages import preprocess
from stages.study.errors import InputError
from stages.study.sections.data import Data, Preprocess


@pytest.mark.parametrize(
    ("target", "task", "scoring", "entries"),
    [
        (ROWS % 2, "classification", "accuracy", {}),
        (np.where(ROWS % 20 == 0, "sick", "well"), "classification", "average_precision",
         {"positive": "sick"}),
        (np.where(ROWS % 20 == 0, 0, 1), "classification", "average_precision", {"positive": 0}),
        (ROWS % 3 + 1, "classification", "accuracy", {}),
        (np.where(ROWS % 12 > 1, "a", np.where(ROWS % 12 > 0, "b", "c")), "classification",
         "balanced_accuracy", {}),
        (ROWS % 2 == 0, "classification", "accuracy", {"positive": "True"}),
        (np.where(ROWS % 2, "+", "-"), "classification", "accuracy", {"positive": "-"}),
        (ROWS * 1.5, "regression", "r2", {}),
        (ROWS % 2 + 0.5, "regression", "r2", {}),
        (ROWS * 7 % 101, "regression", "r2", {}),
        (np.where(ROWS % 40, ROWS / 200, np.nan), "regression", "r2", {"missing_target": "drop"}),
    ],
)  # fmt: skip
def test_task_and_scorer_suit_the_target(begin, target, task, scoring, entries):
    settings = begin({"x": ROWS % 7 * 1.5, "y": target})
    assert settings.data.task == task
    assert settings.grid_search.scoring == scoring
    found = settings.data.model_dump()
    assert {key: found[key] for key in entries} == entries
    assert (settings.preprocess.classes == "any") == (task == "regression")
    far = task == "regression" and np.nanstd(target) > 3
    assert settings.model.target == ("standard" if far else "none")
    if task == "classification":
        labels = {own if type(own) is int else str(own) for own in target.tolist()}
        assert {*settings.preprocess.classes} == labels


@pytest.mark.parametrize("rows", range(2, 13))
def test_no_class_is_too_rare_for_the_folds(begin, rows):
    y = np.array(["a"] * rows + ["b"] * (60 - rows))
    settings = begin({"x": np.arange(60) % 7, "y": y})
    with warnings.catch_warnings(action="error"):
        list(StratifiedKFold(settings.cross_validate.folds).split(y, y))
        inner = StratifiedKFold(settings.grid_search.cv)
        outer = settings.nested_cv.outer
        for train, _ in StratifiedKFold(outer).split(y, y) if outer else []:
            list(inner.split(y[train], y[train]))
    assert settings.cross_validate.folds == min(10, rows)
    assert (settings.nested_cv.outer == 0) == (rows == 2)


def test_classes_of_few_rows_are_left_out_beside_others(begin):
    y = np.array(["a"] * 50 + ["b"] * 50 + ["c"] * 16 + ["d"] * 3 + ["e\n#: f"])
    settings = begin({"x": ROWS % 7, "y": y})
    assert settings.preprocess.min_class_rows == 5
    assert settings.cross_validate.folds == 10
    assert "# leaves out d (3), e #: f (1)" in Path("params.yaml").read_text()


AMOUNTS = {
    "percent": (lambda n: f"{n % 25}%", "'0%'"),
    "money": (lambda n: f"${n * 7919 % 9000 + 1000:,}", "'$1,000'"),
    "units": (lambda n: f"{n} kg", "'0 kg'"),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_amounts_with_something_around_them_are_no_classes(study, case):
    write, such = AMOUNTS[case]
    with pytest.raises(InputError, match="target holds numbers with something around") as caught:
        suggested(study, {"x": ROWS % 7, "y": cells(write)})
    assert f"such as {such}; write numbers alone" in str(caught.value)


@pytest.mark.parametrize(("written", "told"), [("{}%", True), ("<={}K", False), ("{}", False)])
def test_few_of_them_are_classes_in_doubt(study, written, told):
    said = "classes that are numbers with something around them"
    table = {"x": ROWS % 7, "y": cells(lambda n: written.format(n % 3 * 10))}
    found = suggested(study, table)
    data = Data(path="data/raw/table.csv", target="y", task="classification")
    doubts = preprocess.prepare(data, Preprocess()).profile["doubts"]
    assert [any(said in own for own in doubt) for doubt in (found.doubts, doubts)] == [told] * 2
