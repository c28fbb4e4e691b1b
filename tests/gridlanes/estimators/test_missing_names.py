"""Attributes that are not there: errors say what to write."""

import pickle

import pytest
from sklearn.base import clone

from gridlanes import KerasClassifier
from gridlanes.estimators.history import History


def build(hidden=2):
    raise AssertionError("nothing is built")


class Forgetful(KerasClassifier):
    def __init__(self, hidden=9, optimizer="adam", optimizer__learning_rate=0.001, **options):
        super().__init__(**options)
        self.hidden = hidden
        self.optimizer = optimizer


class Keeping(Forgetful):
    def __init__(self, hidden=9, optimizer="adam", optimizer__learning_rate=0.001, **options):
        super().__init__(hidden, optimizer, **options)
        self.optimizer__learning_rate = optimizer__learning_rate


@pytest.mark.parametrize("use", [repr, clone, lambda own: own.get_params()])
def test_a_parameter_that_a_subclass_does_not_keep(use):
    said = (
        r"Forgetful.__init__\(\) takes 'optimizer__learning_rate', but does not keep it: set "
        "self.optimizer__learning_rate = optimizer__learning_rate there"
    )
    with pytest.raises(AttributeError, match=said):
        use(Forgetful(build))
    use(Keeping(build))


def test_methods_of_older_wrappers():
    own = KerasClassifier(build)
    with pytest.raises(AttributeError, match=r"no attribute 'predict_classes'; predict\(\) return"):
        own.predict_classes([[1]])
    with pytest.raises(AttributeError, match=r"'summary'; model_ is the trained Keras model"):
        own.summary()
    with pytest.raises(
        AttributeError, match=r"no attribute 'history'; history_ has .*_\['loss'\]$"
    ):
        own.history()
    with pytest.raises(AttributeError, match=r"'evaluate'; score\(X, y\) .*model_.evaluate\("):
        own.evaluate([[1]], [1])
    with pytest.raises(AttributeError, match=r"'sk_params'; get_params\(\) returns"):
        own.sk_params()
    assert not hasattr(own, "nothing_of_this_name")


def test_the_history_is_no_object_of_keras():
    losses = pickle.loads(pickle.dumps(History(loss=[1.0])))
    with pytest.raises(AttributeError, match=r"it is a dict itself: history_\['loss'\]$"):
        losses.history()
    assert not hasattr(losses, "nothing_of_this_name")
    assert losses["loss"] == [1.0]
