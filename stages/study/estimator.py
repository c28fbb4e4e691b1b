"""The estimator that params.yaml describes: preprocessing and network as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridlanes.errors import GridlanesError, did_you_mean, in_a_line
from gridlanes.networks.number_checks import check_numbers
from gridlanes.networks.parameters import TRANSFORMERS, check_names
from stages.study.errors import InputError
from stages.study.params import PATH, Params
from stages.study.prepared import Prepared
from stages.study.preprocessing import Transformers
from stages.study.sections.model import Model
from stages.study.training_checks import check_entry, check_together
from stages.study.training_entries import Classifier, Regressor, is_key
from stages.study.watched_rows import known_of

#: The user's file.
ARCHITECTURE = "stages/architecture.py"

#: Parameters of the estimator that are objects of Python, which YAML cannot hold.
OBJECTS = frozenset(["callbacks", "known", "model", "preprocessing"])


def make_estimator(model: Model, data: Prepared, seed: int) -> Any:
    """Return preprocessing and network as one estimator, so that a fold fits both.

    Parameters
    ----------
    model : Model
    data : Prepared
    seed : int
        The network's ``random_state``.

    Raises
    ------
    InputError
        For an entry of ``model.network`` that would reach nothing.
    """
    transformers = Transformers(model, data, seed)
    # Inside the estimator, so that they do not see the rows that early stopping watches.
    own = {"preprocessing": transformers.before(), "random_state": seed}
    own["known"] = known_of(data, seed)
    network: Any
    if data.task == "classification":
        network = Classifier(_create_model(), **own)
    else:
        target = transformers.target(model.target)
        network = Regressor(_create_model(), target_transformer=target, **own)
    settings = transformers.resolved(model.network, "model.network")
    return set_network(network, settings, "model.network")


def make_searched(settings: Params, data: Prepared) -> tuple[Any, Transformers]:
    """Return the estimator of the search without a candidate's settings, and what resolves those.

    Raises
    ------
    InputError
        See :func:`make_estimator`, and for an entry of ``grid_search.network``.
    """
    estimator = make_estimator(settings.model, data, settings.seed)
    transformers = Transformers(settings.model, data, settings.seed)
    network = transformers.resolved(settings.grid_search.network, "grid_search.network")
    return set_network(estimator, network, "grid_search.network"), transformers


def set_network(estimator: Any, settings: Mapping[str, Any], key_path: str) -> Any:
    """Set parameters of the network, and say where in params.yaml one is wrong."""
    own = estimator.get_params(deep=False).keys() - OBJECTS
    inner = [
        name for name in settings if name.startswith(tuple(f"{own}__" for own in TRANSFORMERS))
    ]
    _check_inner(estimator, inner, key_path)
    for name in settings:
        check_entry(estimator, name, settings, _path_of(name, key_path))
    try:
        others = [name for name in settings if name not in {*own, *inner} and not is_key(name)]
        check_names(estimator.model, others, own)
        check_numbers(settings)
        estimator.set_params(**settings)
    except GridlanesError as error:
        raise InputError(f"{PATH}: {key_path}: {error}") from None
    check_together(estimator, key_path)
    return estimator


def _path_of(name: str, key_path: str) -> str:
    """Return where a setting stands; the path of one on a grid is its own."""
    return f"{key_path}.{name}" if key_path.endswith(".network") else key_path


def _check_inner(estimator: Any, names: Sequence[str], key_path: str) -> None:
    """Check that parameters of transformers are there; scikit-learn would show all of them."""
    known = estimator.get_params()
    for name in names:
        if name not in known:
            blocks = ("preprocessing__numbers__", "preprocessing__categories", "target_transf")
            allowed = [own for own in known if own.startswith(blocks)]
            raise InputError(
                f"{PATH}: {key_path}: parameter {name!r} would reach nothing"
                f"{did_you_mean(name, allowed, most=3)}"
            )


def _create_model() -> Callable:
    """Return the user's build function, or say what is wrong with its file."""
    try:
        from stages import architecture

        create_model = architecture.create_model
    except KeyboardInterrupt:
        raise
    # The user's file may raise anything.
    except BaseException as error:
        raise InputError(f"{ARCHITECTURE}: {type(error).__name__}: {in_a_line(error)}") from None
    if not callable(create_model):
        raise InputError(f"{ARCHITECTURE}: create_model must be a function")
    return create_model
