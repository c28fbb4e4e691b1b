"""What scores: the name of one of scikit-learn's scorers."""

import difflib
from typing import Annotated, Any

from pydantic import BeforeValidator
from sklearn.metrics import get_scorer_names


def _known_scorer(name: Any) -> Any:
    known = get_scorer_names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "for example accuracy or r2"
        raise ValueError(f"not the name of a scikit-learn scorer; {hint}")
    return name


Scorer = Annotated[str, BeforeValidator(_known_scorer)]
