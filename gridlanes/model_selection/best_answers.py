"""What a fitted search says of rows, by its best estimator."""

from typing import Any

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from gridlanes.compat.notebook import table
from gridlanes.compat.sklearn import BaseSearchCV, search_estimator_has


class BestAnswers(BaseSearchCV):
    """Scikit-learn's methods, which hand on what else the best estimator's take."""

    best_estimator_: Any

    @available_if(search_estimator_has("predict"))  # type: ignore[untyped-decorator]
    def predict(self, X: Any, **given: Any) -> Any:
        """Return what the best estimator's ``predict`` does; ``given`` is handed on to it."""
        return self._answer("predict", X, given)

    @available_if(search_estimator_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, **given: Any) -> Any:
        """Return what the best estimator's does; ``given`` is handed on to it."""
        return self._answer("predict_proba", X, given)

    @available_if(search_estimator_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any, **given: Any) -> Any:
        """Return what the best estimator's does; ``given`` is handed on to it."""
        return self._answer("decision_function", X, given)

    def _html_repr(self) -> str:
        """Return what a notebook shows: scikit-learn's diagram, and what was found under it."""
        parts: list[str] = [super()._html_repr()]
        found = vars(self)
        if "best_params_" in found:
            best = [("score", f"{found['best_score_']:.4f}")] if "best_score_" in found else []
            best += [(name, str(value)) for name, value in found["best_params_"].items()]
            parts.append(table("Best candidate", best))
        if "fit_report_" in found:
            parts.append(table(str(found["fit_report_"]), []))
        return "".join(f"<div>{part}</div>" for part in parts)

    def _answer(self, method: str, X: Any, given: dict[str, Any]) -> Any:
        if not given:
            return getattr(super(), method)(X)
        check_is_fitted(self)
        return getattr(self.best_estimator_, method)(X, **given)
