"""The history of a fit, under the names of Keras and those that SciKeras has for them."""

from typing import Any


class History(dict[str, Any]):
    """Loss and metrics, a value an epoch, by the names in Keras' logs.

    What was compiled in short is found by its full name too, as in SciKeras:
    ``history["mean_absolute_error"]`` where the log says ``"mae"``.
    """

    def __getattr__(self, name: str) -> Any:
        # Of Keras' History object, as fit() of older wrappers returned it.
        said = {
            "history": "it is a dict itself: history_['loss']",
            "epoch": "range(current_epoch_) are the epochs",
            "model": "model_ is the trained Keras model",
            "params": "get_params() returns the parameters",
        }
        hint = f"; {said[name]}" if name in said else ""
        raise AttributeError(f"history_ has no attribute {name!r}{hint}")

    def __missing__(self, name: str) -> Any:
        own = self._short(name)
        if own is None:
            raise KeyError(name)
        return self[own]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._short(name) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """Return the values under a name, ``default`` without any."""
        try:
            return self[name]
        except KeyError:
            return default

    def _short(self, name: object) -> str | None:
        """Return the name in the logs of what has this full name, None if there is none."""
        from gridlanes.networks.metric_names import full_name

        return next((own for own in self if own != name and full_name(own) == name), None)
