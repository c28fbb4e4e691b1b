"""The rows of the table in docs/reference/lanes.md: each a network and what its fits differ in.

A case is a build function, settings of the estimator and a target; the fits of a case share one
program. Rows are 22, so that the last of three mini-batches is short.
"""

from functools import partial

import function_cases
import keras
import numpy as np
import place_cases
from keras import Input, Sequential, layers, optimizers

ROWS, FEATURES = 22, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, FEATURES))
Y = (X.sum(axis=1) + RNG.normal(size=ROWS) > 0).astype(int)
Y3 = (np.arange(ROWS) * 7) % 3
YR = X @ [1.0, -2.0, 0.5, 0.0] + RNG.normal(size=ROWS)


def network(*middle, units=1, activation="sigmoid", width=5, **dense):
    return Sequential(
        [
            Input((FEATURES,)),
            layers.Dense(width, **{"activation": "tanh", **dense}),
            *(layer() for layer in middle),
            layers.Dense(units, activation=activation),
        ]
    )


def with_layer(make):
    return partial(network, make)


def dropout(rate=0.5):
    return network(lambda: layers.Dropout(rate))


def spatial_dropout(rate=0.5):
    return network(
        lambda: layers.Reshape((5, 1)),
        lambda: layers.SpatialDropout1D(rate),
        layers.Flatten,
    )


def gaussian_dropout(rate=0.5):
    return network(lambda: layers.GaussianDropout(rate))


def gaussian_noise(stddev=0.5):
    return network(lambda: layers.GaussianNoise(stddev))


def activation_layer(activation="relu"):
    return network(lambda: layers.Activation(activation), activation="sigmoid")


def activation(activation="relu"):
    return Sequential(
        [
            Input((FEATURES,)),
            layers.Dense(5, activation=activation),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def initializer(init="glorot_uniform"):
    return network(kernel_initializer=init, bias_initializer="ones")


def regularizer(l1=0.0, l2=0.0):
    return network(
        kernel_regularizer=keras.regularizers.L1L2(l1, l2),
        bias_regularizer=keras.regularizers.L2(l2 + 0.01),
    )


def activity_regularizer(l2=0.01):
    return network(activity_regularizer=keras.regularizers.L2(l2))


def constraint():
    return network(
        kernel_constraint=keras.constraints.MaxNorm(0.5),
        bias_constraint=keras.constraints.NonNeg(),
    )


def unit_norm():
    return network(kernel_constraint=keras.constraints.UnitNorm())


def min_max_norm():
    return network(kernel_constraint=keras.constraints.MinMaxNorm(0.3, 0.6))


def functional():
    rows = Input((FEATURES,))
    left = layers.Dense(3, activation="relu")(rows)
    right = layers.Dense(3, activation="tanh")(rows)
    merged = layers.Concatenate()(
        [
            layers.Add()([left, right]),
            layers.Multiply()([left, right]),
            layers.Subtract()([left, right]),
            layers.Average()([left, right]),
            layers.Maximum()([left, right]),
            layers.Minimum()([left, right]),
            layers.Dot(axes=1)([left, right]),
        ]
    )
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(merged))


def several_inputs():
    left, right = Input((1,)), Input((3,))
    merged = layers.Concatenate()([layers.Dense(3, activation="relu")(left), right])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(merged))


def nested(activation="relu"):
    inner = Sequential([Input((FEATURES,)), layers.Dense(4, activation=activation)])
    rows = Input((FEATURES,))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(inner(rows)))


def embedding():
    rows = Input((FEATURES,))
    numbers = layers.Rescaling(0.3, offset=5.0)(rows)
    words = layers.Flatten()(layers.Embedding(10, 2)(numbers))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(words))


def masked_attention(rate=0.0):
    """Words of which some are padding, that attend to each other."""
    rows = Input((FEATURES,))
    numbers = layers.ReLU()(layers.Rescaling(1.0, offset=2.0)(rows))
    words = layers.Embedding(9, 4, mask_zero=True)(numbers)
    own = layers.MultiHeadAttention(2, 3, dropout=rate)(words, words)
    other = layers.Attention(use_scale=True)([words, words], use_causal_mask=True)
    means = [layers.GlobalAveragePooling1D()(one) for one in (own, other)]
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(layers.Concatenate()(means)))


def convolution(pooling=None, padding="same"):
    return Sequential(
        [
            Input((FEATURES,)),
            layers.Reshape((FEATURES, 1)),
            layers.ZeroPadding1D(1),
            layers.Conv1D(3, 3, padding=padding, activation="relu"),
            pooling() if pooling else layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def normalization():
    return Sequential(
        [
            Input((FEATURES,)),
            layers.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0]),
            layers.Rescaling(0.5, offset=0.1),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def frozen():
    return network(lambda: layers.Dense(4, activation="relu", trainable=False))


def batch_normalization():
    return network(layers.BatchNormalization, activation="sigmoid")


def batch_normalization_of_places():
    return network(lambda: layers.Reshape((5, 1)), layers.BatchNormalization, layers.Flatten)


def linear(units=1, activation="linear"):
    """What a loss is given by an output layer alone."""
    return Sequential([Input((FEATURES,)), layers.Dense(units, activation=activation)])


logistic = partial(linear, activation="sigmoid")
three_classes = partial(linear, 3, "softmax")


def logits():
    return network(activation="linear")


def loss(name):
    return [{"loss": name, "optimizer": "sgd", "random_state": seed} for seed in (7, 8)]


SEEDS = [{}, {"random_state": 8}]
#: name -> (build function, settings, target)
LAYERS = {
    "Dense": (network, SEEDS, Y),
    "Dropout": (dropout, [{"rate": 0.3}, {"rate": 0.6, "random_state": 8}], Y),
    "Dropout of nothing": (dropout, [{"rate": 0.0}, {"rate": 0.0, "random_state": 8}], Y),
    "SpatialDropout1D": (spatial_dropout, [{"rate": 0.3}, {"rate": 0.6}], Y),
    "GaussianDropout": (gaussian_dropout, [{"rate": 0.3}, {"rate": 0.1}], Y),
    "GaussianNoise": (gaussian_noise, [{"stddev": 0.3}, {"stddev": 0.1}], Y),
    "AlphaDropout": (with_layer(lambda: layers.AlphaDropout(0.3)), SEEDS, Y),
    "BatchNormalization": (batch_normalization, SEEDS, Y),
    "BatchNormalization of places": (batch_normalization_of_places, SEEDS, Y),
    "LayerNormalization": (with_layer(layers.LayerNormalization), SEEDS, Y),
    "UnitNormalization": (with_layer(layers.UnitNormalization), SEEDS, Y),
    "Normalization, Rescaling": (normalization, SEEDS, Y),
    "Activation": (activation_layer, [{"activation": "relu"}, {"activation": "softplus"}], Y),
    "ReLU": (with_layer(layers.ReLU), SEEDS, Y),
    "LeakyReLU": (with_layer(layers.LeakyReLU), SEEDS, Y),
    "ELU": (with_layer(layers.ELU), SEEDS, Y),
    "PReLU": (with_layer(layers.PReLU), SEEDS, Y),
    "Softmax": (with_layer(layers.Softmax), SEEDS, Y),
    "Identity": (with_layer(layers.Identity), SEEDS, Y),
    "ActivityRegularization": (
        with_layer(lambda: layers.ActivityRegularization(0.01, 0.02)),
        SEEDS,
        Y,
    ),
    "Embedding, Flatten": (embedding, SEEDS, Y),
    "attention behind mask_zero": (masked_attention, [{}, {"rate": 0.3, "random_state": 8}], Y),
    "Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract": (functional, SEEDS, Y),
    "several inputs": (several_inputs, SEEDS, Y),
    "a model inside a model": (nested, [{}, {"activation": "tanh"}], Y),
    "Reshape, ZeroPadding1D, Conv1D, MaxPooling1D": (convolution, SEEDS, Y),
    "Conv1D causal, AveragePooling1D": (
        partial(convolution, partial(layers.AveragePooling1D, 2), "causal"),
        SEEDS,
        Y,
    ),
    "GlobalAveragePooling1D": (partial(convolution, layers.GlobalAveragePooling1D), SEEDS, Y),
    "GlobalMaxPooling1D": (partial(convolution, layers.GlobalMaxPooling1D), SEEDS, Y),
    "RepeatVector, Permute": (
        partial(
            network, lambda: layers.RepeatVector(2), lambda: layers.Permute((2, 1)), layers.Flatten
        ),
        SEEDS,
        Y,
    ),
    "frozen layers": (frozen, SEEDS, Y),
} | {name: (*own, Y) for name, own in function_cases.CASES.items()}
WEIGHTS = {
    "regularizers L1, L2, L1L2": (
        regularizer,
        [{"l1": 0.1}, {"l2": 0.1}, {"l1": 0.05, "l2": 0.02}],
        Y,
    ),
    "activity regularizers": (activity_regularizer, [{"l2": 0.1}, {"l2": 0.0}], Y),
    "constraints MaxNorm, NonNeg": (constraint, SEEDS, Y),
    "constraint UnitNorm": (unit_norm, SEEDS, Y),
    "constraint MinMaxNorm": (min_max_norm, SEEDS, Y),
}


def optimizer(name, rate=0.05, **settings):
    return {"optimizer": getattr(optimizers, name)(rate, **settings)}


def undecayed(name, rate=0.05, **settings):
    own = optimizer(name, rate, weight_decay=0.1, **settings)
    own["optimizer"].exclude_from_weight_decay(var_names=["bias"])
    return own


class Warming(optimizers.schedules.LearningRateSchedule):
    """A schedule of the user's, which Keras cannot describe."""

    def __init__(self, rate, steps):
        self.rate, self.steps = rate, steps

    def __call__(self, step):
        return self.rate * keras.ops.minimum((step + 1) / self.steps, 1.0)


def schedule(name, *args, **settings):
    return {"optimizer": optimizers.SGD(getattr(optimizers.schedules, name)(*args, **settings))}


def warming():
    """A network with a schedule that Keras cannot describe, as it would have to for a copy."""
    model = network()
    model.compile(optimizers.SGD(Warming(0.5, 4)), "binary_crossentropy", metrics=["accuracy"])
    return model


def looking_up():
    rows = Input((FEATURES,))
    numbers = layers.Rescaling(0.7, offset=5.0)(rows)
    table = layers.Embedding(10, 2)
    words = layers.Flatten()(layers.Concatenate()([table(numbers), table(rows)]))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(words))


#: name -> (build function, row -> settings, target): all rows of a family share one program.
FAMILIES = {
    "activation": (
        activation,
        {
            name: {"activation": name}
            for name in [
                "elu",
                "gelu",
                "hard_shrink",
                "hard_sigmoid",
                "hard_silu",
                "hard_tanh",
                "leaky_relu",
                "linear",
                "log_sigmoid",
                "log_softmax",
                "mish",
                "relu",
                "relu6",
                "selu",
                "sigmoid",
                "silu",
                "soft_shrink",
                "softmax",
                "softplus",
                "softsign",
                "tanh",
                "tanh_shrink",
            ]
        },
        Y,
    ),
    "initializer": (
        initializer,
        {
            name: {"init": name}
            for name in [
                "glorot_normal",
                "glorot_uniform",
                "he_normal",
                "he_uniform",
                "identity",
                "lecun_normal",
                "lecun_uniform",
                "ones",
                "orthogonal",
                "random_normal",
                "random_uniform",
                "truncated_normal",
                "variance_scaling",
                "zeros",
            ]
        },
        Y,
    ),
    "optimizer": (
        network,
        {
            "SGD": optimizer("SGD"),
            "SGD, another learning rate": optimizer("SGD", 0.1),
            "SGD with momentum": optimizer("SGD", momentum=0.9),
            "SGD with Nesterov": optimizer("SGD", momentum=0.9, nesterov=True),
            "Adam": optimizer("Adam", beta_1=0.8, epsilon=1e-5),
            "Adam with AMSGrad": optimizer("Adam", amsgrad=True),
            "AdamW": optimizer("AdamW", weight_decay=0.1),
            "Nadam": optimizer("Nadam"),
            "Adamax": optimizer("Adamax"),
            "RMSprop": optimizer("RMSprop"),
            "RMSprop with momentum": optimizer("RMSprop", momentum=0.5),
            "RMSprop centered": optimizer("RMSprop", centered=True),
            "RMSprop centered with momentum": optimizer("RMSprop", centered=True, momentum=0.5),
            "Adagrad": optimizer("Adagrad"),
            "Adadelta": optimizer("Adadelta"),
            "Ftrl": optimizer(
                "Ftrl",
                l1_regularization_strength=0.01,
                l2_regularization_strength=0.02,
                l2_shrinkage_regularization_strength=0.01,
                beta=0.1,
            ),
            "Lion": optimizer("Lion"),
            "weight_decay": optimizer("SGD", weight_decay=0.1),
            "clipvalue": optimizer("Adam", clipvalue=0.01),
            "clipnorm": optimizer("SGD", 0.1, clipnorm=0.05),
            "global_clipnorm": optimizer("RMSprop", global_clipnorm=0.05),
            "Lamb": optimizer("Lamb"),
            "Adafactor": optimizer("Adafactor"),
            "Muon": optimizer(
                "Muon",
                exclude_layers=["dense_1"],
                nesterov=False,
                ns_steps=3,
                rms_rate=None,
                adam_weight_decay=0.1,
                adam_lr_ratio=0.5,
            ),
            "exclude_from_weight_decay": undecayed("AdamW"),
            "use_ema": optimizer("Adam", use_ema=True, ema_momentum=0.6, ema_overwrite_frequency=2),
            "gradient_accumulation_steps": optimizer(
                "Nadam",
                gradient_accumulation_steps=3,
                use_ema=True,
                ema_overwrite_frequency=2,
                clipnorm=0.05,
                weight_decay=0.1,
            ),
        },
        Y,
    ),
    "schedule": (
        network,
        {
            "ExponentialDecay": schedule("ExponentialDecay", 0.5, 2, 0.7),
            "PiecewiseConstantDecay": schedule("PiecewiseConstantDecay", [1, 3], [0.1, 0.05, 0.01]),
            "PolynomialDecay": schedule("PolynomialDecay", 0.5, 3),
            "InverseTimeDecay": schedule("InverseTimeDecay", 0.5, 2, 0.5),
            "CosineDecay": schedule("CosineDecay", 0.1, 4, warmup_target=0.3, warmup_steps=2),
            "CosineDecayRestarts": schedule("CosineDecayRestarts", 0.5, 2),
            "your own": {"model": warming},
            "none": {"optimizer": "sgd"},
        },
        Y,
    ),
}

#: Rows of families that end otherwise if each epoch is a training run of its own, or whose layers
#: have to be numbered from the start.
BY_FIT = ("Muon", "use_ema")
#: Rows of families that update every third mini-batch.
OF_MANY_STEPS = ("gradient_accumulation_steps",)

#: Optimizers that see the terms of which the gradient of a table is a sum.
LOOKED_UP = {
    "Adamax": optimizer("Adamax"),
    "Adafactor": optimizer("Adafactor"),
    "Adam, clipvalue": optimizer("Adam", clipvalue=0.01),
    "Adagrad, clipnorm": optimizer("Adagrad", clipnorm=0.02),
    "RMSprop, global_clipnorm": optimizer("RMSprop", global_clipnorm=0.02),
}
#: Others that are tried in the long form.
LOOKED_UP_IN_SOAK = {
    "Adam": optimizer("Adam"),
    "SGD, clipvalue": optimizer("SGD", clipvalue=0.01),
    "Adam, accumulated": optimizer("Adam", gradient_accumulation_steps=2),
    "SGD": optimizer("SGD"),
    "AMSGrad": optimizer("Adam", amsgrad=True),
    "Nadam": optimizer("Nadam"),
    "RMSprop, centered": optimizer("RMSprop", centered=True, momentum=0.5),
    "Adadelta": optimizer("Adadelta"),
    "Ftrl": optimizer("Ftrl"),
    "Lion": optimizer("Lion"),
    "Lamb": optimizer("Lamb"),
    "Muon": optimizer("Muon"),
    "SGD, clipnorm": optimizer("SGD", clipnorm=0.02),
    "Adam, averaged": optimizer("Adam", use_ema=True, ema_overwrite_frequency=2),
}


LOSSES = {
    "binary_crossentropy": (logistic, loss("binary_crossentropy"), Y),
    "BinaryCrossentropy from logits": (
        linear,
        # A loss has the float type of the time when it was made.
        lambda: loss(keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)),
        Y,
    ),
    "binary_focal_crossentropy": (logistic, loss("binary_focal_crossentropy"), Y),
    "hinge": (partial(linear, activation="tanh"), loss("hinge"), Y),
    "squared_hinge": (partial(linear, activation="tanh"), loss("squared_hinge"), Y),
    "sparse_categorical_crossentropy": (
        three_classes,
        loss("sparse_categorical_crossentropy"),
        Y3,
    ),
    "categorical_crossentropy": (three_classes, loss("categorical_crossentropy"), Y3),
    "categorical_focal_crossentropy": (
        three_classes,
        loss("categorical_focal_crossentropy"),
        Y3,
    ),
    "categorical_hinge": (three_classes, loss("categorical_hinge"), Y3),
    "kl_divergence": (three_classes, loss("kl_divergence"), Y3),
    "mean_squared_error": (linear, loss("mean_squared_error"), YR),
    "mean_absolute_error": (linear, loss("mean_absolute_error"), YR),
    "mean_absolute_percentage_error": (linear, loss("mean_absolute_percentage_error"), YR),
    "mean_squared_logarithmic_error": (
        linear,
        loss("mean_squared_logarithmic_error"),
        np.abs(YR),
    ),
    "huber": (linear, loss("huber"), YR),
    "log_cosh": (linear, loss("log_cosh"), YR),
    "cosine_similarity": (
        partial(linear, 2),
        loss("cosine_similarity"),
        np.column_stack([YR, Y]),
    ),
    "poisson": (partial(linear, activation="softplus"), loss("poisson"), np.abs(YR)),
    "reduction sum": (
        logistic,
        lambda: loss(keras.losses.BinaryCrossentropy(reduction="sum")),
        Y,
    ),
}
PLACES = {name: (place_cases.of(name), place_cases.SIZES, Y) for name in place_cases.KINDS}
CASES = {**LAYERS, **PLACES, **WEIGHTS, **LOSSES}


def noises(rate=0.5, stddev=0.5):
    return network(
        lambda: layers.Dropout(rate),
        lambda: layers.Dense(4, activation="tanh"),
        lambda: layers.Dropout(0.0),
        lambda: layers.GaussianDropout(rate),
        lambda: layers.GaussianNoise(stddev),
        lambda: layers.Dense(5, activation="tanh"),
        lambda: layers.AlphaDropout(0.3),
        lambda: layers.Reshape((5, 1)),
        lambda: layers.SpatialDropout1D(rate),
        layers.Flatten,
    )


def shapes_of_functions(activation="relu"):
    return network(
        lambda: layers.Activation(activation),
        layers.ReLU,
        lambda: layers.Dense(5),
        layers.LeakyReLU,
        layers.ELU,
        lambda: layers.Dense(5),
        layers.PReLU,
        layers.LayerNormalization,
        layers.Identity,
        lambda: layers.ActivityRegularization(0.01, 0.02),
        lambda: layers.Dense(5),
        layers.UnitNormalization,
        layers.Softmax,
    )


def penalties(l1=0.0, l2=0.0):
    kinds = keras.constraints
    return network(
        lambda: layers.Dense(4, activity_regularizer=keras.regularizers.L2(l2)),
        lambda: layers.Dense(5, "tanh", trainable=False),
        lambda: layers.Dense(
            4, "tanh", kernel_constraint=kinds.MaxNorm(0.5), bias_constraint=kinds.NonNeg()
        ),
        lambda: layers.Dense(5, "tanh", kernel_constraint=kinds.UnitNorm()),
        lambda: layers.Dense(4, "tanh", kernel_constraint=kinds.MinMaxNorm(0.3, 0.6)),
        kernel_regularizer=keras.regularizers.L1L2(l1, l2),
        bias_regularizer=keras.regularizers.L2(l2 + 0.01),
    )


def branches(activation="relu"):
    """Every network of one input that is no chain, and those that begin with another layer."""
    rows = Input((FEATURES,))
    own = normalization(), nested(activation), functional(), embedding()
    merged = layers.Concatenate()([model(rows) for model in own])
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(merged))


def convolutions():
    rows = Input((FEATURES,))
    repeated = network(
        lambda: layers.RepeatVector(2), lambda: layers.Permute((2, 1)), layers.Flatten
    )
    own = (
        convolution(),
        convolution(partial(layers.AveragePooling1D, 2), "causal"),
        convolution(layers.GlobalAveragePooling1D),
        convolution(layers.GlobalMaxPooling1D),
        repeated,
    )
    merged = layers.Concatenate()([model(rows) for model in own])
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(merged))


#: Losses that look at how a target is written, which is another thing beside other outputs.
OF_ONE_OUTPUT = (
    "BinaryCrossentropy from logits",
    "hinge",
    "squared_hinge",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
)
OF_SEVERAL = [name for name in LOSSES if name not in OF_ONE_OUTPUT]


def losses():
    """A network in which each of several losses has an output layer of its own."""
    rows, heads, own = Input((FEATURES,)), [], []
    for name in OF_SEVERAL:
        build, settings, _ = LOSSES[name]
        heads.append(build()(rows))
        own.append((settings() if callable(settings) else settings)[0]["loss"])
    model = keras.Model(rows, heads)
    model.compile("sgd", own)
    return model


#: A column for each output of :func:`losses`.
YS = np.column_stack(
    [np.eye(3)[y] if y is Y3 else y for *_, y in (LOSSES[name] for name in OF_SEVERAL)]
)


#: name -> (build function, settings, target, rows): several rows of the table in one network.
TOGETHER = {
    "noises": (
        noises,
        [{"rate": 0.3, "stddev": 0.3}, {"rate": 0.1, "stddev": 0.1, "random_state": 8}],
        Y,
        {
            "Dropout",
            "Dropout of nothing",
            "SpatialDropout1D",
            "GaussianDropout",
            "GaussianNoise",
            "AlphaDropout",
        },
    ),
    "activations": (
        shapes_of_functions,
        [{"activation": "relu"}, {"activation": "softplus"}],
        Y,
        {
            "Activation",
            "ReLU",
            "LeakyReLU",
            "ELU",
            "PReLU",
            "Softmax",
            "Identity",
            "ActivityRegularization",
            "LayerNormalization",
            "UnitNormalization",
        },
    ),
    "penalties": (
        penalties,
        [{"l1": 0.1}, {"l1": 0.05, "l2": 0.02, "random_state": 8}],
        Y,
        {*WEIGHTS, "frozen layers", "Dense"},
    ),
    "branches": (
        branches,
        [{}, {"activation": "tanh", "random_state": 8}],
        Y,
        {
            "Normalization, Rescaling",
            "a model inside a model",
            "Embedding, Flatten",
            "Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract",
        },
    ),
    "convolutions": (
        convolutions,
        SEEDS,
        Y,
        {
            "Reshape, ZeroPadding1D, Conv1D, MaxPooling1D",
            "Conv1D causal, AveragePooling1D",
            "GlobalAveragePooling1D",
            "GlobalMaxPooling1D",
            "RepeatVector, Permute",
        },
    ),
    **{name: (*own, Y, {name}) for name, own in function_cases.CASES.items()},
} | {
    name: (place_cases.of(*kinds), place_cases.SIZES, Y, set(kinds))
    for name, kinds in place_cases.TOGETHER.items()
}
#: Rows that no other can share a network with.
APART = {
    name: LAYERS[name]
    for name in (
        "several inputs",
        "BatchNormalization",
        "BatchNormalization of places",
        "attention behind mask_zero",
    )
} | {name: LOSSES[name] for name in OF_ONE_OUTPUT}
#: Of these also in float32, in which they differ by no more than what TensorFlow computes with;
#: others are compared with scikit-learn's search by ``model.fit``, in that type.
IN_FLOAT32 = ("BatchNormalization of places", "BinaryCrossentropy from logits", "hinge")
