"""The same search wherever joblib's backend is: real processes, a real Dask and a real Ray."""

import os
import random
import re
import shutil
import signal
import sqlite3
import threading
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import forked
import joblib
import keras
import numpy as np
import pytest
import ray_without_head
from clusters import scheduler, until
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend.context import set_start_method
from logging_search import logged, logging_search
from small_search import X, at_once, build, y
from tiny import ROOT

from gridlanes import GridSearchCV, KerasClassifier, Store, cross_val_predict, cross_validate
from gridlanes.compat.joblib import at_work, returned
from gridlanes.errors import BackendError
from gridlanes.planning.joblib_backend import chosen
from stages.preprocess import prepare
from stages.study import params
from stages.study.search import make_search

pytestmark = [
    pytest.mark.xdist_group("clusters"),
    # Of the engines themselves, and of sockets that a killed process leaves.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
BACKENDS = ["threading", "loky", "dask", "ray"]

#: Of the candidates that tell when they are trained.
UNITS = list(range(2, 9))

#: For what is true of one fit.
SPLIT = [(np.arange(40), np.arange(40, 60))]


def without(left, backends):
    """Leave engines, whose processes are started anew for a test, to the long form."""
    return [pytest.param(own, marks=pytest.mark.soak) if own in left else own for own in backends]


@contextmanager
def cluster_of_dask(start):
    """Give a client of a local cluster of two worker processes, and how they are started."""
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.worker.multiprocessing-method": start}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        assert cluster.scheduler_address.startswith("tcp://127.0.0.1")
        yield client


@pytest.fixture(scope="module", autouse=True)
def loky():
    """Processes of joblib that are forked from one that has loaded Keras, as are those of Dask.

    What keeps watch over mapped files in them says that it does not know those of this process.
    """
    forked.context()
    set_start_method("forkserver", force=True)
    yield
    set_start_method(None, force=True)


@pytest.fixture
def loky_from_nothing():
    """Processes of joblib that load what they need, as those of users."""
    get_reusable_executor().shutdown()
    set_start_method(None, force=True)
    yield
    get_reusable_executor().shutdown()
    set_start_method("forkserver", force=True)


@pytest.fixture(scope="module")
def dask():
    """Workers that are forked from a process that has loaded Keras, as are those after them."""
    forked.context()
    with cluster_of_dask("forkserver") as client:
        yield client


@pytest.fixture(scope="module")
def ray():
    """A local Ray with two workers."""
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    with pytest.MonkeyPatch.context() as patch:
        # Its workers look for modules where this process was started.
        patch.chdir(ROOT)
        patch.setenv("PYTHONPATH", str(ROOT))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield ray
    ray.shutdown()


@pytest.fixture
def at(request, backend):
    """A context in which joblib uses the backend that a test is run for."""
    if backend != "threading":
        request.getfixturevalue("loky_from_nothing" if backend == "loky" else backend)
    return lambda: joblib.parallel_config(backend, n_jobs=None if backend == "dask" else 2)


@pytest.fixture(scope="module", params=["a ninth", pytest.param("all", marks=pytest.mark.soak)])
def default_study(request):
    """The search of params.yaml on the Pima data, and what it finds in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        settings = params.load()
        data = prepare(settings.data, settings.preprocess)
        search = make_search(settings, data).set_params(memory=None, return_predictions=True)
        if request.param != "all":
            few = {"epochs": [5], "init": ["uniform"]}
            search.set_params(param_grid=[{**grid, **few} for grid in search.param_grid])
        return search.fit(data.X, data.y), data


def workers_of_ray():
    """Return those that searches have not ended yet."""
    from ray._private.state import actors

    return [own for own in actors().values() if own["State"] != "DEAD"]


@pytest.mark.parametrize("backend", without(["loky", "ray"], BACKENDS))
def test_the_default_study_is_the_same_to_the_last_bit(backend, at, default_study):
    here, data = default_study
    search = GridSearchCV(**here.get_params(deep=False))
    with at():
        # What was trained, and not only what came of it, is part of the answer.
        backend_used = chosen(None)
        search.fit(data.X, data.y)
    assert backend_used.name == backend
    if backend == "ray":
        until(lambda: not workers_of_ray())
    assert ("tasks" in search.timings_) == (backend != "threading")
    assert search.fit_report_.trained == 3 * len(here.cv_results_["params"])
    assert search.best_index_ == here.best_index_
    for name in here.cv_results_:
        if not name.endswith("_time"):
            one, other = (np.asarray(own.cv_results_[name]) for own in (here, search))
            assert one.tolist() == other.tolist()
            assert one.dtype == other.dtype
            assert one.dtype.kind == "O" or one.tobytes() == other.tobytes()
    assert search.predictions_.outputs.tobytes() == here.predictions_.outputs.tobytes()
    proba = [one.best_estimator_.predict_proba(data.X) for one in (search, here)]
    assert proba[0].tobytes() == proba[1].tobytes()
    assert search.histories_ == here.histories_


def small_search(engine="auto", **options):
    network = at_once if engine == "keras" else build
    estimator = KerasClassifier(
        network, epochs=2, batch_size=20, optimizer="sgd", random_state=0, units=2
    )
    options["engine"] = engine
    return GridSearchCV(estimator, {"units": [2, 3], "epochs": [1, 2]}, cv=3, **options)


def rows_travel_once_and_each_worker_computes_with_one_thread(client):
    def seen(dask_worker):
        import os

        threads = [own.read_text().strip() for own in Path("/proc/self/task").glob("*/comm")]
        brought = [key for log in dask_worker.transfer_incoming_log for key in log["keys"]]
        # Dask's memory manager, which looks every two seconds, drops a copy that no task waits for.
        dropped = [log[0] for log in dask_worker.state.log if log[1] == "remove-replica"]
        rows = {
            key: (brought.count(key), dropped.count(key))
            for key in brought
            if str(key).startswith("asarray")
        }
        granted = os.environ.get("TF_NUM_INTRAOP_THREADS")
        return rows, threads.count("tf_Compute"), granted

    earlier = {key for rows, *_ in client.run(seen).values() for key in rows}
    # As many tasks as there are batch sizes, at least.
    grid = {"batch_size": [5, 7, 10, 14, 20, 30, 40]}
    with joblib.parallel_config("dask"):
        backend_used = chosen(None)
        search = small_search(refit=False).set_params(param_grid=grid)
        assert len(search.plan(X, y).parts) >= len(grid["batch_size"])
        search.fit(X, y)

    assert backend_used.workers == 2
    came = {}
    for rows, threads, granted in client.run(seen).values():
        came |= rows
        assert all(transfers <= 1 + drops for transfers, drops in rows.values())
        assert granted == "1"
        assert threads <= 1
    # One worker makes them, which the other asks for.
    assert came.keys() - earlier


def test_rows_travel_once_to_each_worker_of_dask_and_each_computes_with_one_thread(dask):
    rows_travel_once_and_each_worker_computes_with_one_thread(dask)


@pytest.mark.soak
def test_they_do_where_workers_start_from_nothing():
    with cluster_of_dask("spawn") as client:
        rows_travel_once_and_each_worker_computes_with_one_thread(client)


def answers():
    """Return what the other ways to fit say: by ``model.fit``, in lanes, and in nested lanes."""
    found = small_search(engine="keras", refit=False)
    found.set_params(param_grid={"units": [2, 3]}, cv=SPLIT).fit(X, y)
    estimator = small_search().estimator
    scores = cross_validate(estimator, X, y, cv=3)["test_score"]
    # Both networks cannot share a program, and the second is trained by a search of its own.
    said = cross_val_predict(small_search(), X, y, cv=2, method="predict_proba")
    return found.cv_results_["mean_test_score"], found.histories_, scores, said


@pytest.fixture(scope="module")
def answers_here():
    return answers()


@pytest.mark.parametrize("backend", without(["loky"], ["loky", "dask"]))
def test_fits_by_keras_and_the_other_functions_are_the_same_too(backend, at, answers_here):
    with at():
        elsewhere = answers()
    for one, other in zip(elsewhere, answers_here, strict=True):
        assert np.asarray(one).tolist() == np.asarray(other).tolist()


def test_rows_are_mapped_into_the_processes_of_this_machine():
    small = np.arange(10, dtype=np.uint8)
    calls = (joblib.delayed(lambda own: type(own).__name__)(small) for _ in range(3))
    with at_work("loky", small) as data:
        assert data is small
        assert set(returned("loky", 2, calls)) == {"memmap"}


def test_an_error_of_a_fit_is_that_fits_and_not_the_backends(tmp_path):
    search = small_search(engine="keras", refit=False, error_score=-1).set_params(
        param_grid={"units": [2, 0]}, cv=SPLIT
    )
    with joblib.parallel_config("loky", n_jobs=2), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = search.fit(X, y).cv_results_["mean_test_score"]
    assert scores[0] > 0
    assert scores[1] == -1


@keras.saving.register_keras_serializable("tests")
class Registered(keras.losses.Loss):
    """A class that Keras has to look up, on workers too."""

    def call(self, y_true, y_pred):
        return keras.losses.mean_absolute_percentage_error(y_true, y_pred) * 3


@pytest.mark.parametrize(("engine", "loss"), [("lanes", "mape"), ("keras", Registered())])
def test_kerass_settings_and_classes_are_those_of_the_search_on_workers_that_have_worked_before(
    engine, loss
):
    def histories(**settings):
        for name, value in settings.items():
            getattr(keras.config, f"set_{name}")(value)
        search = small_search(engine=engine, refit=False, error_score="raise")
        # These losses divide by the targets, or by epsilon. As many tasks as there are workers.
        search.set_params(estimator__loss=loss, param_grid={"batch_size": [20, 40]}, cv=SPLIT)
        return search.fit(X, y).histories_

    given = keras.config.floatx(), keras.config.epsilon(), keras.config.dtype_policy()
    answers = []
    try:
        for settings in ({"epsilon": 0.5}, {"floatx": "float64", "dtype_policy": "float64"}):
            with joblib.parallel_config("loky", n_jobs=2):
                answers.append(histories(**settings))
            assert answers[-1] == histories(**settings)
    finally:
        keras.config.set_floatx(given[0])
        keras.config.set_epsilon(given[1])
        keras.config.set_dtype_policy(given[2])
    assert len({str(own) for own in answers}) == 2


def test_a_loss_that_branches_needs_no_thread_that_a_worker_has_not():
    search = small_search(refit=False).set_params(
        estimator__loss="hinge", param_grid={"units": [2]}, cv=SPLIT
    )
    with joblib.parallel_config("loky", n_jobs=2):
        elsewhere = search.fit(X, y).histories_
    assert elsewhere == search.fit(X, y).histories_


def test_what_cannot_be_sent_is_said_in_a_line():
    lock = threading.Lock()

    def locked(units=2):
        with lock:
            return build({"n_outputs_": 1, "n_classes_": 2, "n_features_in_": 3}, units)

    search = GridSearchCV(KerasClassifier(locked, random_state=0), {"units": [2]}, cv=2)
    with (
        joblib.parallel_config("loky", n_jobs=2),
        pytest.raises(BackendError, match="a network cannot be sent to workers: .*lock"),
    ):
        search.fit(X, y)


def test_searches_in_several_threads_do_not_meet():
    def search():
        return small_search(refit=False).set_params(param_grid={"epochs": [1, 2]})

    alone = search().fit(X, y).histories_
    with ThreadPoolExecutor(3) as threads:
        searches = [search() for _ in range(3)]
        fitted = list(threads.map(lambda search: search.fit(X, y), searches))
    assert all(search.histories_ == alone for search in fitted)
    assert keras.src.random.seed_generator.python_random is random


def notes_of(path):
    """Return processes and candidates of the fits that workers have begun."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = [tuple(map(int, line.split())) for line in lines]
    return [(pid, units) for pid, units in pairs if pid != os.getpid()]


def rows_in(memory):
    with closing(sqlite3.connect(memory)) as store:
        return store.execute("SELECT count(*) FROM fits").fetchone()[0]


class Ending(Store):
    """A store that ends something whenever it has got a fit."""

    def __init__(self, path, end):
        super().__init__(path)
        self.end, self.kept = end, []

    def keep(self, records):
        super().keep(records)
        self.kept.extend(records)
        self.end()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Scores of the logging search in this process."""
    notes = tmp_path_factory.mktemp("undisturbed") / "notes"
    search = logging_search(notes, None, UNITS, n_jobs=1)
    return search.fit(X, y).cv_results_["mean_test_score"]


@pytest.mark.parametrize("backend", without(["ray"], ["dask", "ray"]))
def test_killed_workers_are_replaced_and_nothing_that_came_back_is_trained_twice(
    backend, at, tmp_path, undisturbed
):
    notes = tmp_path / "notes"
    back: list = []
    before: list = []

    class Killing(Store):
        """A store that kills all workers when it has got its second fit."""

        def keep(self, records):
            super().keep(records)
            if len(before) == 0:
                # The first array is the kernel, with a column for each unit.
                back.extend(record.state[0].shape[1] for record in records.values())
            if len(back) == 2 and len(before) == 0:
                # Those that hold the data are among them.
                for pid in {pid for pid, _ in notes_of(notes)}:
                    os.kill(pid, signal.SIGKILL)
                before.extend(notes_of(notes))

    with at():
        search = logging_search(notes, Killing(tmp_path / "fits.sqlite"), UNITS, refit=True)
        search.fit(X, y)
    *fits, refit = notes_of(notes)
    assert search.fit_report_.trained == len(UNITS)
    assert np.array_equal(search.cv_results_["mean_test_score"], undisturbed)
    times = Counter(units for _, units in fits)
    assert set(times) == set(UNITS)
    assert {pid for pid, _ in fits} > {pid for pid, _ in before}
    # Two, and two in their place: none that would have to load TensorFlow for the refit alone.
    assert len({pid for pid, _ in (*fits, refit)}) <= 4
    # What was under way, or waited to be fetched, when the workers died is trained again.
    again = {units for units, number in times.items() if number > 1}
    # Dask may not have heard yet that the last one to come back is not needed any more.
    assert again <= {units for _, units in before} - set(back[:-1])
    assert max(times.values()) <= 2


@pytest.fixture(scope="module")
def distant(tmp_path_factory):
    """A scheduler without gridlanes, whose workers tests start; the last one ends it too."""
    with scheduler(tmp_path_factory.mktemp("scheduler")) as cluster:
        yield cluster


def test_a_cluster_without_workers_is_an_error_that_says_so(distant):
    distant.empty()
    with (
        distant.client.as_current(),
        joblib.parallel_config("dask", wait_for_workers_timeout=1),
        pytest.raises(BackendError, match="has no worker after 1 seconds"),
    ):
        small_search().fit(X, y)


def refusal(cluster, search):
    """Return what a search on the cluster's worker is refused by."""
    with (
        cluster.client.as_current(),
        joblib.parallel_config("dask"),
        pytest.raises(BackendError) as caught,
    ):
        search.fit(X, y)
    return str(caught.value)


def test_a_worker_without_gridlanes_is_told(distant, tmp_path):
    distant.empty()
    with distant.worker(tmp_path):
        said = refusal(distant, small_search(refit=False))
    assert "has no gridlanes" in said
    assert "No module named 'gridlanes'" in said


def test_a_worker_with_other_versions_is_refused_before_it_loads_tensorflow(distant, tmp_path):
    own, other = tmp_path / "gridlanes-of-old", tmp_path / "tensorflow-of-old"
    shutil.copytree(ROOT / "gridlanes", own / "gridlanes")
    init = own / "gridlanes/__init__.py"
    init.write_text(init.read_text().replace('__version__ = "', '__version__ = "0.0.'))
    information = other / "tensorflow-1.15.0.dist-info/METADATA"
    information.parent.mkdir(parents=True)
    information.write_text("Metadata-Version: 2.1\nName: tensorflow\nVersion: 1.15.0\n")
    import tensorflow

    import gridlanes

    for folder, name, theirs, ours in (
        (own, "gridlanes", f"0.0.{gridlanes.__version__}", gridlanes.__version__),
        (other, "tensorflow", "1.15.0", tensorflow.__version__),
    ):
        distant.empty()
        with distant.worker(folder, ROOT):
            search = logging_search(folder / "notes", None, [2, 3], engine="auto")
            said = refusal(distant, search)
            loaded = distant.client.run(lambda: "tensorflow" in __import__("sys").modules)
        assert f"{name} {theirs}" in said
        assert f"not {ours}" in said
        assert list(loaded.values()) == [False]
        assert not notes_of(folder / "notes")


def test_a_network_that_ends_its_worker_is_an_error_not_a_wait(distant):
    here = os.getpid()

    def build_there(units=2):
        return logged("/dev/null", units) if os.getpid() == here else os._exit(1)

    distant.empty()
    with distant.ready_worker():
        estimator = KerasClassifier(build_there, random_state=0)
        assert "KilledWorker" in refusal(distant, GridSearchCV(estimator, {"units": [2]}, cv=2))


def test_a_scheduler_needs_no_gridlanes_and_if_it_goes_away_the_store_has_what_came_back(
    distant, tmp_path
):
    notes, memory = tmp_path / "notes", tmp_path / "fits.sqlite"
    distant.empty()
    store = Ending(memory, distant.process.kill)
    with distant.ready_worker():
        said = refusal(distant, logging_search(notes, store, UNITS))
    assert said.startswith("dask: ")
    assert "lost the connection to the scheduler" in said
    assert said.endswith(f"{len(store.kept)} of {len(UNITS)} fits had come back")
    assert len(said.splitlines()) == 1
    # What came back came through a scheduler that has nothing but Dask.
    assert 1 <= len(store.kept) == rows_in(memory) < len(UNITS)


def test_a_task_that_a_lost_scheduler_never_heard_of_is_not_waited_for(tmp_path):
    with scheduler(tmp_path) as cluster:

        def calls():
            yield joblib.delayed(abs)(-1)
            cluster.process.kill()
            until(lambda: cluster.client.status != "running")
            yield joblib.delayed(abs)(-2)

        with (
            cluster.ready_worker(),
            cluster.client.as_current(),
            joblib.parallel_config("dask"),
            at_work("dask", np.zeros(1, np.uint8)),
            pytest.raises(BackendError, match="lost the connection to the scheduler"),
        ):
            list(returned("dask", 2, calls()))


@pytest.mark.soak
def test_a_head_node_that_goes_away_is_one_error_and_the_store_has_what_came_back(tmp_path):
    process = forked.context().Process(target=ray_without_head.run, args=(tmp_path,))
    process.start()
    process.join(100)
    assert process.exitcode == 3
    said = re.fullmatch(
        rf"ray: the head node is gone; (\d+) of {len(ray_without_head.UNITS)} fits had come back",
        (tmp_path / "said").read_text(),
    )
    # The error may come between the last fit that was kept and the count.
    assert 1 <= int(said[1]) <= rows_in(tmp_path / "fits.sqlite") <= int(said[1]) + 1


def test_a_killed_process_of_this_machine_is_an_error_and_the_store_has_what_came_back(tmp_path):
    """The last of those on loky, which starts new processes after it."""
    notes, memory = tmp_path / "notes", tmp_path / "fits.sqlite"

    def kill():
        for pid in {pid for pid, _ in notes_of(notes)}:
            os.kill(pid, signal.SIGKILL)

    store = Ending(memory, kill)
    with warnings.catch_warnings(), joblib.parallel_config("loky", n_jobs=2):
        warnings.simplefilter("ignore")
        with pytest.raises(BackendError, match="loky: TerminatedWorkerError"):
            logging_search(notes, store, UNITS).fit(X, y)
    assert 1 <= len(store.kept) == rows_in(memory) < len(UNITS)
