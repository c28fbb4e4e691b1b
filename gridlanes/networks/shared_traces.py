"""Fits by ``model.fit`` of equal networks, which trace a step once for all of them.

Keras traces a step anew for each model, half a second to several. What is traced reads and writes
variables that are arguments of the graph, so another model's can be put in their place, if the two
models differ in nothing else: then Keras would trace the same graph once more. Everything else of
a fit is that model's own, so callbacks see what they would see.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.compiled_models import (
    all_built,
    all_variables,
    build_all,
    steps_as_keras,
    steps_of,
)
from gridlanes.compat.tensorflow import remembers, with_captures, without_captures
from gridlanes.networks.model_content import kinds, traced
from gridlanes.networks.seeding import random_states, set_random_states
from gridlanes.store.digests import NoContentError

#: Graphs that are kept, the last ones used; none keeps a model's variables.
KEPT = 16


class _Traced(NamedTuple):
    """A traced step without the variables that it is about.

    Attributes
    ----------
    function : tf.types.experimental.ConcreteFunction
    captures : list
        For each capture the position of a variable, or the constant that it is.
    variables : list
        What there is of variables when the step has been traced.
    """

    function: Any
    captures: list[int | tf.Tensor]
    variables: list[tuple]


_known: OrderedDict[tuple, _Traced] = OrderedDict()


@contextmanager
def shared_traces(model: keras.Model) -> Iterator[None]:
    """Have a compiled model's ``fit`` use what an equal model has traced, inside this block.

    Where it cannot be told for certain that two models are equal, Keras traces as ever.
    """
    names = []
    for kind in ("train", "test"):
        steps = None if tf.config.functions_run_eagerly() else steps_of(model, kind)
        if steps is not None:
            names.append(f"{kind}_function")
            setattr(model, names[-1], _shared(model, kind, *steps))
    try:
        yield
    finally:
        # Keras makes its own when the model is trained further.
        for name in names:
            setattr(model, name, None)


def _shared(model: keras.Model, kind: str, by_keras: Callable, function: Any) -> Callable:
    """Return what takes the place of the function that ``fit`` calls for each step."""
    steps: dict[str, Any] = {}

    def step(iterator: Any) -> Any:
        if not isinstance(iterator, tf.data.Iterator):
            return by_keras(iterator)
        columns = repr(iterator.element_spec)
        if columns not in steps:
            # Callbacks may have changed the model before its first step, not since it was traced.
            steps[columns] = _step(model, (kind, columns), function, iterator)
        outputs = (steps[columns] or function)(iterator)
        if not outputs.has_value():
            raise StopIteration
        return outputs.get_value()

    return step


def _step(model: keras.Model, kind: tuple, function: Any, iterator: Any) -> Any:
    """Return the step of a model, traced if no equal one is known; None if it is its own."""
    if steps_as_keras(model):
        _build(model, iterator)
    try:
        key = *kind, traced(model)
    except NoContentError:
        return None
    found = _known.get(key) or _trace(model, function, iterator)
    if found is None:
        return None
    _known[key] = found
    _known.move_to_end(key)
    if len(_known) > KEPT:
        _known.popitem(last=False)
    _build(model, iterator)
    variables = all_variables(model)
    if kinds(variables) != found.variables:
        return None
    own = (variables[one].value.handle if isinstance(one, int) else one for one in found.captures)
    return with_captures(found.function, list(own))


def _build(model: keras.Model, iterator: Any) -> None:
    """Make metrics and slots of the optimizer, which Keras makes while it traces.

    It would trace twice for them. A step of the user's may do without what is made here, so that
    it is traced first.
    """
    states = random_states()
    with suppress(Exception):
        # What fails here says so where it is traced.
        build_all(model, iterator.element_spec)
    set_random_states(states)


def _trace(model: keras.Model, function: Any, iterator: Any) -> _Traced | None:
    """Trace a step; return None if there is more in it than variables of its model."""
    states = random_states()
    own = function.get_concrete_function(iterator)
    variables = all_variables(model)
    places = {id(variable.value.handle): number for number, variable in enumerate(variables)}
    captures = [places.get(id(one), one) for one in own.captured_inputs]
    foreign = any(
        not isinstance(one, int) and one.dtype in (tf.resource, tf.variant) for one in captures
    )
    if foreign or random_states() != states or remembers(own) or not all_built(model):
        return None
    return _Traced(without_captures(own), captures, kinds(variables))
