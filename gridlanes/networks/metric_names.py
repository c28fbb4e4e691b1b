"""The names that metrics have in Keras' logs, and their full names."""

import keras


def full_name(name: str) -> str | None:
    """Return the full name of a metric in the logs of Keras, None for one that it does not have."""
    head = "val_" if name.startswith("val_") else ""
    try:
        metric = keras.metrics.get(name.removeprefix(head))
    except ValueError:
        return None
    if isinstance(metric, keras.metrics.Metric):
        words = type(metric).__name__
        return head + "".join(f"_{c.lower()}" if c.isupper() else c for c in words).lstrip("_")
    return f"{head}{metric.__name__}" if hasattr(metric, "__name__") else None
