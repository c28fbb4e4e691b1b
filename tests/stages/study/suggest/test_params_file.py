"""Entries set in the text of params.yaml."""

import pytest
from suggesting import PARAMS

from stages.study.errors import InputError
from stages.study.suggest import params_file
from stages.study.suggest.params_file import Entry


def test_entries_are_set_in_the_text_as_it_stands():
    assert params_file.changed(PARAMS, {"data": {"target": Entry("old")}}) == PARAMS
    text = params_file.changed(
        PARAMS,
        {
            "cross_validate": {"folds": Entry(4, "why")},
            "model": {"target": Entry("standard")},
            "grid_search": {"seeds": Entry([1, 2])},
        },
    )
    assert text == PARAMS.replace(
        "  folds: 10\n", "  folds: 4                      # why\n"
    ).replace("minmax\n", "minmax\n  target: standard\n").replace("seeds: null  ", "seeds: [1, 2]")
    without = PARAMS.replace("nested_cv:\n  outer: 10\n\n", "")
    added = params_file.changed(without, {"nested_cv": {"outer": Entry(4)}})
    assert added == without + "\nnested_cv:\n  outer: 4\n"


def test_lists_grow_as_they_are_written():
    text = PARAMS.replace("scoring: [accuracy, roc_auc]", "scoring: ['accuracy']   # mine")
    wanted = Entry(["accuracy", "r2"])
    assert params_file.changed(text, {"cross_validate": {"scoring": wanted}}) == text.replace(
        "['accuracy']   #", "['accuracy', r2] #"
    )


def test_anchors_are_no_way_to_lose_anything():
    text = PARAMS.replace("scaler: minmax", "scaler: &s minmax").replace(
        'title: "Old one"', "title: *s"
    )
    assert params_file.changed(text, {"data": {"target": Entry("new")}}) == text.replace(
        "target: old", "target: new"
    )
    with pytest.raises(InputError, match=r"params.yaml: report: init cannot edit it: .*alias"):
        params_file.changed(text, {"report": {"best": Entry(3)}})
