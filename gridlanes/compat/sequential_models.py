"""Keras' sequential models, built in steps that do not repeat what was done.

A ``Sequential`` that gets its layers one by one is built anew at each of them: all layers are
called again, and a functional model is made of them, which the next one throws away. That takes two
thirds of the time in which a network of some layers is made. Checked with Keras 3.15.1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

import keras
from keras.src.models.functional import Functional
from keras.src.utils.naming import auto_name

#: What has been called so far of a model's layers: each with its output.
_Chain = list[tuple[keras.layers.Layer, Any]]


class _MadeWhenAsked:
    """A model's functional model, as an attribute that makes it of the chain at its first use."""

    def __get__(self, model: Any, _: type | None = None) -> Any:
        own = vars(model)
        if own.get("_pending_name"):
            chain, name = own["_chain"], own.pop("_pending_name")
            made = Functional(inputs=chain[0][1], outputs=chain[-1][1], name=name)
            model._functional = made  # noqa: SLF001
        try:
            return own["_functional"]
        except KeyError:
            raise AttributeError("_functional") from None

    def __set__(self, model: Any, functional: Any) -> None:
        vars(model).update(_functional=functional, _pending_name=None)


@contextmanager
def built_once() -> Iterator[None]:
    """Have sequential models call each layer once, and make their functional model once.

    What can be seen of them is the same at any time, but for the calls that are not repeated.
    """
    kind = keras.Sequential
    if "_functional" in vars(kind):
        # In a block inside another one.
        yield
        return
    given, rebuild, models = kind.build, kind._maybe_rebuild, {}  # noqa: SLF001

    def build(model: Any, input_shape: Any = None) -> Any:
        layers = model._layers  # noqa: SLF001
        first = layers[0] if layers else None
        if not isinstance(first, keras.layers.InputLayer) or first.batch_shape != input_shape:
            return given(model, input_shape)
        try:
            vars(model)["_chain"] = _called(layers, vars(model).get("_chain", []))
        except Exception:
            # Keras says what is wrong in words of its own.
            return given(model, input_shape)
        # Keras numbers names in the order in which models are made.
        vars(model)["_pending_name"] = auto_name(Functional.__name__)
        models[id(model)] = model
        return None

    def rebuilt(model: Any) -> None:
        # Whatever is set is read before.
        vars(model)["_pending_name"] = None
        rebuild(model)

    kind.build, kind._maybe_rebuild = build, rebuilt  # noqa: SLF001
    kind._functional = _MadeWhenAsked()  # noqa: SLF001
    try:
        yield
    finally:
        for model in models.values():
            _ = model._functional  # noqa: SLF001
            for name in ("_chain", "_pending_name"):
                vars(model).pop(name, None)
        kind.build, kind._maybe_rebuild = given, rebuild  # noqa: SLF001
        del kind._functional  # noqa: SLF001


def _called(layers: list[keras.layers.Layer], known: _Chain) -> _Chain:
    """Return layers with their outputs, of which the first may be known."""
    pairs = zip(known, layers, strict=False)
    same = [own for own, _ in takewhile(lambda pair: pair[0][0] is pair[1], pairs)]
    chain = same or [(layers[0], layers[0].output)]
    for layer in layers[len(chain) :]:
        chain.append((layer, layer(chain[-1][1])))
    return chain
