"""The history of a fit, under the names of Keras and those that SciKeras has for them."""

from typing import Any


class History(dict[str, Any]):
    """Loss and metrics, a value an epoch, by the names in Keras' logs.

    What was compiled in short is found by its full name too, as in SciKeras:
    ``history["mean_absolute_error"]`` where the log says ``"mae"``.
    """

    def __missing__(self, name: str) -> Any:
        for own in self:
            if name != own and name == _full(own):
                return self[own]
        raise KeyError(name)


def _full(name: str) -> str | None:
    """Return the full name of a metric of Keras, None for another's."""
    import keras

    head = "val_" if name.startswith("val_") else ""
    try:
        metric = keras.metrics.get(name.removeprefix(head))
    except ValueError:
        return None
    if isinstance(metric, keras.metrics.Metric):
        words = type(metric).__name__
        return head + "".join(f"_{c.lower()}" if c.isupper() else c for c in words).lstrip("_")
    return f"{head}{metric.__name__}" if hasattr(metric, "__name__") else None
