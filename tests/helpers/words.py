"""A table of words and numbers, and networks that make numbers of it."""

import keras
import numpy as np
import pandas as pd
from keras import Input, layers

ROWS = 24
rng = np.random.default_rng(0)
WORDS = np.array(["good", "bad", "fine", "dull", "day", "night"])
TABLE = pd.DataFrame(
    {
        "text": [" ".join(rng.choice(WORDS, 4)) for _ in range(ROWS)],
        "city": rng.choice(["Rome", "Oslo", "Lima", "Bern"], ROWS),
        "age": rng.normal(40, 10, ROWS),
        "shop": rng.integers(0, 5, ROWS) * 1000,
        "pay": rng.lognormal(3, 1, ROWS),
    }
)
Y = ((TABLE["age"] > 40) ^ (TABLE["city"] == "Rome")).astype(int).to_numpy()
#: Of the layers that learn from rows, which column each learns from.
LEARN = {
    "ages": "age",
    "pays": "pay",
    "cities": "city",
    "shops": "shop",
    "tf": "text",
    "seq": "text",
}
COMMON = {"epochs": 2, "batch_size": 8, "optimizer": "adam", "random_state": 3}


def build(units=3):
    """Return a network with each kind of layer that prepares rows; its inputs are named columns."""
    age, pay = Input((1,), name="age"), Input((1,), name="pay")
    city, text = (Input((1,), name=name, dtype="string") for name in ("city", "text"))
    shop = Input((1,), name="shop", dtype="int64")
    one_hot = {"output_mode": "one_hot"}
    padded = {"max_tokens": 6, "pad_to_max_tokens": True}
    bins = layers.Discretization(num_bins=4, name="pays")(layers.Rescaling(0.5)(pay))
    parts = [
        layers.Normalization(name="ages")(age),
        age,
        layers.CategoryEncoding(4, **one_hot)(bins),
        layers.StringLookup(**padded, output_mode="multi_hot", name="cities")(city),
        layers.CategoryEncoding(5, **one_hot)(layers.Hashing(5)(city)),
        layers.HashedCrossing(6, **one_hot)([city, shop]),
        layers.Flatten()(layers.Embedding(8, 2)(layers.IntegerLookup(8, name="shops")(shop))),
        layers.Flatten()(layers.TextVectorization(**padded, output_mode="tf_idf", name="tf")(text)),
        layers.GlobalAveragePooling1D()(
            layers.Embedding(8, 3)(
                layers.TextVectorization(8, output_sequence_length=5, name="seq")(text)
            )
        ),
    ]
    x = layers.Dense(units, "tanh")(layers.Concatenate()(parts))
    return keras.Model([age, pay, city, text, shop], layers.Dense(1, "sigmoid")(x))


def small(units=3, tokens=6):
    """Return one with few of these layers."""
    age = Input((1,), name="age")
    city, text = (Input((1,), name=name, dtype="string") for name in ("city", "text"))
    words = layers.TextVectorization(8, output_sequence_length=3)(text)
    parts = [
        layers.Normalization()(age),
        layers.StringLookup(
            max_tokens=tokens, pad_to_max_tokens=True, output_mode="multi_hot", name="cities"
        )(city),
        layers.Flatten()(layers.Embedding(8, 2)(words)),
    ]
    x = layers.Dense(units, "tanh")(layers.Concatenate()(parts))
    return keras.Model([age, city, text], layers.Dense(1, "sigmoid")(x))


def vectorized(units=3, **given):
    """Return one that takes nothing but texts."""
    text = Input((1,), name="text", dtype="string")
    words = layers.TextVectorization(8, output_sequence_length=3, **given)(text)
    x = layers.Flatten()(layers.Embedding(8, units)(words))
    return keras.Model(text, layers.Dense(1, "sigmoid")(x))
