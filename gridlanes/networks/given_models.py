"""Build functions made of other things that people give: a model, or a method of an estimator."""

import copy
import functools
import inspect
from collections.abc import Mapping
from typing import Any, Self

import keras

from gridlanes.compat.compiled_models import compile_arguments
from gridlanes.errors import ParameterError
from gridlanes.networks.parameters import unshared


class CopyOf:
    """Builds copies of a model, with its weights, compiled as it is.

    The copy's optimizer begins anew: what it remembers belongs to the fit it was used in.

    Attributes
    ----------
    model : keras.Model
    who : str
        What to call it in messages.
    """

    who = "the given model"

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.__name__ = model.name

    def __call__(self) -> keras.Model:
        """Return a copy."""
        try:
            made = keras.models.clone_model(self.model)
            made.set_weights(self.model.get_weights())
        except (NotImplementedError, TypeError, ValueError):
            raise ParameterError(
                f"model: {type(self.model).__name__} cannot be copied with its weights; give a "
                "function that builds it, or a Sequential or functional model"
            ) from None
        if self.model.compiled:
            from gridlanes.networks.compiling import make_optimizer

            compiling = compile_arguments(self.model)
            made.compile(**{**compiling, "optimizer": make_optimizer(self.model.optimizer, {})})
        return made


#: Of one model there is one builder, so that all fits of a search are seen to build the same.
copy_of = functools.lru_cache(maxsize=8)(CopyOf)


class Left:
    """Attributes, in a form in which Keras does not look for layers."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = attributes


def left_by(model: keras.Model) -> Mapping[str, Any]:
    """Return what the method that built a model has set on its estimator."""
    left = vars(model).get("_left_on_estimator")
    return left.attributes if isinstance(left, Left) else {}


class MethodOf:
    """Builds by a method of an estimator, which finds there what is known of the data.

    Parameters
    ----------
    owner : estimator
    name : str
        Of the method.
    learnt : dict
        What SciKeras has an estimator know before its network is built, by attribute.
    """

    def __init__(self, owner: Any, name: str, learnt: Mapping[str, Any]) -> None:
        self._owner, self.__name__ = copy.copy(owner), name
        self._owner.__dict__.update(learnt)

    @property
    def __signature__(self) -> inspect.Signature:
        # Not kept: what a fit depends on is told by attributes, and a signature cannot be told.
        return inspect.signature(getattr(self._owner, self.__name__))

    def __call__(self, **arguments: Any) -> Any:
        """Return what the method does; what it sets goes to the estimator that gets the model."""
        owner = copy.copy(self._owner)
        # One build must not find what another has made of parameters.
        owner.__dict__.update(unshared(vars(owner)))
        before = dict(vars(owner))
        model = getattr(owner, self.__name__)(**arguments)
        left = {name: own for name, own in vars(owner).items() if before.get(name, self) is not own}
        if left and isinstance(model, keras.Model):
            # Set by Keras' own way, models among them would be layers of this one.
            object.__setattr__(model, "_left_on_estimator", Left(left))
        return model

    def rebound(self, learnt: Mapping[str, Any]) -> Self:
        """Return the same for other data."""
        return type(self)(self._owner, self.__name__, learnt)
