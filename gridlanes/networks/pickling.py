"""Models, losses and others of Keras in a pickle, together with the user's classes in them.

Keras reads back what is registered by a name, and its pickles name a model's class as if it stood
in a module. Here the user's classes and functions go into the pickle as any other pickle has them.
Those that were made inside a function are found again in this process, and elsewhere if they are
registered.
"""

import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

#: What pickles of this process hold of classes that no pickle can name, by module and name.
_local: dict[tuple[str, str], Any] = {}


class Packed:
    """Stands for an object of Keras in what is to be pickled; the pickle gives the object back."""

    def __init__(self, own: Any, named: Mapping[str, Any]) -> None:
        self.own, self.named = own, named

    def __reduce__(self) -> Any:
        from gridlanes.compat.keras import written

        found = {name: one for name, one in self.named.items() if _stands_in_its_module(one)}
        others = {name: _place_of(self.named[name]) for name in self.named.keys() - found.keys()}
        _local.update({place: self.named[name] for name, place in others.items()})
        return read_back, (written(self.own), found, others)


def read_back(file: Any, found: Mapping[str, Any], others: Mapping[str, tuple[str, str]]) -> Any:
    """Return what a :class:`Packed` stands for."""
    import keras

    from gridlanes.compat.keras import read

    here = {name: _local[place] for name, place in others.items() if place in _local}
    with keras.saving.custom_object_scope({**found, **here}):
        return read(file)


def packed(value: Any, known: dict[int, Packed]) -> Any:
    """Return a value, or one of lists and dicts, with what Keras would not read back packed.

    Parameters
    ----------
    value : Any
    known : dict of int to Packed
        By identity, so that what occurs twice is packed once.
    """
    if id(value) in known:
        return known[id(value)]
    if type(value) in (list, tuple):
        made = type(value)(packed(one, known) for one in value)
        return value if all(one is own for one, own in zip(made, value, strict=True)) else made
    if type(value) is dict:
        entries = {name: packed(one, known) for name, one in value.items()}
        return entries if any(entries[name] is not value[name] for name in value) else value
    if not _is_saved_by_keras(value):
        return value
    named = own_objects(value)
    if named:
        known[id(value)] = Packed(value, named)
    return known.get(id(value), value)


def plain(value: Any) -> Any:
    """Return what :func:`packed` was given."""
    if isinstance(value, Packed):
        return value.own
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    return {name: plain(one) for name, one in value.items()} if type(value) is dict else value


def own_objects(root: Any) -> dict[str, Any]:
    """Return the user's classes and functions in an object, by the names that Keras saves."""
    import keras

    from gridlanes.compat.compiled_models import compile_arguments

    found: dict[str, Any] = {}
    seen: dict[int, Any] = {}
    left = [root, compile_arguments(root) if getattr(root, "compiled", False) else None]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, (list, tuple, set)):
            left += one
        elif isinstance(one, Mapping):
            left += one.values()
        elif isinstance(one, (FunctionType, type)) or hasattr(one, "get_config"):
            kind = one if isinstance(one, (FunctionType, type)) else type(one)
            if str(kind.__module__).partition(".")[0] != "keras":
                found[keras.saving.get_registered_name(kind)] = kind
            left += [] if kind is one else getattr(one, "__dict__", {}).values()
    return found


def _is_saved_by_keras(value: Any) -> bool:
    """Return whether Keras pickles a value in a way of its own, without loading Keras."""
    return "keras" in sys.modules and hasattr(type(value), "_unpickle_model")


def _place_of(own: Any) -> tuple[str, str]:
    return own.__module__, own.__qualname__


def _stands_in_its_module(own: Any) -> bool:
    """Return whether a pickle can name a class or a function."""
    found: Any = sys.modules.get(own.__module__)
    for name in own.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is own
