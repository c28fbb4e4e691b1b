"""Data, class weights and networks that do not suit: errors say what would."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gridlanes import GridSearchCV, KerasClassifier, ModelError, ParameterError

X = np.random.default_rng(0).normal(size=(24, 3))
Y = (X[:, 0] > 0).astype(int)
LABELS = np.array(["no", "yes"])[Y]


def build(meta):
    units = meta["n_outputs_"]
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, "sigmoid")])


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 1

    def __getitem__(self, number):
        return X, Y


def datasets():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(8), Batches()


def test_data_sets_are_not_taken():
    for rows in datasets():
        for use in (
            lambda rows: KerasClassifier(build).fit(rows),
            lambda rows: KerasClassifier(build).fit(rows, Y),
            lambda rows: GridSearchCV(KerasClassifier(build), {}).fit(rows, Y),
        ):
            with pytest.raises(ParameterError, match="data sets of Keras and TensorFlow are not"):
                use(rows)
    with pytest.raises(ValueError, match="requires y to be passed"):
        KerasClassifier(build).fit(X)


def test_class_weights_are_by_label():
    with pytest.raises(ParameterError, match=r"^class_weight: .*its keys are labels of y"):
        KerasClassifier(build).fit(X, LABELS, class_weight={0: 1, 1: 2})


@pytest.mark.parametrize("weights", ["balancd", [1, 2], np.array([1.0, 2.0])])
def test_class_weights_that_are_none(weights):
    with pytest.raises(
        ParameterError, match=r"^class_weight must be a dict of .*; found .*[\])']$"
    ):
        KerasClassifier(build, class_weight=weights).fit(X, LABELS)


def test_a_call_without_rows_names_no_class_inside():
    with pytest.raises(TypeError, match=r"^fit\(\) missing 1 required .* 'X'$"):
        KerasClassifier(build).fit(x=X, y=Y)


def test_units_for_several_labels_a_row():
    with pytest.raises(ModelError, match=r"needs 3 unit\(s\).*, which is meta\['n_classes_'\]$"):
        KerasClassifier(build).fit(X, np.c_[Y, 1 - Y, Y])


SPARSE = keras.losses.SparseCategoricalCrossentropy


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", SPARSE, SPARSE(name="own")])
def test_a_loss_that_needs_a_unit_for_each_class(loss):
    def compiled(meta):
        model = build(meta)
        model.compile("sgd", loss)
        return model

    said = r"^\w+\(\) returned a model with 1 unit in the last layer, and loss '\w+' needs 2, "
    for ours in (KerasClassifier(build, loss=loss), KerasClassifier(compiled)):
        search = GridSearchCV(ours, {}, cv=2, error_score="raise")
        for use in (ours, search):
            with pytest.raises(ModelError, match=said):
                use.fit(X, Y)
