"""The parameters of an estimator: its own, the build function's, and those of what it holds."""

import contextlib
import functools
import inspect
import sys
from collections.abc import Mapping
from typing import Any, Self

from sklearn.base import BaseEstimator

from gridlanes.compat.sklearn import clone_keeping, clone_setting
from gridlanes.errors import ParameterError
from gridlanes.estimators.held_transformers import set_inner
from gridlanes.networks.parameters import TRANSFORMERS, check_names, nested
from gridlanes.networks.spellings import check_once, plain_name, same

#: Parameters that are objects of Keras, which a fit does not change.
KEPT = ("callbacks", "loss", "metrics", "model", "optimizer")

#: The method of a subclass that builds its network, as in SciKeras.
OWN_BUILD = "_keras_build_fn"


class _SignatureOfInit:
    """What ``inspect.signature`` says of a class: the arguments of ``__init__``."""

    def __get__(self, _: Any, kind: Any) -> inspect.Signature:
        signature = inspect.signature(kind.__init__)
        return signature.replace(parameters=list(signature.parameters.values())[1:])


class OwnParameters(BaseEstimator):
    """Parameters that are set, read and cloned as scikit-learn's, and reach a build function."""

    model: Any
    preprocessing: Any
    _parameters: dict[str, Any]

    #: Names of parameters that somebody has given, whether or not their values are the defaults.
    _given: frozenset[str]

    # That of ``__new__`` says nothing.
    __signature__ = _SignatureOfInit()

    def __new__(cls, *_: Any, **given: Any) -> Self:
        """Return an estimator that knows which parameters its constructor was given."""
        made: Self = super().__new__(cls)
        made._given = frozenset(given)
        return made

    @classmethod
    def _get_param_names(cls) -> list[str]:
        kind: Any = cls
        return list(_names_of(kind, kind.__init__))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, those of the build function among them.

        ``deep`` adds those of transformers, as ``preprocessing__name``.
        """
        return {**super().get_params(deep=deep), **self._parameters}

    def set_params(self, /, **params: Any) -> Self:
        """Set parameters by name.

        Unlike scikit-learn's, a name with ``__`` is looked up in no nested estimator but
        ``preprocessing`` and ``target_transformer``: it is one of the forms that
        ``KerasClassifier`` describes. One that is set in another spelling, ``hidden`` after
        ``model__hidden``, replaces it.

        Raises
        ------
        ParameterError
            For a parameter that would reach nothing, or is there twice. Nothing is set then.
        """
        own = self._get_param_names()
        holders = [name for name in TRANSFORMERS if name in own]
        inner = {name: found for name in holders if (found := nested(params, name))}
        extra = {
            name: value
            for name, value in params.items()
            if name not in own and name.partition("__")[0] not in holders
        }
        replaced = {plain_name(name) for name in params}
        kept = {
            name: value
            for name, value in self._parameters.items()
            if name in params or plain_name(name) not in replaced
        }
        extra = {**kept, **extra}
        check_once(params)
        check_names(as_function(self._builder(params | extra)), extra, own)
        # Checked on clones: after an error nothing may have been set.
        made = {
            name: set_inner(name, params.get(name, getattr(self, name)), values)
            for name, values in inner.items()
        }
        params = {**params, **made}
        defaults = {
            name: default
            for name, default in self.own_defaults().items()
            if plain_name(name) in replaced and name not in params
        }
        for name, value in {**defaults, **params}.items():
            if name in own:
                setattr(self, name, value)
        self._parameters, self._given = extra, self._given.union(params)
        return self

    def own_defaults(self) -> Mapping[str, Any]:
        """Return the defaults of the estimator's own parameters, of those that have one."""
        kind: Any = type(self)
        return _defaults_of(kind, kind.__init__)

    def implied_parameters(self) -> dict[str, Any]:
        """Return own parameters that follow from something else than their own values.

        These are the defaults of a ``Tunable`` for what is not given; a subclass may add others.
        """
        build, unset = self._builder(), self.own_defaults()
        return {
            name: default
            for name, default in getattr(build, "default_hyperparameters", {}).items()
            if name in unset and name not in self._given and same(getattr(self, name), unset[name])
        }

    def _check_once(self, own: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
        """Check that no two of the parameters that were set contradict each other."""
        if any("__" in name for name in extra):
            unset = self.own_defaults()
            chosen = {n: v for n, v in own.items() if n not in unset or not same(v, unset[n])}
            check_once({**chosen, **extra})

    def __sklearn_clone__(self) -> Self:
        made = self._cloned()
        made.__dict__["_given"] = self._given
        return made

    def _cloned(self) -> Self:
        # Copies of a model are trained, it is never changed. Objects of classes that Keras does not
        # know by a name cannot be copied.
        for names in (("model",) if is_model(self.model) else (), KEPT):
            with contextlib.suppress(TypeError, KeyError):
                made: Self = clone_keeping(self, names)
                return made
        # A constructor may choose what it hands on.
        other: Self = clone_setting(self, KEPT)
        return other

    def restored(self, params: Mapping[str, Any]) -> None:
        """Set all parameters, whatever there is."""
        own = self._get_param_names()
        for name in own:
            setattr(self, name, params[name])
        self._parameters = {name: value for name, value in params.items() if name not in own}

    def _builder(self, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the build function, or what was given in its place.

        Raises
        ------
        ParameterError
            If there are two.
        """
        known = self._parameters if parameters is None else parameters
        places = {
            "model": known.get("model", self.model),
            "build_fn": known.get("build_fn"),
            OWN_BUILD: getattr(self, OWN_BUILD, None),
        }
        found = [name for name, build in places.items() if build is not None]
        if len(found) > 1:
            raise ParameterError(
                f"{found[0]} and {found[1]} of {type(self).__name__} both build the network; give "
                "one of them"
            )
        return places[found[0]] if found else None


@functools.lru_cache(maxsize=32)
def _names_of(kind: Any, init: Any) -> tuple[str, ...]:  # noqa: ARG001
    """Return the names of an estimator's own parameters.

    Those of the classes that it inherits from are among them as far as its constructor hands on
    what it does not name. Scikit-learn reads a signature for each clone and each ``get_params``, a
    third of the time that a large search is prepared in. ``init`` tells a constructor from one
    that replaces it.
    """
    names: set[str] = set()
    for own in [one for one in kind.__mro__ if issubclass(one, OwnParameters)]:
        names.update(super(OwnParameters, own)._get_param_names())
        arguments = inspect.signature(own.__init__).parameters.values()
        if not any(one.kind == one.VAR_KEYWORD for one in arguments):
            break
    return tuple(sorted(names))


@functools.lru_cache(maxsize=32)
def _defaults_of(kind: Any, init: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Return the defaults of an estimator's own parameters; ``init`` as in :func:`_names_of`."""
    defaults: dict[str, Any] = {}
    for own in reversed([one for one in kind.__mro__ if issubclass(one, OwnParameters)]):
        arguments = inspect.signature(own.__init__).parameters.values()
        defaults |= {one.name: one.default for one in arguments if one.default is not one.empty}
    return defaults


def as_function(build: Any) -> Any:
    """Return a function for a given model, which makes copies of it; anything else as it is."""
    if not is_model(build):
        return build

    from gridlanes.networks import given_models

    return given_models.copy_of(build)


def is_model(build: Any) -> bool:
    """Return whether something is a Keras model, without loading Keras to find out."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(build, keras.Model)
