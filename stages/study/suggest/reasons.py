"""Comments of entries that init has written for a table, which say nothing of another one."""

import re

#: What its comments say.
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
