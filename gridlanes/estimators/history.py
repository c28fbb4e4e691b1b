"""The history of a fit, under the names of Keras and those that SciKeras has for them."""

from typing import Any


class History(dict[str, Any]):
    """Loss and metrics, a value an epoch, by the names in Keras' logs.

    What was compiled in short is found by its full name too, as in SciKeras:
    ``history["mean_absolute_error"]`` where the log says ``"mae"``.
    """

    def __missing__(self, name: str) -> Any:
        from gridlanes.networks.metric_names import full_name

        for own in self:
            if name != own and name == full_name(own):
                return self[own]
        raise KeyError(name)
