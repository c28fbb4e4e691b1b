"""Make the gallery: run its six studies, keep what they say, and write a page about each.

``python docs/gallery/build.py`` runs all, in minutes; with names after it, these alone. Each runs
in a clone of what is committed. Its report goes to ``docs/gallery/reports/``, which git leaves
alone; its picture and its words are small, and are committed with the page. ``--pages-only`` writes
the pages anew from what is kept.
"""

import argparse
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

GALLERY = Path(__file__).parent
ROOT = GALLERY.parents[1]
sys.path.insert(0, str(ROOT / "tests/helpers"))

from browser import Chromium  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

WORDS, PICTURES, REPORTS = GALLERY / "words.json", GALLERY / "pictures", GALLERY / "reports"
TEMPLATES = ROOT / "docs/templates"


class Study(NamedTuple):
    """What is laid over the committed study: a folder of ``examples/``, and entries set anew."""

    title: str
    about: str
    example: str | None = None
    changes: tuple[str, ...] = ()


STUDIES = {
    "default": Study(
        "The committed study",
        "The grid search of the Keras tutorial, 243 candidates, on 768 rows of which 35 % are "
        "positive. The network learns, and so does a straight line: a linear model is as good, "
        "and that is the answer. [The study](../start/study.md) explains this one in full.",
    ),
    "four": Study(
        "Four candidates",
        "The same table, and a grid of two entries. With so few candidates the choice flatters "
        "the winner little: what it scored on the folds that chose it and what the nested "
        "estimate says lie close together.",
        changes=(
            "grid_search.param_grid.activation=[tanh,relu]",
            "grid_search.param_grid.epochs=[10,25]",
            "grid_search.param_grid.optimizer=[adam]",
            "grid_search.param_grid.init=[glorot_uniform]",
            "grid_search.param_grid.batch_size=[16]",
        ),
    ),
    "random": Study(
        "A random search",
        "24 candidates drawn from ranges, where a grid would need lists. The report shows each "
        "range in five parts, and no shares of variance: those need a full grid.",
        "random",
    ),
    "regression": Study(
        "A regression",
        "A number is predicted: the progress of a disease, from 25 to 346. The target is scaled "
        "inside the folds, dropout is on the grid, and training stops by itself. The score is R², "
        "and the report has residuals where a classification has a confusion matrix.",
        "diabetes",
    ),
    "rare": Study(
        "6 % positives",
        "42 of 700 pumps broke. Always saying no is right for 94 % of the rows, so accuracy "
        "would say nothing; average precision looks at the pumps that broke.",
        "pumps",
    ),
    "worthless": Study(
        "Worse than nothing",
        "The regression again, with a mistake that people make: the target stays in its large "
        "numbers, and the network is trained too briefly to get there from weights near zero. "
        "The report does not hide it behind the best of its candidates.",
        "diabetes",
        (
            "model.target=none",
            "grid_search.param_grid.epochs=[5,10]",
            "grid_search.param_grid.dropout=[0.1]",
        ),
    ),
}


def commands(name: str) -> list[str]:
    """Return the lines that make a study, in a clone of the repository."""
    study, lines = STUDIES[name], []
    if study.example:
        lines += [f"cp -r examples/{study.example}/. .", "git add --all"]
        lines += [f'git commit --quiet --message "{study.title}"']
    changes = [f"-S {shlex.quote(change)}" for change in study.changes]
    return [*lines, " ".join(["dvc exp run", *changes]) if changes else "dvc repro"]


def run_study(name: str, folder: Path) -> None:
    """Run a study in a clone, and keep its report, its picture and its words."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("DVC_ROOT", None)
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    for key in ("user.name", "user.email"):
        subprocess.run(["git", "config", key, "gallery@localhost"], cwd=folder, check=True)
    subprocess.run(
        ["bash", "-ec", "\n".join(commands(name))], cwd=folder, env=environment, check=True
    )
    REPORTS.mkdir(exist_ok=True)
    shutil.copy(folder / "reports/report.html", REPORTS / f"{name}.html")
    take_picture(REPORTS / f"{name}.html", PICTURES / f"{name}.png")
    kept = json.loads(WORDS.read_text()) if WORDS.exists() else {}
    kept[name] = words_of(folder)
    WORDS.write_text(json.dumps(dict(sorted(kept.items())), indent=2, ensure_ascii=False) + "\n")


def take_picture(report: Path, picture: Path) -> None:
    """Take what a report opens with, in few colours: a sixth of the bytes."""
    with sync_playwright() as playwright:
        window = {"viewport": {"width": 1100, "height": 800}, "color_scheme": "light"}
        with Chromium(playwright).visit(report, **window) as visit:
            bottom = visit.page.locator("nav").first.bounding_box()["y"]
            clip = {"x": 0, "y": 0, "width": 1100, "height": bottom}
            taken = Image.open(io.BytesIO(visit.page.screenshot(clip=clip)))
    picture.parent.mkdir(exist_ok=True)
    taken.convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)


def words_of(folder: Path) -> list[str]:
    """Return what a report opens with, as its model card has it."""
    card = (folder / "reports/model_card.md").read_text().split("\n\n")
    return [re.sub(r"^\*\*(.*)\*\*$", r"\1", sentence) for sentence in card[1:4]]


def page(name: str, words: list[str]) -> str:
    """Return the page about a study."""
    study = STUDIES[name]
    params = f"examples/{study.example}/params.yaml" if study.example else "params.yaml"
    but = ", but for the entries that are set below" if study.changes else " as it is committed"
    what = f"With [{params}](../../{params}){but}."
    lines = "\n".join(f"$ {line}" for line in commands(name))
    quote = "\n>\n".join(f"> {sentence}" for sentence in words)
    return (
        (TEMPLATES / "gallery_study.md")
        .read_text()
        .format(
            name=name, title=study.title, about=study.about, quote=quote, what=what, lines=lines
        )
    )


def index(kept: dict[str, list[str]]) -> str:
    """Return the page that leads to the others."""
    rows = [
        f"| [{study.title}]({name}.md) | {kept[name][0].partition(' (')[0].rstrip('.')} |"
        for name, study in STUDIES.items()
        if name in kept
    ]
    return (
        (TEMPLATES / "gallery_index.md")
        .read_text()
        .format(rows="\n".join(rows), names="\n".join(name for name in STUDIES if name in kept))
    )


def pages() -> dict[str, str]:
    """Return all pages by their file's name, from what is kept of the studies."""
    kept = json.loads(WORDS.read_text())
    own = {f"{name}.md": page(name, words) for name, words in kept.items()}
    return {"index.md": index(kept), **own}


def write_pages() -> None:
    """Write all pages."""
    for name, text in pages().items():
        (GALLERY / name).write_text(text)


def main() -> None:
    """Run the studies that are named, or all, and write the pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(STUDIES))
    parser.add_argument("--pages-only", action="store_true", help="run nothing")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(STUDIES)
    if unknown:
        parser.error(f"no such study: {', '.join(sorted(unknown))}; there are {', '.join(STUDIES)}")
    for name in () if asked.pages_only else asked.names or STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            run_study(name, Path(folder) / name)
    write_pages()


if __name__ == "__main__":
    main()
