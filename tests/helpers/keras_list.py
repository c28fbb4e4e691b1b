"""Writes docs/reference/keras.md: what each public name of Keras does here, found out by asking the code.

``python tests/helpers/keras_list.py`` writes it anew; a test compares. Every class is made with
values for the arguments that it demands, and described as a fit's would be; so are its variants.
"""

import inspect
import itertools
import re
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import keras
from keras import Input, Model, layers

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gridlanes.errors import CannotRideError  # noqa: E402
from gridlanes.planning import network_inspection  # noqa: E402
from gridlanes.programs.callbacks import check_watching  # noqa: E402

WORDS = f"""\
All public names of Keras {keras.__version__}, written by `python tests/helpers/keras_list.py`, which \
makes each of them and asks the code that decides what rides in a lane; a test compares, and fails \
when Keras has one more. What goes to `model.fit` gives the same numbers, later. \
[lanes.md](lanes.md) says what riding means, and each of its rows is compared with plain Keras.\
"""
PAGE = ROOT / "docs/reference/keras.md"

#: Values of arguments that have no default, or of which one is needed; the first that goes.
ARGUMENTS = {
    "activation": ["relu"],
    "axes": [1],
    "backup_dir": ["backup"],
    "boundaries": [[1]],
    "cell": [lambda: layers.LSTMCell(2)],
    "cells": [lambda: [layers.LSTMCell(2)]],
    "decay_rate": [0.5],
    "decay_steps": [2],
    "dims": [(1,)],
    "directory": ["checkpoints"],
    "equation": ["ab,bc->ac"],
    "factor": [0.1],
    "filepath": ["best.keras"],
    "filename": ["log.csv"],
    "filters": [2],
    "first_decay_steps": [2],
    "fn": [lambda: keras.losses.mean_squared_error],
    "function": [lambda: keras.activations.relu],
    "head_dim": [2],
    "height": [3],
    "height_factor": [0.1],
    "initial_learning_rate": [0.1],
    "inner_optimizer": [keras.optimizers.SGD],
    "input_dim": [5],
    "kernel_size": [2],
    "key_dim": [2],
    "layer": [lambda: layers.LSTM(2), lambda: layers.Dense(2)],
    "max_bounding_boxes": [2],
    "max_number": [2],
    "n": [2],
    "name": ["name"],
    "layers": [lambda: [layers.RandomFlip()]],
    "num_bins": [5],
    "num_classes": [2],
    "num_heads": [2],
    "num_key_value_heads": [1],
    "num_query_heads": [2],
    "num_tokens": [5],
    "output_dim": [2],
    "output_shape": [2],
    "output_size": [2],
    "pool_size": [2],
    "precision": [0.5],
    "rate": [0.5],
    "recall": [0.5],
    "scale": [1.0],
    "schedule": [lambda: lambda epoch, rate: rate],
    "sensitivity": [0.5],
    "specificity": [0.5],
    "stddev": [0.1],
    "target_class_ids": [[0]],
    "target_shape": [(-1, 1)],
    "units": [2],
    "value": [0.5],
    "value_range": [(0, 1)],
    "values": [[0.1, 0.01]],
    "width": [3],
    "width_factor": [0.1],
}
#: Arguments that are needed though they have a default.
NEEDED = {
    "CategoryEncoding": {"num_tokens": 5},
    "Discretization": {"bin_boundaries": [0.0]},
    "GroupNormalization": {"groups": 1},
    "InputLayer": {"shape": (4,)},
    "IntegerLookup": {"vocabulary": [1]},
    "Normalization": {"mean": 0.0, "variance": 1.0},
    "RandomPosterization": {"factor": 4},
    "STFTSpectrogram": {"frame_length": 2, "frame_step": 1, "fft_length": 2},
    "StringLookup": {"vocabulary": ["a"]},
    "TextVectorization": {"vocabulary": ["a"], "output_sequence_length": 4},
}
#: What cannot be made without more than Keras has, and why.
NOT_MADE = {
    "FlaxLayer": "wraps a model of Flax",
    "JaxLayer": "wraps a function of JAX",
    "MultiOptimizer": "wraps several optimizers",
    "OptimizerMap": "wraps several optimizers",
    "OrbaxCheckpoint": "needs Orbax",
    "STFT": "is for spectrograms",
    "TFSMLayer": "reads a model from a folder",
    "TorchModuleWrapper": "wraps a module of PyTorch",
}
#: Values of arguments with which a class may do something else here than with the default.
VARIANTS = {
    "activity_regularizer": "l2",
    "axis": 0,
    "bias_regularizer": "orthogonal_regularizer",
    "clipnorm": 1.0,
    "clipvalue": 1.0,
    "data_format": "channels_first",
    "dilation_rate": 2,
    "dropout": 0.1,
    "embeddings_regularizer": "l2",
    "from_logits": True,
    "global_clipnorm": 1.0,
    "go_backwards": True,
    "gradient_accumulation_steps": 2,
    "interpolation": "bilinear",
    "kernel_regularizer": "orthogonal_regularizer",
    "loss_scale_factor": 2.0,
    "mask_zero": True,
    "output_padding": 1,
    "recurrent_dropout": 0.1,
    "recurrent_regularizer": "l2",
    "reduction": "sum",
    "renorm": True,
    "return_state": True,
    "save_freq": 2,
    "stateful": True,
    "synchronized": True,
    "thresholds": [0.3, 0.6],
    "use_ema": True,
    "weight_decay": 0.01,
}
SHAPES = [(4, 4), (4, 4, 3), (4, 4, 4, 2), (4,), (2, 4, 4, 4, 2)]
#: Refusals that may be due to the inputs that were tried: an image without rows, as one.
OF_SHAPES = ("cannot be traced", "does not keep rows apart", "Keras cannot describe it")
FORMS = {
    "one": lambda layer, x, y: layer(x),
    "list": lambda layer, x, y: layer([x, y]),
    "two": lambda layer, x, y: layer(x, y),
    "cell": lambda layer, x, y: layers.RNN(layer)(x),
}
NOT_NAMES = {"deserialize", "get", "serialize"}
RIDES = "rides"
COMPUTED = "is computed once for each fold"


def names_of(module, *, functions=False):
    """Return the public names of what a module of Keras has, each thing once: name -> aliases."""
    found = {}
    for name, own in sorted(vars(module).items(), key=lambda item: (item[0].islower(), item[0])):
        wanted = inspect.isclass(own) or (functions and callable(own))
        if wanted and not name.startswith("_") and name not in NOT_NAMES:
            found.setdefault(id(own), (own, []))[1].append(name)
    return {
        (own.__name__ if own.__name__ in names else names[0]): own
        for own, names in sorted(found.values(), key=lambda one: one[1][0].lower())
    }


def aliases(module, own, name):
    return sorted(other for other, one in vars(module).items() if one is own and other != name)


def made(kind, **settings):
    """Return the instances of a class that can be tried; raise why the last cannot be made."""
    given = {**NEEDED.get(kind.__name__, {}), **settings}
    demanded = [
        one.name
        for one in inspect.signature(kind).parameters.values()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    missing = [name for name in demanded if name not in given]
    failed = None
    for values in itertools.product(*(ARGUMENTS[name] for name in missing)):
        own = [value() if callable(value) else value for value in values]
        try:
            one = kind(**dict(zip(missing, own, strict=True)), **given)
        except Exception as error:
            failed = error
        else:
            failed = None
            yield one
    if failed is not None:
        raise failed


def said(error):
    """Return a reason without the name of what it is about."""
    text = " ".join(str(error).split()).replace("|", "/")
    text = re.sub(r"( of)? (layer '[^']*' \(\w+\)|optimizer \w+)", "", f" {text}")
    text = re.sub(r"^ (the (?=call|function))?(callback \w+ |(loss|metric) '?\w+'? )?", "", text)
    return text.strip()


def asked(describe):
    """Return what the code says of a part."""
    try:
        describe()
    except CannotRideError as error:
        return f"goes to `model.fit`: {said(error)}"
    return RIDES


def models(kind, key=None, **settings):
    """Return models in which a layer stands, whatever it takes, each with what was tried."""
    tried = [(shape, "float32") for shape in SHAPES] + [((4,), "int64"), ((1,), "string")]
    for shape, form in [key] if key else itertools.product(tried, FORMS):
        for layer in made(kind, **settings):
            rows, other = Input(shape[0], dtype=shape[1]), Input(shape[0], dtype=shape[1])
            try:
                outputs = keras.tree.flatten(FORMS[form](layer, rows, other))[0]
                numbers = layers.Flatten()(layers.Rescaling(1.0)(outputs))
                inputs = [rows] if form == "one" else [rows, other]
                model = Model(inputs, layers.Dense(1)(numbers))
            except Exception:
                # It is not made to be called like that.
                continue
            yield (shape, form), model


def of_model(model):
    """Return what is said of a model, or of layers in it that are computed before it rides."""
    entrance = network_inspection._entrance(model)
    if entrance.computed and not isinstance(entrance.told, Exception):
        return COMPUTED
    return asked(lambda: network_inspection._describe(model, None))


def of_layer(kind, key=None, **settings):
    """Return what is said of a layer where it rides, else where it can be called at all."""
    found = "is not called on rows", None
    if kind is layers.InputLayer:
        kind = layers.Identity
    for own, model in models(kind, key, **settings):
        found = of_model(model), own
        if not any(words in found[0] for words in OF_SHAPES):
            break
    return found


def of_compiling(**settings):
    whole = {"optimizer": keras.optimizers.SGD(), "loss": "mse", "metrics": None, **settings}
    return asked(lambda: network_inspection.describe_compiling(whole, (), classes=False))


def of_dense(**settings):
    model = keras.Sequential([Input((4,)), layers.Dense(4, **settings), layers.Dense(1)])
    return asked(lambda: network_inspection._describe(model, None))


def of_callback(kind, **settings):
    (own,) = made(kind, **settings)
    return asked(lambda: check_watching(SimpleNamespace(callbacks=[own], validation=None)))


def first(kind, **settings):
    return next(made(kind, **settings))


def schedule(kind, **settings):
    return of_compiling(optimizer=keras.optimizers.SGD(first(kind, **settings)))


def part(place):
    """Return what asks for a part of a layer or of what a model is compiled with."""

    def ask(own, **settings):
        own = first(own, **settings) if inspect.isclass(own) else own
        return (
            of_dense(**{place: own})
            if "_" in place or place == "activation"
            else of_compiling(**{place: [own] if place == "metrics" else own})
        )

    return ask


#: heading -> (module, base class, what asks, whether functions count)
PARTS = {
    "Layers": (keras.layers, keras.layers.Layer, of_layer, False),
    "Activations": (keras.activations, None, part("activation"), True),
    "Initializers": (
        keras.initializers,
        keras.initializers.Initializer,
        part("kernel_initializer"),
        False,
    ),
    "Regularizers": (
        keras.regularizers,
        keras.regularizers.Regularizer,
        part("kernel_regularizer"),
        False,
    ),
    "Constraints": (
        keras.constraints,
        keras.constraints.Constraint,
        part("kernel_constraint"),
        False,
    ),
    "Losses": (keras.losses, keras.losses.Loss, part("loss"), True),
    "Metrics": (keras.metrics, keras.metrics.Metric, part("metrics"), True),
    "Optimizers": (keras.optimizers, keras.optimizers.Optimizer, part("optimizer"), False),
    "Schedules": (
        keras.optimizers.schedules,
        keras.optimizers.schedules.LearningRateSchedule,
        schedule,
        False,
    ),
    "Callbacks": (keras.callbacks, keras.callbacks.Callback, of_callback, False),
}


def verdict(own, base, ask):
    if own is base:
        return "what yours are made from"
    if own.__name__ in NOT_MADE:
        return f"not tried: {NOT_MADE[own.__name__]}"
    if inspect.isclass(own) and base is not None and not issubclass(own, base):
        return "a helper of Keras'"
    found, *key = ask(own) if ask is of_layer else (ask(own),)
    if found not in (RIDES, COMPUTED) or not inspect.isclass(own):
        return found
    without = []
    for name in sorted(set(inspect.signature(own).parameters) & set(VARIANTS)):
        try:
            other = ask(own, *key, **{name: VARIANTS[name]})
        except Exception:
            # Keras itself takes no such value there.
            continue
        reason = (other[0] if key else other).partition(": ")[2]
        if reason:
            why = "" if name in reason else f" ({reason})"
            without.append(f"`{name}={VARIANTS[name]!r}`{why}")
    return f"{found}, but not with {', '.join(without)}" if without else found


def titles(heading):
    """Return what names are listed in one part of Keras: title -> thing."""
    module, _, _, functions = PARTS[heading]
    found = {}
    for name, own in names_of(module, functions=functions).items():
        others = aliases(module, own, name)
        found[f"{name} ({', '.join(others)})" if others else name] = own
    return found


def rows(heading):
    """Return what each name of one part of Keras does here, by title."""
    _, base, ask, _ = PARTS[heading]
    with warnings.catch_warnings():
        # Of what Keras finds odd in layers and values that are only tried.
        warnings.simplefilter("ignore")
        return {title: verdict(own, base, ask) for title, own in titles(heading).items()}


def page():
    lines = [
        "# What each part of Keras does here",
        "",
        WORDS,
    ]
    for heading in PARTS:
        lines += ["", f"## {heading}", "", "| | |", "| --- | --- |"]
        lines += [f"| {name} | {own} |" for name, own in rows(heading).items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
