"""What params.yaml says for the sake of one table, which is nothing to another one."""

import re
from collections.abc import Collection
from typing import Any

from stages.study.params import Params
from stages.study.sections.data import Preprocess

#: How many folds there are unless a table has too few rows.
FOLDS = {("cross_validate", "folds"): 10, ("grid_search", "cv"): 3, ("nested_cv", "outer"): 10}

#: Of columns with more gaps little is learnt.
MAX_MISSING = 0.5

#: What comments of init say.
_WORDS = (
    r"class .* has \d+ rows?",
    r"\d+ (rows?|groups|times)",
    r"[\d.]+% are .*",
    r"from \S+ to \S+",
    r"leaves out .*",
    r"labels cannot be exchanged between rows",
    r"there are gaps",
    r"the rarer one",
)
_COMMENT = re.compile(rf"[ \t]+#[ \t]+({'|'.join(_WORDS)})$", re.MULTILINE)
_FORCED = re.compile(rf"^[ \t]+(\w+):[^#\n]*{_COMMENT.pattern}", re.MULTILINE)


def without_reasons(text: str) -> str:
    """Return params.yaml without these comments."""
    return _COMMENT.sub("", text)


def forced(text: str) -> set[str]:
    """Return the keys of params.yaml that have such a comment."""
    return {found[1] for found in _FORCED.finditer(text)}


def of_no_table(current: Params, forced: Collection[str]) -> Params:
    """Return what params.yaml says without what it says for the sake of another table."""
    kept: dict[str, Any] = {"max_missing": MAX_MISSING}
    # An entry that is there may have a comment.
    kept |= dict.fromkeys({"classes"} & current.preprocess.model_fields_set, "any")
    sections: dict[str, Any] = {"preprocess": Preprocess.model_validate(kept)}
    for (section, key), usual in FOLDS.items():
        if key in forced:
            own = getattr(current, section)
            sections[section] = own.model_copy(update={key: max(usual, getattr(own, key))})
    return current.model_copy(update=sections)
