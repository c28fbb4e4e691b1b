"""Layers that turn text and categories into numbers, beside the same done by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import Input, layers
from words import COMMON, LEARN, ROWS, TABLE, Y, build

from gridlanes import KerasClassifier, ModelError

pytestmark = pytest.mark.usefixtures("eager")


def inputs_of(rows):
    return {name: tf.constant(rows[[name]].to_numpy()) for name in rows}


def by_hand(rows, targets):
    """Return a network adapted and trained by plain Keras."""
    keras.utils.set_random_seed(COMMON["random_state"])
    model = build()
    for name, column in LEARN.items():
        given = rows[[column]].to_numpy()
        model.get_layer(name).adapt(given * 0.5 if name == "pays" else given)
    model.compile(COMMON["optimizer"], "binary_crossentropy")
    for epoch in range(COMMON["epochs"]):
        order = np.random.default_rng([COMMON["random_state"], epoch]).permutation(len(rows))
        own = inputs_of(rows.iloc[order])
        model.fit(own, targets[order], batch_size=COMMON["batch_size"], shuffle=False, verbose=0)
    return model


def test_a_fit_adapts_as_it_is_done_by_hand(float_type):
    """To the rows that it trains on, not to those held out."""
    half = ROWS // 2
    table = TABLE.assign(city=np.where(np.arange(ROWS) < half, TABLE["city"], "Riga"))
    fit = KerasClassifier(build, validation_split=0.5, **COMMON).fit(table, Y)
    model = by_hand(table[:half], Y[:half])
    for name in ("cities", "shops", "tf", "seq"):
        words = model.get_layer(name).get_vocabulary()
        assert fit.model_.get_layer(name).get_vocabulary() == words
        assert "Riga" not in words
    bounds = [own.get_layer("pays").bin_boundaries for own in (fit.model_, model)]
    np.testing.assert_allclose(*bounds)
    expected = model(inputs_of(table)).numpy()[:, 0]
    np.testing.assert_allclose(fit.predict_proba(table)[:, 1], expected, rtol=1e-9)
    # Columns are told by their names.
    np.testing.assert_array_equal(
        fit.predict_proba(dict(table)), fit.predict_proba(table), strict=True
    )


def texts(layer, *others):
    """Return a build function of a network over one column of text."""

    def build():
        given = Input((1,), dtype="string")
        parts = [keras.layers.Flatten()(layer(given)), *(other(given) for other in others)]
        x = layers.Concatenate()(parts) if others else parts[0]
        return keras.Model(given, layers.Dense(1, "sigmoid")(x))

    return build


def test_texts_need_no_table_and_what_is_adapted_stays():
    words = layers.TextVectorization(vocabulary=["night", "day"], output_mode="multi_hot")
    adapted = layers.StringLookup(output_mode="multi_hot")
    adapted.adapt(np.array(["good bad fine dull"]))
    fit = KerasClassifier(texts(words, adapted), **COMMON).fit(TABLE["text"].tolist(), Y)
    assert words.get_vocabulary() == ["[UNK]", "night", "day"]
    assert adapted.get_vocabulary() == ["[UNK]", "good bad fine dull"]
    np.testing.assert_array_equal(
        fit.predict_proba(TABLE["text"]), fit.predict_proba(TABLE[["text"]].to_numpy())
    )


def test_layers_of_a_model_inside_a_model_are_adapted():
    inside = keras.Sequential(
        [Input((1,), dtype="string"), layers.TextVectorization(8, output_sequence_length=3)]
    )

    def embedded():
        text = Input((1,), dtype="string")
        return keras.Sequential(
            [text, inside, layers.Embedding(8, 2), layers.Flatten(), layers.Dense(1)]
        )

    KerasClassifier(embedded, loss="mse", **COMMON).fit(TABLE["text"], Y)
    assert inside.layers[0].vocabulary_size() == 8


@pytest.mark.parametrize(
    ("layer", "X", "says"),
    [
        (layers.TextVectorization, ["..."] * ROWS, "layer 'text_vectorization.*' finds no vocab"),
        (layers.StringLookup, [[None]] * ROWS, "None"),
    ],
)
def test_what_cannot_be_adapted_is_an_error_in_words(layer, X, says):
    own = layer(max_tokens=8, output_mode="multi_hot", pad_to_max_tokens=True)
    estimator = KerasClassifier(texts(own), **COMMON)
    with pytest.raises((ModelError, ValueError), match=says):
        estimator.fit(X, Y)


def test_large_whole_numbers_are_looked_up_as_they_are():
    numbers = 2**24 + np.arange(ROWS)[:, None] % 2

    def counted():
        key = Input((1,), dtype="int64")
        given = layers.IntegerLookup(4, output_mode="multi_hot", pad_to_max_tokens=True)(key)
        return keras.Model(key, layers.Dense(1, "sigmoid")(given))

    fit = KerasClassifier(counted, **COMMON).fit(numbers, Y)
    assert sorted(fit.model_.layers[1].get_vocabulary()[1:]) == [2**24, 2**24 + 1]
    assert len(np.unique(fit.predict_proba(numbers)[:, 1])) == 2


def test_a_layer_called_twice_is_not_adapted():
    shared = layers.StringLookup(max_tokens=8)

    def twice():
        sides = [Input((1,), name=name, dtype="string") for name in ("text", "city")]
        x = layers.Concatenate()([layers.Embedding(8, 1)(shared(side)) for side in sides])
        return keras.Model(sides, layers.Dense(1, "sigmoid")(layers.Flatten()(x)))

    with pytest.raises(ModelError, match="is called on several inputs: give it a vocabulary"):
        KerasClassifier(twice, **COMMON).fit(TABLE[["city", "text"]], Y)
