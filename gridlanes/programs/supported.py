"""Which of Keras' layers, activations and losses can ride in a lane.

What is not in these tables is trained by ``model.fit``. Optimizers stand in
:mod:`gridlanes.programs.optimizers`.
"""

#: Layers that convolve their inputs with a kernel.
CONVOLUTIONS = frozenset(
    [
        "Conv1D",
        "Conv1DTranspose",
        "Conv2D",
        "Conv2DTranspose",
        "Conv3D",
        "Conv3DTranspose",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "SeparableConv1D",
        "SeparableConv2D",
    ]
)

#: Layers that go through a sequence step by step, and what takes such a step.
RECURRENT = frozenset(["GRU", "LSTM", "RNN", "SimpleRNN"])
CELLS = frozenset(["GRUCell", "LSTMCell", "SimpleRNNCell"])

#: Layers that call those that they hold on each step of a sequence.
STEPWISE = RECURRENT | {"TimeDistributed"}

#: Layers of attention, of many heads and of none.
HEADS = frozenset(["GroupedQueryAttention", "MultiHeadAttention"])
ATTENTION = HEADS | {"AdditiveAttention", "Attention"}

#: Layers whose output for a row depends on that row only, in inference, and whose configuration
#: says all there is to know of them. Batch normalisation sees the other rows in training.
LAYERS = (
    ATTENTION
    | CELLS
    | CONVOLUTIONS
    | STEPWISE
    | frozenset(
        [
            "Activation",
            "ActivityRegularization",
            "Add",
            "AlphaDropout",
            "Average",
            "AveragePooling1D",
            "AveragePooling2D",
            "AveragePooling3D",
            "BatchNormalization",
            "Bidirectional",
            "Concatenate",
            "Cropping1D",
            "Cropping2D",
            "Cropping3D",
            "Dense",
            "Dot",
            "Dropout",
            "ELU",
            "EinsumDense",
            "Embedding",
            "Flatten",
            "GaussianDropout",
            "GaussianNoise",
            "GlobalAveragePooling1D",
            "GlobalAveragePooling2D",
            "GlobalAveragePooling3D",
            "GlobalMaxPooling1D",
            "GlobalMaxPooling2D",
            "GlobalMaxPooling3D",
            "GroupNormalization",
            "Identity",
            "InputLayer",
            "Lambda",
            "LayerNormalization",
            "LeakyReLU",
            "MaxPooling1D",
            "MaxPooling2D",
            "MaxPooling3D",
            "Masking",
            "Maximum",
            "Minimum",
            "Multiply",
            "Normalization",
            "PReLU",
            "Permute",
            "RMSNormalization",
            "ReLU",
            "RepeatVector",
            "Rescaling",
            "Reshape",
            "Softmax",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "StackedRNNCells",
            "Subtract",
            "UnitNormalization",
            "UpSampling1D",
            "UpSampling2D",
            "UpSampling3D",
            "ZeroPadding1D",
            "ZeroPadding2D",
            "ZeroPadding3D",
        ]
    )
)

#: What says how large a layer is, in its configuration.
SIZES = {
    "Dense": ("units",),
    "EinsumDense": ("output_shape",),
    "Embedding": ("input_dim", "output_dim"),
    **dict.fromkeys(CELLS, ("units",)),
    "GroupedQueryAttention": ("head_dim", "num_query_heads", "num_key_value_heads"),
    "MultiHeadAttention": ("num_heads", "key_dim", "value_dim", "output_shape"),
    **dict.fromkeys(CONVOLUTIONS, ("filters", "kernel_size", "depth_multiplier")),
}

#: Constraints that a lane may choose among, with bounds of its own.
CONSTRAINTS = ("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm")

#: Activations that a lane may choose among. Each works row by row and has a slope at 0, which it
#: is given by lanes that did not choose it.
ACTIVATIONS = (
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
)

#: Other activations of Keras; a layer that has one shares a program with its like.
OTHER_ACTIVATIONS = frozenset(
    [
        "celu",
        "exponential",
        "glu",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "threshold",
    ]
)

#: Operations that make of each number one number, or of each two.
ELEMENTWISE = frozenset(
    [
        "Absolute",
        "Add",
        "Divide",
        "Exp",
        "Gelu",
        "LeakyRelu",
        "Log",
        "Maximum",
        "Minimum",
        "Multiply",
        "Negative",
        "Power",
        "ReLU",
        "Relu",
        "Relu6",
        "Sigmoid",
        "Silu",
        "Softplus",
        "Sqrt",
        "Square",
        "Subtract",
        "Tanh",
        "TrueDivide",
    ]
)

#: The number by which lanes may differ, in layers that draw random numbers.
NOISE = {
    **dict.fromkeys(ATTENTION, "dropout"),
    "AlphaDropout": "rate",
    "Dropout": "rate",
    "SpatialDropout1D": "rate",
    "SpatialDropout2D": "rate",
    "SpatialDropout3D": "rate",
    "GaussianDropout": "rate",
    "GaussianNoise": "stddev",
}

#: What recurrent cells drop: of their inputs and of their states.
DROPOUTS = ("dropout", "recurrent_dropout")

#: Axes of outputs, of two dimensions, along which a loss or a metric does not stay in its row.
ACROSS_ROWS = (0, -2)

#: Losses that Keras forms row by row; all others see the rows of one lane at a time.
LOSSES = frozenset(
    [
        "binarycrossentropy",
        "binaryfocalcrossentropy",
        "categoricalcrossentropy",
        "categoricalfocalcrossentropy",
        "categoricalhinge",
        "cosinesimilarity",
        "hinge",
        "huber",
        "kldivergence",
        "logcosh",
        "meanabsoluteerror",
        "meanabsolutepercentageerror",
        "meansquarederror",
        "meansquaredlogarithmicerror",
        "poisson",
        "sparsecategoricalcrossentropy",
        "squaredhinge",
    ]
)

#: Metrics that are means over what Keras' functions make of each row.
MEASURES = LOSSES | frozenset(
    [
        "accuracy",
        "binaryaccuracy",
        "categoricalaccuracy",
        "concordancecorrelation",
        "pearsoncorrelation",
        "sparsecategoricalaccuracy",
        "sparsetopkcategoricalaccuracy",
        "topkcategoricalaccuracy",
    ]
)

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum")
