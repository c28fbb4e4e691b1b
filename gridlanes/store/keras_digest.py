"""What there is to tell of Keras' objects besides their configuration.

Told from the names of their modules, without loading Keras.
"""

import functools
import inspect
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gridlanes.store.code_origin import is_installed


def config_to_digest(value: Any) -> Any:
    """Return an object's configuration without what says where the user's code was written.

    The code itself is told from the objects. An optimizer's name is no part of it either: Keras
    numbers optimizers over the life of a process.
    """
    config = value.get_config()
    config = plain_config({**config, **left_out(value, config)})
    if hasattr(value, "apply_gradients"):
        config.pop("name", None)
    return config


def left_out(value: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that an object's constructor takes and its configuration leaves out.

    Such as the ``delta`` of ``keras.losses.Huber``. Only numbers, text, and lists of them.
    """
    names = inspect.signature(type(value).__init__).parameters
    wrapped = vars(value).get("_fn_kwargs", {})
    others = {}
    for name in [name for name in names if name not in config]:
        own = wrapped[name] if name in wrapped else getattr(value, name, _is_plain)
        if _is_plain(own):
            others[name] = own
    return others


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, np.generic))


def plain_config(config: Any) -> Any:
    """Return a part of a configuration as :func:`config_to_digest` does."""
    if isinstance(config, np.generic):
        return config.item()
    if isinstance(config, Mapping):
        if config.get("class_name") == "__lambda__":
            return "a lambda"
        user = "class_name" in config and not is_installed(str(config.get("module") or "builtins"))
        left_out = ("module", "registered_name") if user else ()
        return {name: plain_config(own) for name, own in config.items() if name not in left_out}
    if isinstance(config, (list, tuple)):
        return [plain_config(own) for own in config]
    return config


def parts_to_tell(value: Any) -> Iterator[Any]:
    """Return what an object of Keras holds and its configuration does at most name.

    Raises
    ------
    ValueError
        For an optimizer that leaves weights out of its decay, which it notes by identity.
    """
    held = dict(vars(value))
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        if held.get(name):
            raise ValueError("an optimizer leaves weights out of its decay")
    if hasattr(value, "apply_gradients"):
        yield value.variables
    for name, part in sorted(held.items()):
        if name not in _wrappers_of_keras():
            # What a model is compiled with is told by itself.
            yield from _to_tell(part, nested=not _is_layer(value))


def _to_tell(part: Any, *, nested: bool) -> Iterator[Any]:
    """Return a part if it is the user's or may hold what is, or such parts of a container."""
    if isinstance(part, (list, tuple, set, frozenset, Mapping)):
        inner = part.values() if isinstance(part, Mapping) else part
        for own in list(inner):
            yield from _to_tell(own, nested=nested)
        return
    kind = type(part)
    if isinstance(part, (types.FunctionType, types.MethodType)):
        owner: str | None = part.__module__
    else:
        owner = kind.__module__
    user = not is_installed(owner)
    # A wrapped function, an optimizer in an optimizer or a schedule belong to Keras or
    # TensorFlow, and may hold code of the user's.
    wrapper = callable(part) and (hasattr(part, "python_function") or hasattr(part, "__wrapped__"))
    partial = isinstance(part, functools.partial)
    nested = nested and hasattr(part, "get_config") and not isinstance(part, type)
    if user or partial or nested or (wrapper and not isinstance(part, types.FunctionType)):
        yield part


def _is_layer(part: Any) -> bool:
    keras: Any = sys.modules.get("keras")
    return keras is not None and isinstance(part, keras.layers.Layer)


def attributes_of_keras(kind: type) -> frozenset[str]:
    """Return the names of what Keras itself keeps in objects of such a class."""
    return next((own for base, own in _attributes().items() if issubclass(kind, base)), frozenset())


@functools.cache
def _attributes() -> dict[type, frozenset[str]]:
    keras: Any = sys.modules["keras"]
    model = _with_part(keras.Model())
    model.compile("sgd", "mse")
    # Set by ``fit`` and ``evaluate``.
    vars(model).update(dict.fromkeys(("history", "stop_evaluating", "_eval_epoch_iterator")))
    optimizer = keras.optimizers.Optimizer(learning_rate=0.1)
    optimizer.build([])
    # Its settings need not be in the configuration of a class of the user's.
    kept = {name for name in vars(optimizer) if name.startswith("_")} | {"built", "name"}
    made = {
        keras.Model: model,
        keras.layers.Layer: _with_part(keras.layers.Layer()),
        keras.losses.Loss: keras.losses.Loss(),
        keras.metrics.Metric: keras.metrics.Metric(),
    }
    named = {base: frozenset(vars(own)) - {"part"} for base, own in made.items()}
    return {**named, keras.optimizers.Optimizer: frozenset(kept)}


def _with_part(layer: Any) -> Any:
    """Return a layer with another in it: TensorFlow then notes what it tracks."""
    layer.part = sys.modules["keras"].layers.Identity()
    return layer


@functools.cache
def _wrappers_of_keras() -> frozenset[str]:
    """Return the names of functions that Keras puts around an object's own."""
    keras: Any = sys.modules["keras"]
    held = {**vars(keras.layers.Layer()), **vars(keras.Model())}
    return frozenset(name for name, own in held.items() if isinstance(own, types.FunctionType))
