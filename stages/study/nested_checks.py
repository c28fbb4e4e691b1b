"""What can be checked of the nested cross-validation before any training starts."""

from stages.study.checks import check_data, check_scoring
from stages.study.errors import InputError
from stages.study.params import Params
from stages.study.prepared import Prepared
from stages.study.search import all_shares
from stages.study.split_checks import (
    check_inner_splits,
    check_permutations,
    check_splits,
    even,
    every_fold,
)
from stages.study.splits import make_folds
from stages.study.threshold_checks import check_thresholds
from stages.study.watched_rows import check_held_out


def check_nested(settings: Params, data: Prepared) -> None:
    """Check that the search can be repeated in outer folds, and on permuted labels, as asked.

    Raises
    ------
    InputError
    """
    section, inner = settings.nested_cv, settings.grid_search
    if section.outer:
        _check_outer(settings, data)
    if section.permutations:
        check_permutations(data)
    if section.outer:
        folds = [
            make_folds(data, section.outer, settings.seed, section.split),
            make_folds(data, inner.cv, settings.seed, inner.split),
        ]
        check_held_out(data, settings.seed, all_shares(settings), folds)


def _check_outer(settings: Params, data: Prepared) -> None:
    """Check the outer folds, and that the inner ones can be cut from their training rows."""
    outer, scoring = settings.nested_cv.outer, settings.grid_search.chooser
    check_data(data, settings.model, outer, "nested_cv.outer")
    check_scoring([scoring], data, outer, "nested_cv.outer")
    split, inner, splits = settings.nested_cv.split, settings.grid_search, []
    check_splits(data, outer, settings.seed, [scoring], "nested_cv.outer", split)
    if not even(data, inner.split) or inner.split.repeats > 1:
        splits = every_fold(data, outer, settings.seed, split)
        check_inner_splits(data, splits, inner.cv, settings.seed, [scoring], inner.split)
    # The training rows of an outer fold are what is left to cut inner folds from.
    share = 1 - 1 / outer
    profile = data.profile
    if data.task == "classification":
        classes = [{**own, "rows": int(own["rows"] * share)} for own in profile["classes"]]
        profile = {**profile, "classes": classes}
    rows = int(len(data.y) * share)
    left = Prepared(data.X[:rows], data.y[:rows], profile)
    lefts = [data.rows(train) for train, _ in splits] or [left]
    cv, seed = settings.grid_search.cv, settings.seed
    try:
        check_data(left, settings.model, cv, "grid_search.cv")
        for own in lefts:
            check_thresholds(own, cv, seed, [scoring], "grid_search.cv", inner.split)
    except InputError as error:
        first, *others = str(error).splitlines()
        where = f"{first}, in an outer fold of nested_cv.outer: {outer}"
        raise InputError("\n".join([where, *others])) from None
