"""The model card: what the winner is worth, for whoever is handed it.

``models/best`` is written by the search, before anything is known of what its choice is worth; how
its files are used stands there.
"""

from typing import Any

from stages.reporting import TEMPLATES
from stages.reporting.pages.answer import answer_table, differences
from stages.reporting.spelling.formats import title
from stages.reporting.words import sentences as words
from stages.reporting.words.subject import subject
from stages.study.artifacts import render
from stages.study.counts import folds_in_words
from stages.study.markdown import plain


def model_card(name: str, content: dict[str, Any]) -> str:
    """Return the card of a study with this title."""
    verdict, best = content["verdict"], content["best"]
    compared = verdict["baselines"]
    decision, *expected = words.answer(verdict, best)
    return render(
        TEMPLATES / "model_card.md.jinja",
        title=name,
        decision=decision,
        expected=[subject(content["profile"]), *expected],
        winner=words.winner(verdict, best),
        answer=answer_table(verdict, best),
        differences=differences(compared),
        what="The search" if compared["searched"] else "The base model",
        scoring=title(compared["scoring"]),
        folds=folds_in_words(compared["folds"], compared.get("repeats", 1)),
        failed=best["mean"] is None,
        plain=plain,
    )
