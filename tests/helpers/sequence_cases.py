"""Rows of the table in docs/reference/lanes.md whose layers go through sequences, as those of place_cases.

Some begin with words of which 0 stands for none, so that there is a mask.
"""

import keras
from keras import Input, Sequential, layers

IN_TURN = "Bidirectional, TimeDistributed, BatchNormalization, initial_state behind a mask"


def states_handed_on(filters):
    def call(steps):
        whole, *states = layers.LSTM(filters, return_state=True)(steps)
        return layers.LSTM(filters)(layers.RepeatVector(2)(whole), initial_state=states)

    return call


def both_ways(filters):
    def call(steps):
        _, *states = layers.Bidirectional(layers.GRU(filters, return_state=True))(steps)
        inner = layers.SimpleRNN(filters, return_sequences=True)
        kept = layers.Concatenate()(layers.Bidirectional(inner, merge_mode=None)(steps))
        return layers.Bidirectional(layers.GRU(filters), merge_mode="mul")(
            kept, initial_state=states
        )

    return call


def model_of_steps(filters, kernel):
    inner = [
        Input((2, 1)),
        layers.Conv1D(filters, kernel, padding="same"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(filters, "relu"),
    ]
    return lambda steps: layers.TimeDistributed(Sequential(inner))(layers.Reshape((4, 2, 1))(steps))


def cells(filters):
    return [
        layers.LSTMCell(filters, dropout=0.2),
        layers.GRUCell(filters, recurrent_dropout=0.1 * filters),
    ]


def merged(filters):
    def call(words):
        steps = layers.GRU(filters, return_sequences=True, zero_output_for_mask=True)(words)
        dense = layers.TimeDistributed(layers.Dense(filters, "relu"))(words)
        both = layers.Concatenate()([layers.Add()([dense, steps]), steps])
        return layers.LSTM(filters, go_backwards=True)(both)

    return call


def in_turn(filters):
    """Return what most of those that heed a mask make of words, one after the other."""

    def call(words):
        inner = layers.SimpleRNN(
            filters, dropout=0.1 * filters, recurrent_dropout=0.2, return_sequences=True
        )
        steps = layers.Bidirectional(inner, merge_mode="ave")(words)
        steps = layers.TimeDistributed(layers.Dense(filters, "relu"))(steps)
        steps = layers.BatchNormalization()(steps)
        _, state = layers.GRU(filters, return_state=True)(steps)
        mean = layers.RepeatVector(2)(layers.GlobalAveragePooling1D()(steps))
        return layers.SimpleRNN(filters)(mean, initial_state=[state])

    return call


SEQUENCES = {
    "LSTM with dropout": lambda f, _: layers.LSTM(f, dropout=0.1 * f, recurrent_dropout=0.2),
    "LSTM with dropout of inputs": lambda f, _: layers.LSTM(f, dropout=0.1 * (f - 2)),
    "GRU with dropout": lambda f, _: layers.GRU(f, dropout=0.2, recurrent_dropout=0.1 * f),
    "GRU with its reset before, and dropout": lambda f, _: layers.GRU(
        f, reset_after=False, recurrent_dropout=0.1 * f
    ),
    "SimpleRNN with dropout": lambda f, _: layers.SimpleRNN(
        f, dropout=0.1 * f, recurrent_dropout=0.2
    ),
    "LSTM with activations": lambda f, _: layers.LSTM(
        f, activation=["tanh", "relu"][f - 2], recurrent_activation=["sigmoid", "silu"][f - 2]
    ),
    "GRU, penalties": lambda f, _: layers.GRU(
        f,
        recurrent_regularizer=keras.regularizers.L2(0.1 * f),
        recurrent_constraint=keras.constraints.MaxNorm(0.3 * f),
        return_sequences=True,
    ),
    "initial_state, return_state": lambda f, _: states_handed_on(f),
    "RNN, StackedRNNCells": lambda f, _: layers.RNN(cells(f), return_sequences=True),
    "Bidirectional": lambda f, _: layers.Bidirectional(layers.LSTM(f, dropout=0.1 * f)),
    "Bidirectional of all steps": lambda f, _: layers.Bidirectional(
        layers.GRU(f, return_sequences=True, activity_regularizer="l2"), merge_mode="sum"
    ),
    "Bidirectional both ways, with states": lambda f, _: both_ways(f),
    "TimeDistributed": lambda f, _: (
        lambda steps: layers.TimeDistributed(layers.LSTM(f))(layers.Reshape((4, 2, 1))(steps))
    ),
    "TimeDistributed of a model": model_of_steps,
}
MASKED = {
    "Masking": lambda f, _: lambda words: layers.LSTM(f)(layers.Masking(0.0)(layers.ReLU()(words))),
    "LSTM behind a mask": lambda f, _: layers.LSTM(f, unroll=True),
    "GRU, Add, Concatenate behind a mask": lambda f, _: merged(f),
    IN_TURN: lambda f, _: in_turn(f),
    "GlobalAveragePooling1D behind a mask": lambda f, _: (
        lambda words: layers.GlobalAveragePooling1D()(layers.Dense(f)(words))
    ),
}
TOGETHER = {"sequences": [IN_TURN]}
