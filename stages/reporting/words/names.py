"""Names and values of the user as parts of a sentence."""

from typing import Any

from stages.reporting.spelling.values import in_words

#: Groups of rows and columns that a sentence names; the table and the figure have more.
NAMED = 3

#: Letters of a name in a sentence.
LETTERS = 40


def short(value: Any) -> str:
    """Return a name or value of the user in no more letters than a sentence bears."""
    text = " ".join(in_words(value).split())
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def class_name(label: Any) -> str:
    """Return a class as part of a sentence, which "class_1" is by itself."""
    said = short(label)
    return said if said.lower().startswith("class") else f"class {said}"
