"""How the layers of a model are wired, as plain data: nothing of what each of them does."""

from collections.abc import Sequence
from typing import Any

import keras

from gridlanes.compat.keras_layers import direct_layers


def wiring(model: keras.Model, layers: Sequence[keras.layers.Layer], *, sized: bool) -> Any:
    """Return how a model is wired, and what its operations do that are no layers.

    Parameters
    ----------
    model : keras.Model
    layers : list of keras.layers.Layer
        All of the model's.
    sized : bool
        Whether the shapes of tensors matter, not only their rank.
    """
    numbers = {id(layer): number for number, layer in enumerate(layers)}
    held = [direct_layers(layer) for layer in layers]
    models = [own for some in held for own in some if isinstance(own, keras.Model)]
    return {
        "graphs": [_graph(own, sized=sized) for own in (model, *models)],
        "held": [[numbers.get(id(own)) for own in some] for some in held],
    }


def _graph(model: keras.Model, *, sized: bool) -> Any:
    """Return how the layers of a model are wired, by number, and those of models in it."""
    config = model.get_config()
    numbers = {own["config"].get("name"): n for n, own in enumerate(config["layers"])}
    operations = {
        own.name
        for own in getattr(model, "operations", ())
        if not isinstance(own, keras.layers.Layer)
    }

    def numbered(value: Any) -> Any:
        """Return plain data in which layers have numbers, and tensors their rank."""
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__" and not sized:
                value = value["config"]["keras_history"]
                return numbered(value)
            return {key: numbered(own) for key, own in value.items()}
        if isinstance(value, (list, tuple)):
            return [numbered(own) for own in value]
        return numbers.get(value, value) if isinstance(value, str) else value

    wired: list[Any] = []
    for layer in config["layers"]:
        own = layer["config"]
        wired.append(numbered(layer.get("inbound_nodes")))
        if own.get("name") in operations:
            wired.append([layer["class_name"], {**own, "name": None}])
        if own.get("layers") is not None:
            wired.append(_graph(model.get_layer(own["name"]), sized=sized))
    return [wired, numbered(config.get("input_layers")), numbered(config.get("output_layers"))]
