"""Which scorers suit a target, beside what scikit-learn names them for."""

import pytest
from sklearn.metrics import get_scorer_names

from stages.study.suited import scores, why_no_classes, why_no_regression

#: What scikit-learn lists under "Regression" of its table of scorers.
REGRESSION = {
    *("r2", "explained_variance", "neg_max_error", "neg_mean_absolute_percentage_error"),
    *(name for name in get_scorer_names() if name.endswith(("_error", "_deviance"))),
}
#: Those of probabilities and of labels, but for those that compare clusters.
OF_CLASSES = {
    *("accuracy", "balanced_accuracy", "average_precision", "matthews_corrcoef", "neg_log_loss"),
    *(name for name in get_scorer_names() if name.startswith(("f1", "roc_auc", "jaccard", "recall"))),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REGRESSION))
def test_what_is_for_numbers_suits_a_regression(name):
    assert why_no_regression(name) is None


@pytest.mark.parametrize("name", sorted(OF_CLASSES))
def test_what_is_for_classes_does_not(name):
    assert "it scores classes; such as r2" in str(why_no_regression(name))


def test_why_classes_cannot_be_scored():
    assert scores("accuracy", "texts")
    assert why_no_classes("accuracy", 3, texts=True) is None
    assert why_no_classes("f1", 3, texts=False) == "it scores two classes; found 3"
    assert why_no_classes("r2", 2, texts=True) == "it scores numbers, and the classes are texts"
    assert (
        why_no_classes("f1_samples", 2, texts=False) == "it scores neither two classes nor several"
    )
