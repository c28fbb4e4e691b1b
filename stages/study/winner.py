"""The folder of a winner, ``models/best``: written, read again, and asked about rows.

It stands for itself: ``params.yaml`` may have changed since, or be on another machine.
"""

import json
import os
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from skops.io.exceptions import UntrustedTypesFoundException

from gridlanes.compat.load_keras import float_type, load_keras, load_model
from gridlanes.errors import in_a_line
from gridlanes.networks.targets import probabilities
from stages.study.archives import write_model, write_pipeline
from stages.study.artifacts import render, write_json
from stages.study.counts import folds_in_words
from stages.study.errors import InputError
from stages.study.markdown import (
    code,
    pandas_call,
    plain_numbers,
    predict_command,
    without_comments,
)
from stages.study.predictions import by_class
from stages.study.prepared import Prepared
from stages.study.signature import Signature, read_signature, signature_of
from stages.study.thresholds import named_at
from stages.study.watched_rows import rows_to_watch
from stages.study.yaml_sections import in_flow

#: The template of the card.
CARD = Path(__file__).with_name("model_card.md.jinja")

#: What ``pipeline.skops`` may hold besides what skops knows to run no code.
TRUSTED = [
    "numpy.dtype",
    "sklearn.model_selection._split.KFold",
    "stages.study.category_names.apart",
]

#: Strategies of imputers in words.
WORDS = {"most_frequent": "most frequent value"}


@dataclass(frozen=True)
class Winner:
    """A winner without its network, which takes TensorFlow to load: :func:`load_network`."""

    folder: Path
    signature: Signature
    pipeline: Any
    target: Any = None

    def network_rows(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return rows as the network takes them; NaN where the pipeline fills no gap."""
        try:
            return pd.DataFrame(self.pipeline.transform(X)).astype("float64")
        except Exception as error:
            raise InputError(
                f"{self.folder}: pipeline.skops does not take what signature.json names: "
                f"{in_a_line(error)}"
            ) from None

    @cached_property
    def categories(self) -> dict[str, Any]:
        """By column the categories that the rows of the training had."""
        encoder = getattr(self.pipeline, "named_transformers_", {}).get("categories")
        if encoder is None:
            return {}
        # Behind the target encoder stands a scaler.
        encoder = encoder[0] if isinstance(encoder, Pipeline) else encoder
        named = zip(encoder.feature_names_in_, encoder.categories_, strict=True)
        return {str(name): values for name, values in named}

    @cached_property
    def fills(self) -> tuple[str, dict[str, float]]:
        """With what gaps in numbers are filled, in words, and by feature if it is one number."""
        steps = getattr(self.pipeline, "named_transformers_", {}).get("numbers")
        imputer: Any = getattr(steps, "named_steps", {}).get("imputer")
        if not hasattr(imputer, "statistics_"):
            return "from the rows of the training that are nearest", {}
        values = map(float, imputer.statistics_)
        return f"with the training's {WORDS.get(imputer.strategy, imputer.strategy)}", dict(
            zip(map(str, imputer.feature_names_in_), values, strict=True)
        )

    def unknown(self, X: pd.DataFrame) -> dict[str, pd.Series]:
        """Return by column which categories the rows of the training had not, row by row."""
        return {
            name: X.loc[X[name].notna() & ~X[name].isin(own), name]
            for name, own in self.categories.items()
        }

    def answer(self, network: Any, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what the refitted estimator's ``predict`` and ``predict_proba`` would.

        Column ``predicted``, for a classification also ``probability_LABEL`` for each class.
        """
        from gridlanes.networks import reference

        # A number beyond the network's float type becomes infinite, and so will the answer be.
        with np.errstate(over="ignore"):
            values = rows.to_numpy().astype(float_type())
        names = tuple(map(str, rows.columns))
        outputs = self._outputs(lambda: reference.predict(network, values, names))
        if self.signature.task == "regression":
            return pd.DataFrame({"predicted": self._undone(outputs)[:, 0]})
        with np.errstate(invalid="ignore"):
            of_classes = probabilities(
                outputs, loss=SimpleNamespace(from_logits=self.signature.logits)
            )
        classes = np.array(self.signature.classes)
        at = self.signature.threshold
        predicted = classes[of_classes.argmax(axis=1)]
        if at is not None:
            predicted = named_at(at.at, of_classes, classes, at.label)
        return pd.DataFrame({"predicted": predicted, **by_class(of_classes, classes)})

    def _undone(self, outputs: NDArray[Any]) -> NDArray[Any]:
        if self.target is None:
            return outputs
        # What is not finite is said of the answer, by its line.
        with np.errstate(all="ignore"):
            return np.asarray(self.target.inverse_transform(outputs.astype("float64")))

    def _outputs(self, predict: Any) -> NDArray[Any]:
        allowed = {len(self.signature.classes) or 1}
        allowed |= {1} if len(self.signature.classes) == 2 else set()
        try:
            outputs: NDArray[Any] = predict()
        except Exception as error:
            raise InputError(
                f"{self.folder}: model.keras does not take what pipeline.skops gives: "
                f"{in_a_line(error)}"
            ) from None
        if outputs.ndim != 2 or outputs.shape[1] not in allowed:
            raise InputError(
                f"{self.folder}: model.keras gives outputs of shape {outputs.shape[1:]}, "
                f"signature.json tells of {max(allowed)}"
            )
        return outputs


def write_winner(estimator: Any, data: Prepared, best: dict[str, Any], folder: Path) -> None:
    """Write the winner for users of plain Keras and scikit-learn, with its card.

    ``model.keras`` is the network; ``pipeline.skops`` what happens to a row before it;
    ``signature.json`` the columns in and the meaning of what comes out; ``target.skops`` what the
    target went through, if anything.
    """
    write_model(estimator.model_, folder / "model.keras")
    write_pipeline(estimator.preprocessing_, folder / "pipeline.skops")
    target = getattr(estimator, "target_transformer_", None)
    if target is not None:
        write_pipeline(target, folder / "target.skops")
    threshold = best.get("threshold")
    signature = signature_of(estimator, data, threshold, transformed=target is not None)
    write_json(signature, folder / "signature.json")
    own = skops.io.get_untrusted_types(file=folder / "pipeline.skops")
    trusted = json.dumps(sorted({TRUSTED[0], *own}))
    opens, reads = without_comments(data.profile), pandas_call(data.profile)
    command = predict_command(data.profile, signature["others"])
    folds = folds_in_words(best["folds"], best.get("repeats", 1))
    share = getattr(estimator, "held_out", float)()
    watched = rows_to_watch(data, estimator.known, share) if share else 0
    study = {
        "rows": len(data.y),
        "watched": watched,
        "aside": "set_aside" in data.profile,
        "folds": folds,
        "opens": opens,
        "reads": reads,
    }
    study |= {"command": command, "trusted": trusted}
    study |= {"numbers": plain_numbers(data.profile), "positive": data.positive}
    card = render(CARD, best=best, signature=signature, code=code, in_flow=in_flow, **study)
    (folder / "README.md").write_text(card, encoding="utf-8")


def read_winner(folder: Path) -> Winner:
    """Read and check a folder as far as it takes no TensorFlow.

    Raises
    ------
    InputError
    """
    # Unlike pathlib's, this raises nothing, whatever the path.
    if not os.path.isdir(folder):  # noqa: PTH112
        if os.path.exists(folder):  # noqa: PTH110
            raise InputError(
                f"{folder}: must be the folder of a winner, such as models/best, but is a file"
            )
        raise InputError(f"{folder}: no such folder; `dvc repro` makes models/best")
    signature = read_signature(folder / "signature.json")
    pipeline = _read_pipeline(folder / "pipeline.skops")
    transformed = signature.target_transformed
    target = _read_pipeline(folder / "target.skops") if transformed else None
    network = folder / "model.keras"
    if not network.is_file():
        raise InputError(f"{network}: no such file; `dvc repro` makes it")
    if not zipfile.is_zipfile(network):
        raise InputError(f"{network}: damaged (no archive); remove it, and `dvc repro` makes it")
    return Winner(folder, signature, pipeline, target)


def _read_pipeline(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path}: no such file; `dvc repro` makes it")
    try:
        return skops.io.load(path, trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise InputError(f"{path}: not loaded, as it could run code: {in_a_line(error)}") from None
    except Exception as error:
        kind = type(error).__name__
        raise InputError(f"{path}: damaged ({kind}); remove it, and `dvc repro` makes it") from None


def load_network(folder: Path) -> Any:
    """Return the Keras model, and load Keras for it."""
    load_keras()
    # Registers layers of the user's own; a network without any does not need the file.
    with suppress(Exception):
        from stages import architecture  # noqa: F401
    path = folder / "model.keras"
    try:
        return load_model(path)
    except Exception as error:
        # Keras puts the cause last, between configurations of any length.
        cause = in_a_line(error).rpartition("Exception encountered: ")[2]
        said = cause.partition("Full object config")[0].strip()
        raise InputError(f"{path}: Keras cannot load it: {type(error).__name__}: {said}") from None
