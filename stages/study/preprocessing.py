"""What happens to a row before a model, and to a target: scikit-learn's transformers by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from gridlanes.errors import did_you_mean
from stages.study import category_names
from stages.study.column_checks import (
    categories,
    check_encoder,
    check_gaps,
    check_target,
    check_width,
)
from stages.study.distributions import Distribution, Values
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.sections.model import Categorical, Imputer, Model
from stages.study.yaml_sections import Section

#: What stands for no transformer.
NOTHING = "passthrough"

#: Codes of ``ordinal`` for what a training fold lacks, and for a missing category if it has such.
UNKNOWN, MISSING = -1, -2

#: Quantiles that ``quantile`` learns at most, scikit-learn's default, and the share of rows that
#: every training fold has.
QUANTILES, SHARE = 1000, 4

#: Parameters of the estimator that are transformers by name: of which section and key the names
#: are.
NAMED: dict[str, tuple[type[Section], str]] = {
    "preprocessing__numbers__imputer": (Imputer, "strategy"),
    "preprocessing__numbers__scaler": (Model, "scaler"),
    "preprocessing__categories": (Categorical, "encoder"),
    "preprocessing__categories__scaler": (Model, "scaler"),
    "target_transformer": (Model, "target"),
}

#: Folds in which ``target`` encodes the rows that it learns from, scikit-learn's default.
FOLDS = 5


@dataclass(frozen=True)
class Transformers:
    """Makes the transformers of a study by their names in params.yaml.

    Attributes
    ----------
    model : Model
        Says which.
    data : Prepared
        Numbers, and categories as text.
    seed : int
        Of the folds inside the target encoder.
    """

    model: Model
    data: Prepared
    seed: int

    def before(self) -> ColumnTransformer:
        """Return what happens to a row before a model: to numbers, and to categories."""
        named = self.model.imputer, self.model.scaler
        steps = [("imputer", self.imputer(named[0])), ("scaler", self.scaler(named[1]))]
        if self.model.imputer.strategy == "knn":
            # Neighbours are near in units that the scaler makes alike.
            steps.reverse()
        makes = {"numbers": Pipeline(steps), "categories": self.encoder(self.model.categorical)}
        blocks = [(name, makes[name], own) for name, own in self.blocks.items() if own]
        # Build functions, and inputs of networks, can go by the names of columns.
        return ColumnTransformer(blocks).set_output(transform="pandas")

    @property
    def blocks(self) -> dict[str, list[str]]:
        """Return the columns that each block of the preprocessing takes."""
        text = categories(self.data.X)
        numbers = [str(name) for name in self.data.X if name not in set(text)]
        return {"numbers": numbers, "categories": text}

    def target(self, name: str) -> Any:
        """Return what happens to the targets of a regression; None for nothing."""
        return {
            "none": None,
            "standard": StandardScaler(),
            "log1p": FunctionTransformer(np.log1p, np.expm1),
            "yeo_johnson": PowerTransformer("yeo-johnson"),
        }[name]

    def imputer(self, own: Imputer) -> Any:
        """Return what fills gaps in numbers."""
        if own.strategy == "none":
            return NOTHING
        # A feature that is missing in all rows of a training fold must keep its column.
        kept = {"keep_empty_features": True, "add_indicator": own.indicator}
        if own.strategy == "knn":
            return KNNImputer(**kept)
        return SimpleImputer(strategy=own.strategy, **kept)

    def scaler(self, name: str) -> Any:
        """Return what brings numbers into one unit."""
        quantiles = min(QUANTILES, max(2, len(self.data.X) // SHARE))
        return {
            "none": NOTHING,
            "minmax": MinMaxScaler(),
            "standard": StandardScaler(),
            "robust": RobustScaler(),
            "quantile": QuantileTransformer(n_quantiles=quantiles, random_state=self.seed),
        }[name]

    def encoder(self, own: Categorical) -> Any:
        """Return what makes numbers of categories; what a fold has not seen is no error."""
        if own.encoder == "onehot":
            alike = category_names.are_alike(self.data.X[self.blocks["categories"]])
            return OneHotEncoder(
                feature_name_combiner=category_names.apart if alike else "concat",
                handle_unknown="infrequent_if_exist",
                min_frequency=own.min_frequency,
                sparse_output=False,
            )
        if own.encoder == "ordinal":
            return OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=UNKNOWN,
                encoded_missing_value=MISSING,
                min_frequency=own.min_frequency,
            )
        # Whole numbers of a regression look like classes.
        kind = "continuous" if self.data.task == "regression" else "auto"
        folds = KFold(FOLDS, shuffle=True, random_state=self.seed)
        # Means of the target are as large as the target is.
        scaler = self.scaler(self.model.scaler)
        encoder = TargetEncoder(target_type=kind, cv=folds)
        return Pipeline([("encoder", encoder), ("scaler", scaler)])

    def resolved(self, settings: Mapping[str, Any], key_path: str) -> dict[str, Any]:
        """Return parameters of the estimator, transformers by name as transformers.

        Raises
        ------
        InputError
            For one that is not known, or for columns that the table has none of.
        """
        return {name: self._made(name, own, f"{key_path}.{name}") for name, own in settings.items()}

    def grid(self, grid: Mapping[str, Values], key_path: str) -> dict[str, Values]:
        """Return a grid, transformers by name as transformers; see :meth:`resolved`."""
        return {
            name: self._made(name, values, f"{key_path}.{name}")
            if isinstance(values, Distribution)
            else [
                self._made(name, value, f"{key_path}.{name}[{number}]")
                for number, value in enumerate(values)
            ]
            for name, values in grid.items()
        }

    def _made(self, name: str, value: Any, key_path: str) -> Any:
        for block, columns in self.blocks.items():
            if name.startswith(f"preprocessing__{block}") and not columns:
                raise InputError(f"{PATH}: {key_path}: the table has no {block} among its features")
        if name not in NAMED:
            return value
        section, key = NAMED[name]
        allowed = get_args(section.model_fields[key].annotation)
        if value not in allowed:
            raise InputError(
                f"{PATH}: {key_path}: must be {', '.join(allowed)}; found {value!r}"
                f"{did_you_mean(value, allowed)}"
            )
        return self._named(key, value, key_path)

    def _named(self, key: str, name: str, key_path: str) -> Any:
        """Return the transformer of a name, the rest as ``model`` says, checked against it."""
        if key == "strategy":
            return self.imputer(self._imputer(name, key_path))
        if key == "encoder":
            check_encoder(self.data, name, key_path)
            return self.encoder(self._categorical(name, key_path))
        if key == "target":
            check_target(self.data, name, key_path)
            return self.target(name)
        return self.scaler(name)

    def _imputer(self, name: str, key_path: str) -> Imputer:
        own = self.model.imputer
        if name != "none" and (name == "knn") != (own.strategy == "knn"):
            raise InputError(
                f"{PATH}: {key_path}: {name}, but model.imputer is {own.strategy}, and knn stands "
                "behind the scaler, all others before it; compare them in studies of their own"
            )
        if name == "none":
            # Without gaps there is nothing for an indicator to say.
            check_gaps(self.data, key_path)
            return Imputer(strategy="none")
        return Imputer.model_validate(own.model_dump() | {"strategy": name})

    def _categorical(self, name: str, key_path: str) -> Categorical:
        rare = self.model.categorical.min_frequency
        if name == "target" and rare is not None:
            raise InputError(
                f"{PATH}: {key_path}: target, but model.categorical has min_frequency, which is "
                "for onehot and ordinal; leave out one of them"
            )
        if name == "onehot" and rare is None:
            check_width(self.data, key_path)
        return Categorical.model_validate({"encoder": name, "min_frequency": rare})
