"""Runs SciKeras' own tests with the estimators here, and says how many pass.

::

    python tests/helpers/scikeras_suite.py PATH [--migrated] [pytest's arguments]

PATH is a copy of SciKeras' repository at version 0.13, of which nothing is changed. Only the import
is: ``scikeras.wrappers`` hands out what is here. ``--migrated`` makes besides the changes that
docs/how-to/coming-from-scikeras.md asks of a user, and lists them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

WRAPPERS = """
from gridlanes import KerasClassifier, KerasRegressor
from gridlanes.estimators.base import KerasEstimator as BaseWrapper
"""

#: What a test downloads is made up, and a class that Keras has renamed has its old name.
FIRST = """
import keras.src.backend.common.variables as variables
import sklearn.datasets
from sklearn.utils import Bunch

data, target = sklearn.datasets.make_regression(200, 8, random_state=0)
sklearn.datasets.fetch_california_housing = lambda: Bunch(data=data, target=target)
variables.KerasVariable = variables.Variable
"""

#: A loss that is divided by the sum of weights, as a build function of the user's has it.
BY_WEIGHTS = """
import keras
from . import mlp_models

def dynamic_classifier(hidden_layer_sizes=(10,), meta=None, compile_kwargs=None):
    several = meta["target_type_"] == "multiclass"
    kind = "SparseCategoricalCrossentropy" if several else "BinaryCrossentropy"
    loss = getattr(keras.losses, kind)(reduction="mean_with_sample_weight")
    given = {**compile_kwargs, "loss": loss}
    return mlp_models.dynamic_classifier(hidden_layer_sizes, meta, given)

def dynamic_regressor(hidden_layer_sizes=(10,), meta=None, compile_kwargs=None):
    given = {**compile_kwargs, "loss": keras.losses.MeanSquaredError("mean_with_sample_weight")}
    return mlp_models.dynamic_regressor(hidden_layer_sizes, meta, given)
"""

#: By file: what was written for SciKeras, and what a user writes here.
MIGRATED = {
    "test_api.py": [
        ('metrics=["mse", CustomMetric(', 'metrics=["mean_squared_error", CustomMetric('),
        ('metrics=["mae"],  # shorthand', 'metrics=["mean_absolute_error"],'),
        ("y = np.random.randint(0, 1, size=(100,))", "y = np.arange(100) % 2"),
    ],
    # Keras 3 keeps the float type of layers apart.
    "conftest.py": [
        (
            "    backend.set_floatx(floatx)\n",
            "    backend.set_floatx(floatx)\n    keras.config.set_dtype_policy(floatx)\n",
        ),
        (
            "        backend.set_floatx(current)",
            "        backend.set_floatx(current)\n        keras.config.set_dtype_policy(current)",
        ),
        ("from keras import backend\n", "import keras\nfrom keras import backend\n"),
    ],
    "test_scikit_learn_checks.py": [
        ("from .mlp_models import dynamic_classifier, dynamic_regressor\n", BY_WEIGHTS),
    ],
}


def prepare(original: Path, folder: Path, *, migrated: bool) -> None:
    """Put tests and what they import into a folder."""
    shutil.copytree(original / "tests", folder / "tests")
    shutil.copytree(original / "scikeras" / "utils", folder / "scikeras" / "utils")
    (folder / "scikeras" / "__init__.py").touch()
    (folder / "scikeras" / "wrappers.py").write_text(WRAPPERS)
    _change(folder / "tests" / "conftest.py", [("import pytest\n", f"import pytest\n{FIRST}")])
    # Each of scikit-learn's checks is run, also those that are skipped in one of two float types.
    checks = folder / "tests" / "test_scikit_learn_checks.py"
    text = checks.read_text()
    skips = r"\n    if check_name (?:not )?in (?:higher_precision|\([^)]*\)):\n        pytest\.skip\([^)]*\)"
    checks.write_text(re.sub(skips, "", text))
    for name, changes in MIGRATED.items() if migrated else ():
        _change(folder / "tests" / name, changes)
        for before, after in changes:
            print(f"{name}:\n- {before.strip()}\n+ {after.strip()}")


def _change(path: Path, changes: list[tuple[str, str]]) -> None:
    text = path.read_text()
    for before, after in changes:
        if text.count(before) != 1:
            sys.exit(f"error: {path.name} is not as in SciKeras 0.13: {before.strip()!r}")
        text = text.replace(before, after)
    path.write_text(text)


def main() -> int:
    """Run the tests."""
    original, *others = sys.argv[1:]
    migrated = "--migrated" in others
    others = [own for own in others if own != "--migrated"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepare(Path(original), folder, migrated=migrated)
        left_out = [f"--ignore=tests/test_utils{end}.py" for end in ("", "_transformers")]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
        command += ["-c", os.devnull, f"--rootdir={folder}", "--tb=line", *left_out, *others]
        paths = os.pathsep.join(map(str, (ROOT, folder)))
        given = {**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"}
        return subprocess.run([*command, "tests"], cwd=folder, env=given, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
