"""What a model is, as a digest: with the weights that it starts from, or as far as it is traced."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gridlanes.compat.compiled_models import all_variables, seed_generators, traced_from
from gridlanes.compat.keras_layers import LOOPS, all_layers, other_operations
from gridlanes.compat.keras_optimizers import leaves_weights_undecayed
from gridlanes.networks.own_activations import without_own_activations
from gridlanes.store.code_origin import is_installed
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError, digest
from gridlanes.store.keras_digest import config_to_digest, parts_to_tell


def started(model: keras.Model) -> bytes:
    """Return a model before training by its content, but for what it is compiled with.

    Raises
    ------
    NoContentError
    """
    sides = (model.trainable_variables, model.non_trainable_variables)
    weights = [
        [
            (keras.ops.convert_to_numpy(variable), variable.regularizer, variable.constraint)
            for variable in side
        ]
        for side in sides
    ]
    with without_own_activations(all_layers(model)) as functions:
        return content([*_parts(model), weights, functions])


def traced(model: keras.Model) -> bytes:
    """Return what the graph of a training step of a compiled model would be, at this moment.

    Equal for models that differ in nothing but the values of variables: weights, generators,
    slots and learning rate.

    Raises
    ------
    NoContentError
    """
    variables = all_variables(model)
    known = {
        id(own): digest("variable", str(number))
        for number, variable in enumerate(variables)
        for own in (variable, variable.value)
    }
    for generator in seed_generators(model):
        if type(generator) is keras.random.SeedGenerator:
            known[id(generator)] = known[id(generator.state)]
    # What is being traced stands there.
    known |= dict.fromkeys(map(id, (model.train_function, model.test_function)), b"")
    settings = (
        keras.config.floatx(),
        keras.config.epsilon(),
        keras.config.image_data_format(),
        tf.config.experimental.tensor_float_32_execution_enabled(),
    )
    names = [layer.name for layer in all_layers(model)]
    held = [list(_held(layer)) for layer in all_layers(model)]
    compiled = (traced_from(model), _optimizer(model.optimizer))
    with without_own_activations(all_layers(model)) as functions:
        parts = [*_parts(model), names, held, compiled, functions]
        return content([settings, kinds(variables), *parts], known)


def kinds(variables: Iterable[keras.Variable]) -> list[tuple]:
    """Return what there is to tell of variables besides their values."""
    return [
        (tuple(own.shape), own.dtype, own.trainable, own.regularizer, own.constraint)
        for own in variables
    ]


def _parts(model: keras.Model) -> tuple[list, list]:
    """Return a model's layers and other operations, as far as they can be told."""
    operations = other_operations(model)
    for operation in operations:
        # A function that it calls is an argument of the call, which cannot be seen from here.
        if type(operation).__name__ in LOOPS:
            raise NoContentError(f"what operation {operation.name!r} calls")
    return all_layers(model), operations


def _held(layer: keras.layers.Layer) -> Iterable[Any]:
    """Return the arrays in a layer, which may be constants of a graph: a mean it adapted to."""
    for name, own in sorted(vars(layer).items()):
        if isinstance(own, np.ndarray) or (isinstance(own, tf.Tensor) and hasattr(own, "numpy")):
            yield name, own


def _optimizer(optimizer: keras.optimizers.Optimizer) -> Any:
    """Return an optimizer without its learning rate, if that is a variable."""
    if leaves_weights_undecayed(optimizer):
        raise NoContentError("an optimizer leaves weights out of its decay")
    if not is_installed(type(optimizer).__module__):
        return optimizer
    config = config_to_digest(optimizer)
    if isinstance(config.get("learning_rate"), float):
        del config["learning_rate"]
    return type(optimizer), config, list(parts_to_tell(optimizer))
