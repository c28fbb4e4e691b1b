"""Build functions that ask for their hyperparameters, as KerasTuner's ``build(hp)`` do."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from gridlanes.errors import ParameterError
from gridlanes.networks.hyperparameters import Asked, HyperParameters
from gridlanes.networks.parameters import ASKED, OTHER_NAMES, TRANSFORMERS
from gridlanes.networks.signatures import name_of

#: Names that mean something else to an estimator.
TAKEN = ("model", *TRANSFORMERS, *ASKED, *OTHER_NAMES)

#: How often a function is called, at most, to find out what it asks for.
CALLS = 500


class Tunable:
    """A function ``build(hp)``, as for KerasTuner, as a build function of the estimators here.

    What it asks for by ``hp.Int``, ``hp.Float``, ``hp.Choice``, ``hp.Boolean`` and ``hp.Fixed``
    are parameters of the estimator by those names::

        model = Tunable(build_model)
        search = RandomizedSearchCV(KerasClassifier(model, epochs=10), model.param_distributions)

    To find out what it asks for, the function is called here: with all defaults; then for each
    hyperparameter with each of its choices, of numbers the least and the largest, beside what led
    to it. What is asked for only when two that do not depend on each other have certain values,
    or between the ends of a range, is not found: a fit that comes there is an error that says so.

    One that is inactive, by ``parent_name`` or ``conditional_scope``, makes no other fit whatever
    its value; one that the function leaves out by an ``if`` of its own does.

    Parameters
    ----------
    build : callable
        Takes KerasTuner's ``hp`` and returns a Keras model, compiled or not. A ``HyperModel``
        stands for its method ``build``.
    **values
        None: values of hyperparameters go to the estimator or a search, and an error says so.

    Attributes
    ----------
    param_distributions : dict
        For :class:`gridlanes.RandomizedSearchCV`: lists, and distributions for ranges without
        steps. If all are lists, also for :class:`gridlanes.GridSearchCV`.
    default_hyperparameters : dict
        What a fit outside of a search takes, by name.

    Raises
    ------
    ParameterError
        For a range that is none, or a name that stands for two of them.
    """

    def __init__(self, build: Callable[[HyperParameters], Any], **values: Any) -> None:
        if values:
            raise ParameterError(
                f"Tunable() takes the function alone; found {', '.join(values)}. Values go to the "
                "estimator by their names, as KerasClassifier(Tunable(build), units=32), or to a "
                "search"
            )
        self.build = build if callable(build) else getattr(build, "build", None)
        if not callable(self.build):
            raise ParameterError(
                f"Tunable() takes a function build(hp) or a HyperModel; found {build!r}"
            )
        self.__name__ = name_of(self.build)
        self._space: dict[str, Asked] = {}
        to_try: list[dict[str, Any]] = [{}]
        for call, given in enumerate(to_try):
            known = len(self._space)
            self._learn(given)
            for name, asked in list(self._space.items())[known:]:
                beside = {**given, **{parent: own[0] for parent, own in asked.conditions}}
                to_try += [{**beside, name: value} for value in asked.to_try]
            if call == CALLS:
                raise ParameterError(f"{self.__name__}() asks for more and more, {CALLS} times")
        for name in self._space:
            if name in TAKEN or "__" in name:
                raise ParameterError(f"{self.__name__}(): {name!r} has a meaning here; rename it")
        self.param_distributions = {name: own.values for name, own in self._space.items()}
        self.default_hyperparameters = {name: own.default for name, own in self._space.items()}

    def _learn(self, given: Mapping[str, Any]) -> None:
        try:
            self.build(HyperParameters(self.__name__, self._space, given, learns=True))
        except Exception as error:
            # Candidates that cannot be built fail in the search, where scikit-learn says so.
            if not given or isinstance(error, ParameterError):
                raise

    def __call__(self, **values: Any) -> Any:
        """Return the model for some hyperparameters; others have their defaults."""
        if unknown := sorted(values.keys() - self._space.keys()):
            raise ParameterError(f"{self.__name__}() does not ask for {', '.join(unknown)}")
        return self.build(HyperParameters(self.__name__, self._space, values, learns=False))

    def __deepcopy__(self, memo: Any) -> Self:
        # Clones of an estimator share it, so that their fits are seen to build the same.
        return self

    def active_hyperparameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of those whose conditions are met."""
        found: dict[str, Any] = {}
        for name, asked in self._space.items():
            if asked.is_active(found):
                found[name] = values.get(name, asked.default)
        return found
