"""The metrics and losses of docs/reference/lanes.md: many in one network, each for an output that suits it.

A target has the columns of all outputs: a number, odds of 0 or 1, and which of three classes.
"""

import keras
import lane_cases as cases
import numpy as np
from keras import Input, layers, metrics, ops

Y = np.column_stack([cases.YR, cases.Y, np.eye(3)[cases.Y3]])
WEIGHTS = np.linspace(0.2, 2, cases.ROWS)


def largest_error(y, outputs):
    """A metric that is one number for all rows of a mini-batch."""
    return ops.max(ops.abs(y - outputs))


def of_all_rows(y, outputs):
    """A loss that is one number for all rows of a mini-batch, and looks at the largest."""
    return ops.mean(ops.square(y - outputs)) + 0.1 * ops.max(ops.abs(outputs))


def focal(y, outputs):
    """A loss of each row, of Keras' own that looks behind the outputs for logits."""
    entropy = ops.binary_crossentropy(y, outputs)
    return ops.mean(entropy * ops.square(1 - ops.exp(-entropy)), axis=-1)


class Quantile(keras.losses.Loss):
    def __init__(self, share=0.5, **options):
        super().__init__(**options)
        self.share = share

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return ops.maximum(self.share * error, (self.share - 1) * error)

    def get_config(self):
        return {**super().get_config(), "share": self.share}


class Extremes(metrics.Metric):
    """Takes no notice of weights, and is several numbers under names of its own."""

    def __init__(self, name="extremes", **options):
        super().__init__(name=name, **options)
        self.largest = self.add_weight(shape=(), initializer="ones", name="largest")
        self.mini_batches = self.add_weight(shape=(), initializer="zeros", name="mini_batches")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.largest.assign(ops.maximum(self.largest, largest_error(y_true, y_pred)))
        self.mini_batches.assign_add(1.0)

    def result(self):
        both = ops.stack([self.largest + 0.0, self.mini_batches + 0.0])
        return {"largest": self.largest + 0.0, "both": both}

    def reset_state(self):
        self.largest.assign(1.0)
        self.mini_batches.assign(0.0)


class NotANumber(Extremes):
    def result(self):
        return self.largest * float("nan")


#: name -> (output, functions that make it)
METRICS = {
    "AUC": ("odds", [metrics.AUC, lambda: metrics.AUC(thresholds=[0.2, 0.5, 0.7], name="at")]),
    "Accuracy": ("odds", [metrics.Accuracy]),
    "BinaryAccuracy": ("odds", [metrics.BinaryAccuracy]),
    "BinaryCrossentropy": ("odds", [metrics.BinaryCrossentropy]),
    "BinaryIoU": ("odds", [metrics.BinaryIoU]),
    "CategoricalAccuracy": ("classes", [metrics.CategoricalAccuracy]),
    "CategoricalCrossentropy": ("classes", [metrics.CategoricalCrossentropy]),
    "CategoricalHinge": ("classes", [metrics.CategoricalHinge]),
    "ConcordanceCorrelation": ("classes", [metrics.ConcordanceCorrelation]),
    "CosineSimilarity": ("classes", [metrics.CosineSimilarity]),
    "F1Score": ("classes", [lambda: metrics.F1Score(average=None)]),
    "FBetaScore": ("classes", [lambda: metrics.FBetaScore(average="macro", beta=2.0)]),
    "FalseNegatives": ("odds", [metrics.FalseNegatives]),
    "FalsePositives": ("odds", [lambda: metrics.FalsePositives(thresholds=[0.4, 0.5])]),
    "Hinge": ("odds", [metrics.Hinge]),
    "IoU": ("odds", [lambda: metrics.IoU(2, [0, 1])]),
    "KLDivergence": ("classes", [metrics.KLDivergence]),
    "LogCoshError": ("real", [metrics.LogCoshError]),
    "MeanAbsoluteError": ("real", [metrics.MeanAbsoluteError]),
    "MeanAbsolutePercentageError": ("real", [metrics.MeanAbsolutePercentageError]),
    "MeanIoU": ("odds", [lambda: metrics.MeanIoU(2)]),
    "MeanMetricWrapper": ("real", [lambda: metrics.MeanMetricWrapper(largest_error)]),
    "MeanSquaredError": ("real", [metrics.MeanSquaredError]),
    "MeanSquaredLogarithmicError": ("odds", [metrics.MeanSquaredLogarithmicError]),
    "OneHotIoU": ("classes", [lambda: metrics.OneHotIoU(3, [0, 2])]),
    "OneHotMeanIoU": ("classes", [lambda: metrics.OneHotMeanIoU(3)]),
    "PearsonCorrelation": (
        "classes",
        [metrics.PearsonCorrelation, lambda: metrics.PearsonCorrelation("across", axis=0)],
    ),
    "Poisson": ("odds", [metrics.Poisson]),
    "Precision": ("odds", [lambda: metrics.Precision(thresholds=[0.3, 0.5])]),
    "PrecisionAtRecall": ("odds", [lambda: metrics.PrecisionAtRecall(0.5)]),
    "R2Score": ("real", [metrics.R2Score]),
    "Recall": ("classes", [lambda: metrics.Recall(class_id=1)]),
    "RecallAtPrecision": ("odds", [lambda: metrics.RecallAtPrecision(0.5)]),
    "RootMeanSquaredError": ("real", [metrics.RootMeanSquaredError]),
    "SensitivityAtSpecificity": ("odds", [lambda: metrics.SensitivityAtSpecificity(0.5)]),
    "SpecificityAtSensitivity": ("odds", [lambda: metrics.SpecificityAtSensitivity(0.5)]),
    "SquaredHinge": ("odds", [metrics.SquaredHinge]),
    "TopKCategoricalAccuracy": ("classes", [lambda: metrics.TopKCategoricalAccuracy(2)]),
    "TrueNegatives": ("odds", [metrics.TrueNegatives]),
    "TruePositives": ("odds", [metrics.TruePositives]),
    "a metric of your own": ("real", [lambda: largest_error, Extremes, NotANumber]),
}
#: The same for classes by their numbers.
SPARSE = {
    "SparseCategoricalAccuracy": [metrics.SparseCategoricalAccuracy],
    "SparseCategoricalCrossentropy": [metrics.SparseCategoricalCrossentropy],
    "SparseTopKCategoricalAccuracy": [lambda: metrics.SparseTopKCategoricalAccuracy(2)],
}
#: What ``model.fit`` does not take as a metric either.
NOT_OF_OUTPUTS = ("Mean", "Metric", "Sum")
#: name -> (output, loss)
LOSSES = {
    "Dice": ("odds", "dice"),
    "Tversky": ("classes", lambda: keras.losses.Tversky(0.3, 0.7)),
    "a function of your own": ("odds", focal),
    "a function of your own, one number": ("real", of_all_rows),
    "a class of your own": ("real", lambda: Quantile(0.3)),
    "CosineSimilarity along rows": ("classes", lambda: keras.losses.CosineSimilarity(axis=0)),
}


def outputs(rows, names):
    """Return outputs of these names, each of a kind that its name begins with."""
    kinds = {"real": (1, "linear"), "odds": (1, "sigmoid"), "classes": (3, "softmax")}
    hidden = layers.Dense(4, "tanh")(rows)
    return [layers.Dense(*kinds[name.partition("_")[0]], name=name)(hidden) for name in names]


def network(losses, measured=(), share=1.0):
    """A network with an output for each of some losses, and three that are measured by metrics."""
    rows, kinds = Input((cases.FEATURES,)), {"real": "mse", "odds": "mae", "classes": "mse"}
    own = {f"{LOSSES[name][0]}_{n}": LOSSES[name][1] for n, name in enumerate(losses)}
    made = {
        name: make() if getattr(make, "__name__", "") == "<lambda>" else make
        for name, make in {**kinds, **own}.items()
    }
    of_outputs = {kind: [] for kind in kinds}
    for name in measured:
        output, makers = METRICS[name]
        of_outputs[output] += [make() for make in makers]
    model = keras.Model(rows, dict(zip(made, outputs(rows, made), strict=True)))
    model.compile(
        optimizer="sgd",
        loss=made,
        loss_weights={name: share + n for n, name in enumerate(made)},
        metrics=of_outputs,
        weighted_metrics={
            "real": ["mae"],
            "odds": [metrics.AUC(thresholds=[0.4, 0.6], name="auc")],
        },
    )
    return model


def target_of(model):
    """Return the columns of a model's outputs, in the order of their names."""
    columns = {"real": Y[:, :1], "odds": Y[:, 1:2], "classes": Y[:, 2:]}
    return np.column_stack([columns[name.partition("_")[0]] for name in model.output_names])
