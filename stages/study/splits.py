"""How rows are split into folds."""

from sklearn.model_selection import KFold, StratifiedKFold


def make_folds(task: str, folds: int, seed: int) -> KFold | StratifiedKFold:
    """Return shuffled folds, stratified for a classification."""
    kind = StratifiedKFold if task == "classification" else KFold
    return kind(folds, shuffle=True, random_state=seed)
