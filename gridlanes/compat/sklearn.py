"""Names of scikit-learn that are not public, in one place.

Checked with scikit-learn 1.9.1. Besides these, :mod:`gridlanes.model_selection.base_search`
overrides or calls two methods of ``BaseSearchCV`` that are not public: ``_format_results``, to put
a lane's share of time where scikit-learn has measured the time of looking it up, and
``_get_routed_params_for_fit``.
"""

from sklearn.metrics._scorer import _BaseScorer as Scorer
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._optional_dependencies import check_pandas_support
from sklearn.utils.metaestimators import _safe_split as safe_split
from sklearn.utils.validation import _check_method_params as check_method_params
from sklearn.utils.validation import _num_samples as num_samples

__all__ = [
    "BaseSearchCV",
    "Scorer",
    "check_method_params",
    "check_pandas_support",
    "num_samples",
    "safe_indexing",
    "safe_split",
]
