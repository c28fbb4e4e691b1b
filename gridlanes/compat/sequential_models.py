"""Keras' sequential models, built in steps that do not repeat what was done.

A ``Sequential`` that gets its layers one by one is built anew at each of them: all layers are
called again, and a functional model is made of them, which the next one throws away. That takes two
thirds of the time in which a network of some layers is made. Checked with Keras 3.15.1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from threading import get_ident
from typing import Any, NamedTuple

import keras
from keras.src.models.functional import Functional
from keras.src.utils.naming import auto_name

#: What has been called so far of a model's layers: each with its output.
_Chain = list[tuple[keras.layers.Layer, Any]]


class _Pending(NamedTuple):
    """A functional model that nothing has asked for yet.

    Attributes
    ----------
    name : str
    chain : list
    names : list of str
        Of the layers, which may be changed later.
    """

    name: str
    chain: _Chain
    names: list[str]

    def made(self) -> Functional:
        """Return the model, as it would have been made when its last layer was added."""
        layers = [layer for layer, _ in self.chain]
        given = [layer.name for layer in layers]
        try:
            for layer, name in zip(layers, self.names, strict=True):
                layer.name = name
            return Functional(self.chain[0][1], self.chain[-1][1], name=self.name)
        finally:
            for layer, name in zip(layers, given, strict=True):
                layer.name = name


class _MadeWhenAsked:
    """A model's functional model, as an attribute that is made at its first use."""

    def __get__(self, model: Any, _: type | None = None) -> Any:
        own = vars(model)
        pending = own.get("_pending")
        if pending:
            own["_pending"] = None
            model._functional = pending.made()  # noqa: SLF001
        try:
            return own["_functional"]
        except KeyError:
            raise AttributeError("_functional") from None

    def __set__(self, model: Any, functional: Any) -> None:
        vars(model).update(_functional=functional, _pending=None)


@contextmanager
def built_once() -> Iterator[None]:
    """Have sequential models call each layer once, and make their functional model once.

    What can be seen of them is the same at any time, but for the calls that are not repeated.
    Models of other threads are built as ever, and so are these after the block.
    """
    kind = keras.Sequential
    if "_functional" in vars(kind):
        # In a block inside another one.
        yield
        return
    given, rebuild = kind.build, kind._maybe_rebuild  # noqa: SLF001
    models: dict[int, Any] = {}
    thread: int | None = get_ident()

    def build(model: Any, input_shape: Any = None) -> Any:
        layers = model._layers  # noqa: SLF001
        first = layers[0] if layers else None
        begun = isinstance(first, keras.layers.InputLayer) and first.batch_shape == input_shape
        if thread != get_ident() or not begun:
            return given(model, input_shape)
        own = vars(model)
        try:
            own["_chain"] = _called(layers, own.get("_chain", []))
        except Exception:
            # Keras says what is wrong in words of its own.
            return given(model, input_shape)
        # Keras numbers names in the order in which models are made.
        name = auto_name(Functional.__name__)
        own["_pending"] = _Pending(name, own["_chain"], [layer.name for layer in layers])
        models[id(model)] = model
        return None

    def rebuilt(model: Any) -> None:
        # Whatever is set is read before.
        vars(model)["_pending"] = None
        rebuild(model)

    kind.build, kind._maybe_rebuild = build, rebuilt  # noqa: SLF001
    kind._functional = _MadeWhenAsked()  # noqa: SLF001
    try:
        yield
        for model in models.values():
            _ = model._functional  # noqa: SLF001
    finally:
        # Models keep the method that their class had when they were made.
        thread = None
        for model in models.values():
            for name in ("_chain", "_pending"):
                vars(model).pop(name, None)
        kind.build, kind._maybe_rebuild = given, rebuild  # noqa: SLF001
        del kind._functional  # noqa: SLF001


def _called(layers: list[keras.layers.Layer], known: _Chain) -> _Chain:
    """Return layers with their outputs, of which the first may be known.

    Those of a model may have changed, and what comes after.
    """

    def is_same(pair: tuple) -> bool:
        (own, _), layer = pair
        return own is layer and not isinstance(layer, keras.Model)

    chain = [own for own, _ in takewhile(is_same, zip(known, layers, strict=False))]
    chain = chain or [(layers[0], layers[0].output)]
    for layer in layers[len(chain) :]:
        chain.append((layer, layer(chain[-1][1])))
    return chain
