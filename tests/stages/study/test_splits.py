"""How params.yaml says that rows are split, by scikit-learn, and which splits cannot be."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold
from tiny import tiny_params, write_params

from stages.study import params
from stages.study.errors import InputError
from stages.study.prepared import Prepared
from stages.study.sections.splitting import Splitting
from stages.study.split_checks import check_splits
from stages.study.splits import make_folds, split_by

ROWS = 60
A = np.random.default_rng(1).normal(size=ROWS)
LABELS = (np.arange(ROWS) % 3 == 0).astype(int)
GROUPS = np.arange(ROWS) // 4


def prepared(groups=None, labels=LABELS, task="classification") -> Prepared:
    own = None if groups is None else pd.Series([f"g{own}" for own in groups])
    profile = {"task": task, "groups": {"column": "person"}}
    return Prepared(pd.DataFrame({"a": A[: len(labels)]}), pd.Series(labels), profile, own)


def folds_of(data: Prepared, **said) -> list:
    return list(make_folds(data, 3, 7, Splitting(**said)).split(data.X, data.y, split_by(data)))


def assert_equal(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        for rows, expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(rows, expected)


KINDS = {
    "kfold": (KFold, None),
    "stratified": (StratifiedKFold, None),
    "group": (GroupKFold, GROUPS),
    "stratified_group": (StratifiedGroupKFold, GROUPS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_scikit_learns_whatever_the_table_would_have(kind):
    theirs, groups = KINDS[kind]
    data = prepared(groups)
    names = None if groups is None else split_by(data)
    shuffled = [theirs(3, shuffle=True, random_state=7 + repeat) for repeat in range(3)]
    expected = [fold for own in shuffled for fold in own.split(A, LABELS, names)]
    assert_equal(folds_of(data, kind=kind, repeats=3), expected)
    # The first repeat has the folds of a study without repeats.
    assert_equal(folds_of(data, kind=kind), expected[:3])
    assert make_folds(data, 3, 7, Splitting(kind=kind, repeats=3)).get_n_splits() == 9
    assert_equal(folds_of(data, kind=kind, shuffle=False), theirs(3).split(A, LABELS, names))


def test_seeds_of_repeats_stay_within_what_scikit_learn_takes():
    data, split = prepared(), Splitting(repeats=2)
    last = list(make_folds(data, 3, 2**32 - 1, split).split(data.X, data.y))[3:]
    assert_equal(last, StratifiedKFold(3, shuffle=True, random_state=0).split(A, LABELS))


#: What data says of a table, what a split says, and what the answer begins with.
REFUSED = [
    ({"groups": "BMI"}, {"kind": "kfold"}, "kind: would have rows of one BMI on both sides of a split, so that what is learnt of it leaks into the test, in spite of data.groups; allowed are auto, group, stratified_group; found 'kfold'"),
    ({"groups": "BMI"}, {"kind": "stratified"}, "kind: would have rows of one BMI on both sides"),
    ({"groups": "BMI"}, {"kind": "time"}, "kind: needs data.time, the column of times; allowed are auto, group"),
    ({"time": "BMI"}, {"kind": "stratified"}, "kind: would train on rows that are later than those tested, in spite of data.time; allowed are auto, time; found 'stratified'"),
    ({}, {"kind": "stratified_group"}, "kind: needs data.groups, the column whose groups stay together; allowed are auto, kfold, stratified; found"),
    ({}, {"kind": "time"}, "kind: needs data.time, the column of times; allowed are"),
    ({"task": "regression"}, {"kind": "stratified"}, "kind: keeps the shares of classes, which a regression has not; allowed are auto, kfold; found 'stratified'"),
    ({"task": "regression", "groups": "BMI"}, {"kind": "stratified_group"}, "kind: keeps the shares of classes"),
    ({"time": "BMI"}, {"shuffle": True}, "shuffle: cannot be true with data.time"),
    ({"time": "BMI"}, {"repeats": 2}, "repeats: must be 1 with data.time: the same folds again; found 2"),
    ({}, {"repeats": 2, "shuffle": False}, "repeats: must be 1 without shuffle: the same folds again; found 2"),
    ({}, {"repeats": 101}, "repeats: must be less than or equal to 100; found 101"),
    ({}, {"repeats": 0}, "repeats: must be greater than or equal to 1; found 0"),
    ({}, {"kind": "strat"}, "kind: must be 'auto', 'stratified', "),
    ({}, {"kinds": "kfold"}, "kinds: unknown key; did you mean 'kind'? Allowed: kind, repeats, shuffle"),
    ({}, {"shuffle": "yes"}, "shuffle: must be true or false; found 'yes'"),
]  # fmt: skip


@pytest.mark.parametrize("section", ["cross_validate", "grid_search", "nested_cv"])
@pytest.mark.parametrize(("data", "split", "says"), REFUSED)
def test_what_cannot_be_is_a_line_at_its_key(tmp_path, section, data, split, says):
    content = tiny_params()
    content["data"] |= data
    content[section]["split"] = split
    write_params(content, tmp_path)
    path = tmp_path / "params.yaml"
    with pytest.raises(InputError) as caught:
        params.load(path)
    assert str(caught.value).startswith(f"{path}: {section}.split.{says}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("section", "key"), [("cross_validate", "folds"), ("grid_search", "cv"), ("nested_cv", "outer")]
)
def test_how_many_folds_there_are_stays_where_it_is(tmp_path, section, key):
    content = tiny_params()
    content[section]["split"] = {"kind": "kfold", "folds": 5}
    write_params(content, tmp_path)
    with pytest.raises(InputError, match=f"{section}.split: takes no folds: .* the key {key} besi"):
        params.load(tmp_path / "params.yaml")


def test_a_name_alone_is_a_kind_and_nothing_is_auto(tmp_path):
    content = tiny_params()
    content["grid_search"]["split"], content["nested_cv"]["split"] = "kfold", None
    write_params(content, tmp_path)
    settings = params.load(tmp_path / "params.yaml")
    assert settings.grid_search.split.kind == "kfold"
    assert settings.nested_cv.split == settings.cross_validate.split == Splitting()


def test_repeats_with_the_folds_of_another_are_refused():
    options = {"folds": 3, "seed": 7, "scoring": ["accuracy"], "key_path": "grid_search.cv"}
    few = prepared(np.arange(ROWS) % 4)
    with pytest.raises(
        InputError, match=r"grid_search.split.repeats: repeat \d+ would have the"
    ) as e:
        check_splits(few, **options, split=Splitting(kind="group", repeats=50))
    assert "4 groups have few ways to be divided; found 50" in str(e.value)
    # Groups of different sizes, which chance does not place.
    sizes = np.repeat(np.arange(10), np.arange(10) + 1)
    uneven = prepared(sizes, sizes % 2)
    with pytest.raises(
        InputError, match="repeat 1 would have the folds of repeat 0 .* kind: group "
    ):
        check_splits(uneven, **options, split=Splitting(repeats=2))
    assert len(check_splits(uneven, **options, split=Splitting(kind="group", repeats=2))) == 6
    tiny = prepared(labels=np.arange(6) % 2)
    with pytest.raises(InputError, match="6 rows have few ways to be divided"):
        check_splits(tiny, **options, split=Splitting(repeats=100))


def test_folds_without_strata_are_checked_one_by_one():
    data = prepared(labels=(np.arange(ROWS) >= 40).astype(int))
    options = {"folds": 3, "seed": 7, "scoring": ["roc_auc"], "key_path": "cross_validate.folds"}
    with pytest.raises(InputError, match="fold 0 of 3: 'roc_auc' is not defined on its 20 test ro"):
        check_splits(data, **options, split=Splitting(kind="kfold", shuffle=False))
    assert len(check_splits(data, **options, split=Splitting(kind="kfold"))) == 3
    assert check_splits(data, **options, split=Splitting()) == []


@pytest.mark.parametrize(
    ("name", "labels", "absent"),
    [
        ("neg_log_loss", np.where((np.arange(ROWS) < 20) | (LABELS == 0), "a", "b"), "b"),
        ("roc_auc_ovr", np.where(np.arange(ROWS) < 40, np.arange(ROWS) % 2, 2), 2),
    ],
)
def test_a_class_that_a_fold_does_not_test_is_named(name, labels, absent):
    """Of scorers that are not defined then, each for a reason in words of its own."""
    how = Splitting(kind="kfold", shuffle=False)
    with pytest.raises(InputError) as error:
        check_splits(prepared(labels=labels), 3, 7, [name], "grid_search.cv", how)
    assert str(error.value) == (
        f"params.yaml: grid_search.cv: fold 0 of 3: {name!r} cannot score it: no test row is of "
        f"class {absent!r}; fewer folds or another scorer may help"
    )
