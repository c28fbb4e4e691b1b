"""Training curves of fits that end at different epochs."""

import pandas as pd
import pytest

from stages.reporting.figures import folds
from stages.study.training_curves import ends_apart, last_epochs, of_fits

LONG, SHORT = {"loss": [3.0, 2.0, 1.0]}, {"loss": [3.0, 2.5]}


@pytest.mark.parametrize(
    ("fits", "apart"),
    [
        ([({"fold": 0}, LONG), ({"fold": 1}, SHORT)], True),
        ([({"fold": 0}, LONG), ({"fold": 1}, LONG)], False),
        # Candidates may have epochs of their own.
        ([({"candidate": 0, "fold": 0}, LONG), ({"candidate": 1, "fold": 0}, SHORT)], False),
        ([({"candidate": 0, "seed": n, "fold": 0}, own) for n, own in enumerate((LONG, SHORT))], True),
    ],
)  # fmt: skip
def test_the_end_of_each_fit_is_its_own(fits, apart):
    curves = of_fits(fits)
    assert last_epochs(curves)["loss"].tolist() == [own["loss"][-1] for _, own in fits]
    assert ends_apart(curves) == apart


def test_axes_say_of_which_rows():
    table = pd.DataFrame({"fold": 0, "epoch": [1, 2], "loss": 1, "val_loss": 2, "learning_rate": 3})
    figure = folds.curves(table, ["loss", "val_loss", "learning_rate"])
    said = [axes.get_ylabel() for axes in figure.axes]
    assert said == ["loss on training rows", "loss on rows held out", "learning rate"]
