"""What an estimator says of an attribute that it lacks."""

from typing import Any

#: Methods and attributes of Keras' older wrappers, and what does the same.
INSTEAD = {
    "check_params": "set_params() refuses what reaches nothing",
    "evaluate": "score(X, y) judges predictions; of Keras' loss and metrics: model_.evaluate("
    "feature_encoder_.transform(X), target_encoder_.transform(y))",
    "history": "history_ has a list for each loss and metric: history_['loss']",
    "predict_classes": "predict() returns labels",
    "sk_params": "get_params() returns the parameters",
    "summary": "model_ is the trained Keras model: model_.summary()",
}


def missing_attribute(estimator: Any, name: str) -> AttributeError:
    """Return the error for an attribute that an estimator lacks, with what helps if that is known.

    A parameter that a subclass takes and does not keep is one, too: scikit-learn reads parameters
    from attributes.
    """
    kind = type(estimator).__name__
    if not name.startswith("_") and name in estimator._get_param_names():  # noqa: SLF001
        return AttributeError(
            f"{kind}.__init__() takes {name!r}, but does not keep it: set self.{name} = {name} "
            "there"
        )
    hint = f"; {INSTEAD[name]}" if name in INSTEAD else ""
    return AttributeError(f"{kind!r} object has no attribute {name!r}{hint}")
