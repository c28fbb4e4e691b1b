"""The report as one HTML file: what its template shows, figures and scripts inside."""

import base64
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup
from ruamel.yaml import YAML

from stages.reporting import PLOTS_PAGE, TEMPLATES
from stages.reporting.evidence.subgroups import significant
from stages.reporting.evidence.verdict import hyperparameters
from stages.reporting.figures.illustration import Illustration
from stages.reporting.figures.parallel_coordinates import chart
from stages.reporting.pages import provenance
from stages.reporting.pages.answer import answer_table, differences
from stages.reporting.pages.explorer import cells
from stages.reporting.pages.winner import section
from stages.reporting.spelling.formats import decimals, decimals_of, has_ends, number, signed, title
from stages.reporting.words import candidates
from stages.reporting.words import sentences as words
from stages.reporting.words.decision import decided
from stages.reporting.words.rows import row_words
from stages.reporting.words.subject import subject
from stages.reporting.words.table import of_table
from stages.reporting.words.target import transformed
from stages.study.artifacts import render
from stages.study.counts import folds_in_words, in_digits
from stages.study.measures import fits_for
from stages.study.params import Params
from stages.study.predictions import repeats_in, seeds_in
from stages.study.scorer_doubts import doubts
from stages.study.tables.profile import features_in_words

#: Inches of a figure that fit into one column of the page, and into two.
ROOM = {"": 4.4, "double": 7.6}


def page(
    settings: Params, content: dict[str, Any], shown: Sequence[Illustration], folder: Path
) -> str:
    """Return the text of the page.

    Parameters
    ----------
    settings : Params
    content : dict
        What the stages left, with the verdict.
    shown : sequence of Illustration
        In their order.
    folder : Path
        Where they have been drawn.
    """
    table = content["candidates"].sort_values(["rank_test_score", "candidate"])
    rows = table.head(settings.report.best)
    explorer = cells(content)
    return render(
        TEMPLATES / "report.html.jinja",
        title=settings.report.title,
        told=_told(content),
        answer=answer_table(content["verdict"], content["best"]),
        differences=differences(content["verdict"]["baselines"]),
        table=of_table(content["profile"]),
        in_digits=in_digits,
        doubts=_doubts(settings, content["profile"]),
        drawn={own.section for own in shown}.__contains__,
        illustrations=[(own, *_inline(folder / f"{own.name}.svg")) for own in shown],
        names=hyperparameters(table),
        rows=rows.to_dict("records"),
        best_places=_places(rows["std_test_score"]),
        number=number,
        readable=title,
        decimals=decimals,
        signed=signed,
        significant=lambda mean: significant(mean, 4),
        winner=section(content),
        folds=folds_in_words(len(content["scores"]), repeats_in(content["scores"])),
        folds_in_words=folds_in_words,
        ends_of=has_ends(content["verdict"]),
        shares=candidates.shown_shares(content["verdict"]["shares"]),
        explorer=explorer,
        cells_json=_json(explorer),
        chart_json=_json(chart(explorer)),
        vega=_vega(),
        made=_made(settings, content),
        features=features_in_words(content["profile"]),
        target=transformed(settings),
        row_words=row_words(content["profile"], _scorers(settings)),
        **{name: content[name] for name in ("profile", "summary", "best", "verdict")},
    )


#: Decimals of a mean in the table of the best.
MOST = 4


def _places(sds: pd.Series) -> int | None:
    """Return how many decimals tell candidates apart: one more than the noise of folds leaves."""
    places = decimals_of(max(sds.max(), 0.0)) if sds.notna().any() else None
    return None if places is None else min(places + 1, MOST)


def _told(content: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences of the page by where they stand, the decision apart."""
    verdict, best = content["verdict"], content["best"]
    return {
        "decision": decided(verdict["decision"]),
        "answer": [subject(content["profile"]), *words.answer(verdict, best)[1:]],
        "worth": words.worth(verdict, best),
        "winner": words.winner(verdict, best),
        **dict(zip(("heading", "nav_winner"), _heading(verdict, best), strict=True)),
        "search": words.search(verdict, best),
        "shares": candidates.shares(verdict["shares"]),
    }


def _heading(verdict: dict[str, Any], best: dict[str, Any]) -> tuple[str, str]:
    """Return what the section about the best candidate is called, and in the navigation."""
    if best["mean"] is None:
        return "No winner", "No winner"
    who = "winner" if words.has_winner(verdict, best) else "candidate ranked first"
    return f"The {who}: how wrong it is, and for whom", who.removeprefix("candidate ").capitalize()


def _doubts(settings: Params, profile: dict[str, Any]) -> list[str]:
    names = dict.fromkeys([*settings.grid_search.scorers, *settings.cross_validate.scorers])
    return [*profile["doubts"], *doubts(profile, list(names))]


def _inline(path: Path) -> tuple[str, str]:
    """Return a figure's address, and how many columns of the page it needs: one, two or all."""
    svg = path.read_bytes()
    found = re.search(rb'<svg[^>]* width="([\d.]+)pt"', svg)
    inches = float(found[1]) / 72 if found else 0
    room = next((name for name, most in ROOM.items() if inches <= most), "wide")
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode(), room


def _json(content: Any) -> Markup:
    """Return JSON for a script element: no text in it can end the element or open a comment."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))  # noqa: S704


def _vega() -> Markup:
    """Return Vega as a script, that of the page of ``dvc plots``."""
    text = PLOTS_PAGE.read_text(encoding="utf-8")
    return Markup(text.partition("<script>")[2].partition("</script>")[0].strip())  # noqa: S704


def _yaml(content: dict[str, Any]) -> str:
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(content, text)
    return text.getvalue()


def _scorers(settings: Params) -> list[str]:
    own = [*settings.cross_validate.scorers, *settings.grid_search.scorers]
    return list(dict.fromkeys(own))


def _looking(content: dict[str, Any]) -> int:
    """Return on how many folds the winner was fitted, for importances and a learning curve."""
    shuffled, curve = content["importance"], content["learning_curve"]
    folds = 0 if shuffled is None else shuffled["fold"].nunique()
    return int(folds + (0 if curve is None else len(curve)))


def _made(settings: Params, content: dict[str, Any]) -> dict[str, Any]:
    """Return where the results come from, and what makes them again."""
    best, nested = content["best"], content["nested"]
    outer = [] if content["outer"] is None else content["outer"]
    search = best["candidates"] * best["folds"] * len(best["seeds"] or [0])
    section = settings.grid_search
    whole, chosen = fits_for(section.scorers), fits_for([section.chooser])
    fits = {
        "cross-validation": len(content["scores"])
        * seeds_in(content["own_predictions"])
        * fits_for(settings.cross_validate.scorers),
        "search and refit": (search + 1) * whole,
        "nested searches and their refits": len(outer) * (search + 1) * chosen,
        "searches on permuted labels": nested["permutations"] * search * chosen,
        "looking closer at the winner": _looking(content) * len(best["seeds"] or [0]) * chosen,
    }
    return {
        "fits": {name: own for name, own in fits.items() if own},
        "parameters": _yaml(settings.model_dump()),
        "seed": settings.seed,
        "versions": best["versions"],
        **provenance.revision(settings.data.path),
    }
