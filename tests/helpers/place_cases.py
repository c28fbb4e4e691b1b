"""Rows of the table in docs/reference/lanes.md whose layers work on places: of a sequence, image or volume.

Each is a function of the number of filters and the size of the kernel, which lanes differ in, from
what comes before to what a head is put on.
"""

from functools import partial

import keras
import sequence_cases
from keras import Input, layers

FEATURES = 4
SIZES = [{"filters": 2, "kernel": 2}, {"filters": 3, "kernel": 3}]

SEQUENCES = {
    "Conv1DTranspose": lambda f, k: layers.Conv1DTranspose(f, k, strides=2, padding="same"),
    "DepthwiseConv1D": lambda f, k: layers.DepthwiseConv1D(k, depth_multiplier=f, strides=2),
    "SeparableConv1D": lambda f, k: layers.SeparableConv1D(f, k, padding="same"),
    "Conv1D in groups, causal, dilated": lambda f, k: layers.Conv1D(
        2 * f, k, padding="causal", dilation_rate=2, groups=2
    ),
    "UpSampling1D, Cropping1D": lambda *_: layers.Cropping1D((2, 1)),
}
RECURRENT = {
    "LSTM": lambda f, _: layers.LSTM(f, kernel_regularizer="l2"),
    "LSTM of all steps, backwards": lambda f, _: layers.LSTM(
        f, activation="elu", return_sequences=True, go_backwards=True
    ),
    "GRU": lambda f, _: layers.GRU(f, return_sequences=True),
    "GRU with its reset before": lambda f, _: layers.GRU(f, reset_after=False, unroll=True),
    "GRU without bias": lambda f, _: layers.GRU(f, use_bias=False),
    "SimpleRNN": lambda f, _: layers.SimpleRNN(f, bias_constraint="non_neg"),
}
ATTENTION = {
    "MultiHeadAttention": lambda f, k: (
        lambda x: layers.Add()(
            [x, layers.MultiHeadAttention(f, k, dropout=0.1 * f, value_dim=f)(x, x)]
        )
    ),
    "MultiHeadAttention with a mask and a gate": lambda f, k: (
        lambda x: layers.MultiHeadAttention(
            2, f, output_shape=k, use_gate=True, sliding_window=2, kernel_regularizer="l2"
        )(x, layers.UpSampling1D(2)(x), use_causal_mask=True)
    ),
    "GroupQueryAttention": lambda f, k: (
        lambda x: layers.GroupQueryAttention(k, 2 * f, f)(x, x, use_causal_mask=True)
    ),
    "Attention": lambda f, _: (
        lambda x: layers.Attention(use_scale=True, dropout=0.1 * f)(
            [x, layers.UpSampling1D(2)(x)], use_causal_mask=True
        )
    ),
    "Attention of sums": lambda *_: lambda x: layers.Attention(score_mode="concat")([x, x]),
    "AdditiveAttention": lambda *_: lambda x: layers.AdditiveAttention()([x, x]),
    "EinsumDense": lambda f, _: layers.EinsumDense(
        "abc,bcd->adb", (f, 8), bias_axes="d", activation="relu"
    ),
}
IMAGES = {
    "Conv2D": lambda f, k: layers.Conv2D(f, (k, 2), strides=(2, 1), padding="same"),
    "Conv2D in groups, dilated": lambda f, k: layers.Conv2D(2 * f, k, dilation_rate=2, groups=2),
    "Conv2DTranspose": lambda f, k: layers.Conv2DTranspose(f, (k, 3), strides=2, use_bias=False),
    "DepthwiseConv2D": lambda f, k: layers.DepthwiseConv2D(k, depth_multiplier=f),
    "SeparableConv2D": lambda f, k: layers.SeparableConv2D(f, k, depth_multiplier=2),
    "MaxPooling2D": lambda *_: layers.MaxPooling2D(2),
    "AveragePooling2D": lambda *_: layers.AveragePooling2D((2, 3), strides=2, padding="same"),
    "GlobalAveragePooling2D": lambda *_: layers.GlobalAveragePooling2D(),
    "GlobalMaxPooling2D": lambda *_: layers.GlobalMaxPooling2D(),
    "UpSampling2D, ZeroPadding2D, Cropping2D": lambda *_: layers.Cropping2D(1),
    "SpatialDropout2D": lambda f, _: layers.SpatialDropout2D(0.1 * f),
    "GroupNormalization": lambda *_: layers.GroupNormalization(2),
    "RMSNormalization": lambda *_: layers.RMSNormalization(),
}
#: What looks at the sizes of its inputs, so that each of them has a program of its own.
SIZED = {
    "UpSampling2D that interpolates": lambda f, k: layers.UpSampling2D(2, interpolation="bilinear"),
    "Resizing": lambda *_: layers.Resizing(3, 6),
    "CenterCrop": lambda *_: layers.CenterCrop(3, 2),
    "AdaptiveAveragePooling2D": lambda *_: layers.AdaptiveAveragePooling2D((2, 3)),
    "AdaptiveMaxPooling2D": lambda *_: layers.AdaptiveMaxPooling2D(3),
    "Conv2DTranspose with more outputs": lambda f, _: layers.Conv2DTranspose(
        f, 3, strides=2, padding="same", output_padding=(1, 0)
    ),
}
VOLUMES = {
    "Conv3D, UpSampling3D, ZeroPadding3D": lambda f, k: layers.Conv3D(f, (1, k, 2)),
    "Conv3DTranspose": lambda f, k: layers.Conv3DTranspose(f, (k, 1, 2)),
    "GlobalAveragePooling3D": lambda *_: layers.GlobalAveragePooling3D(),
    "GlobalMaxPooling3D": lambda *_: layers.GlobalMaxPooling3D(),
    "Cropping3D": lambda *_: layers.Cropping3D((0, 1, 1)),
    "SpatialDropout3D": lambda f, _: layers.SpatialDropout3D(0.1 * f),
}
#: What TensorFlow has in single precision only.
SINGLE = {
    "MaxPooling3D": lambda *_: layers.MaxPooling3D((1, 2, 2)),
    "AveragePooling3D": lambda *_: layers.AveragePooling3D((1, 2, 2)),
}
KINDS = {
    **SEQUENCES,
    **RECURRENT,
    **ATTENTION,
    **sequence_cases.SEQUENCES,
    **sequence_cases.MASKED,
    **IMAGES,
    **SIZED,
    **VOLUMES,
    **SINGLE,
}
#: Of attention, what is in the default suite.
OFTEN = {"MultiHeadAttention", "GroupQueryAttention", "EinsumDense"}
#: Of images, what is left to soak: it has no weights, so that to it a row is a row.
WEIGHTLESS = {name: own for name, own in IMAGES.items() if "Pooling" in name or "ing2D" in name}
_SHORT = [name for name in {**RECURRENT, **IMAGES} if name not in WEIGHTLESS]
#: Networks in which several are trained; what is one over another number of axes is in soak alone.
TOGETHER = {
    **{
        f"places {start}": {name: KINDS[name] for name in _SHORT[start : start + 3]}
        for start in range(0, len(_SHORT), 3)
    },
    **sequence_cases.TOGETHER,
    "attention": {name: ATTENTION[name] for name in OFTEN},
    "single precision": SINGLE,
}
IN_SOAK = {
    **SEQUENCES,
    **sequence_cases.SEQUENCES,
    **sequence_cases.MASKED,
    **WEIGHTLESS,
    **SIZED,
    **VOLUMES,
    **{name: ATTENTION[name] for name in set(ATTENTION) - OFTEN},
}


def sequence(rows):
    steps = layers.UpSampling1D(2)(layers.Reshape((4, 1))(rows))
    return layers.Conv1D(2, 2, activation="tanh", padding="same")(steps)


def steps(rows):
    places = layers.Reshape((4, 1))(rows)
    return layers.Conv1D(2, 2, activation="tanh", padding="same")(places)


def words(rows):
    numbers = layers.ReLU(max_value=4.0)(layers.Rescaling(1.5, offset=1.0)(rows))
    return layers.Embedding(5, 2, mask_zero=True)(numbers)


def image(rows):
    places = layers.ZeroPadding2D(1)(layers.UpSampling2D(2)(layers.Reshape((2, 2, 1))(rows)))
    return layers.Conv2D(2, 2, activation="tanh")(places)


def volume(rows):
    places = layers.UpSampling3D((1, 2, 2))(layers.Reshape((1, 2, 2, 1))(rows))
    return layers.Conv3D(2, 2, activation="tanh")(layers.ZeroPadding3D((1, 0, 0))(places))


BEGIN = {
    sequence: {**SEQUENCES, **RECURRENT, **ATTENTION},
    steps: sequence_cases.SEQUENCES,
    words: sequence_cases.MASKED,
    image: {**IMAGES, **SIZED},
}


def network(names, filters=2, kernel=2):
    """Return a model in which each of some layers has a branch of its own."""
    rows = Input((FEATURES,))
    begins = {}
    branches = []
    for name in names:
        make = next((make for make, own in BEGIN.items() if name in own), volume)
        if make not in begins:
            begins[make] = make(rows)
        own = KINDS[name](filters, kernel)(begins[make])
        branches.append(layers.Flatten()(layers.Activation("tanh")(own)))
    merged = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(merged))


def of(*names):
    return partial(network, names)
