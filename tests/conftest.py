"""What tests share: one tiny study, run by real DVC once for all that look at its outcome."""

import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from ruamel.yaml import YAML
from tiny import clone, commit, run, tiny_params, write_params, write_table

if TYPE_CHECKING:
    from browser import Chromium

# Tests never judge how long something takes. CI draws the same examples each time; a developer's
# machine looks for new ones.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("untimed")

# Read by TensorFlow as it loads, which happens in the first test that needs it.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
# scikit-learn checks array libraries only if SciPy was told so before it loads.
os.environ["SCIPY_ARRAY_API"] = "1"
# Each process that a test starts would compile this repository anew: a second of each run of a study.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Two processes test on two cores: threads that wait for each other in a loop would take them.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# An outer `dvc repro` must not make the tests' own DVC work in its workspace.
os.environ.pop("DVC_ROOT", None)
# A shell has what it starts in the background ignore interrupts, and so do all children of that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have what is loaded by the end of it looked through for garbage no more, and the rest seldom.

    A process that tests holds most of a million objects that stay, and what tests make is large.
    The process that only tells others what to test, which collects nothing, comes by here too.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the raw data and tiny parameters, to run stages in without DVC."""
    write_table(tmp_path)
    write_params(tiny_params(), tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit(workspace: Path) -> Callable[[str, Any], None]:
    """Set one entry of params.yaml, named by its key path; ``...`` removes it."""

    def change(key_path: str, value: Any) -> None:
        params = YAML().load(workspace / "params.yaml")
        *path, last = key_path.split(".")
        section = params
        for key in path:
            section = section[key]
        if value is ...:
            del section[last]
        else:
            section[last] = value
        write_params(params, workspace)

    return change


@pytest.fixture
def complaint(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a stage that must fail and return what it says, checked for what holds of all errors."""
    from stages.study import errors

    def fail(stage: Any) -> str:
        before = _files(workspace)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["stage"])
            with pytest.raises(SystemExit) as caught:
                errors.run(stage.main, stage.__doc__)
        message = str(caught.value.code)
        assert message.startswith("error: ")
        assert 1 <= len(message.splitlines()) <= 3
        assert "Traceback" not in message
        assert _files(workspace) == before
        return message

    return fail


def _files(folder: Path) -> dict[Path, bytes]:
    """Return what there is but the store of finished fits, which is to survive an error."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if ".gridlanes" not in path.parts}


@pytest.fixture
def float_type(request: pytest.FixtureRequest) -> Iterator[str]:
    """The float type that Keras computes in, as the test is parametrised; float64 if it is not."""
    import keras

    name = getattr(request, "param", "float64")
    # The policy of layers is fixed by the first layer ever made, so both are set.
    keras.config.set_floatx(name)
    keras.config.set_dtype_policy(name)
    yield name
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def traced():
    """Let the searches of a module share their programs, also with those of other modules."""
    import keras
    from traced import PROGRAMS

    from gridlanes.model_selection.engine import Engine

    init = Engine.__init__

    def share(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self._programs = PROGRAMS[keras.config.floatx()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", share)
        yield


@pytest.fixture(scope="module")
def eager() -> Iterator[None]:
    """Let ``model.fit`` do without a graph, which takes longer to trace than it trains here."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The tiny study, run by ``dvc repro`` from the raw table to the report, and what that said."""
    folder = clone(tmp_path_factory.mktemp("finished study"))
    said = run("dvc", "repro", cwd=folder).stdout
    commit(folder, "Run the study")
    return folder, said


@pytest.fixture(scope="session")
def finished_study(first_run: tuple[Path, str]) -> Path:
    """The tiny study, run and committed.

    Tests read it; those that change anything work on a copy of it.
    """
    return first_run[0]


@pytest.fixture(scope="session")
def experiments(
    finished_study: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """A study with the experiments `sgd` and, on top of it, `folds`, which is in the workspace.

    And what their runs said. `folds` has other epochs and another activation, too.
    """
    folder = tmp_path_factory.mktemp("experiments") / "study"
    shutil.copytree(finished_study, folder, symlinks=True)
    sgd = ("grid_search.param_grid.optimizer=[adam,sgd]", "nested_cv.permutations=0")
    folds = ("grid_search.cv=3", "nested_cv.outer=0", "model.network.epochs=1")
    folds += ("grid_search.param_grid.activation=[elu,relu]",)
    said = []
    for name, changes in (("sgd", sgd), ("folds", folds)):
        options = [part for own in changes for part in ("-S", own)]
        said.append(run("dvc", "exp", "run", "--name", name, *options, cwd=folder).stdout)
    return folder, said


@pytest.fixture
def study(finished_study: Path, tmp_path: Path) -> Path:
    """A copy of the finished tiny study, its DVC cache included, to change at will."""
    folder = tmp_path / "study"
    shutil.copytree(finished_study, folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator["Chromium"]:
    """A headless Chromium that opens files and notes what they ask for and say."""
    # Only the tests of pages wait for Playwright to load.
    from browser import Chromium
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        yield chromium
        chromium.browser.close()
