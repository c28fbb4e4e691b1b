"""The stages, and what each needs of the others, from ``dvc.yaml``."""

from pathlib import PurePosixPath
from typing import Any

from drawing import BLUE, INK, LIGHT, Drawing

WIDTH, HEIGHT, GAP_X, GAP_Y = 228, 132, 46, 22


def needs(stages: dict[str, Any]) -> dict[str, set[str]]:
    """Return by stage those whose outputs it depends on."""

    def made(stage: dict[str, Any]) -> list[str]:
        return [out if isinstance(out, str) else next(iter(out)) for out in stage["outs"]]

    makers = {PurePosixPath(out): name for name, own in stages.items() for out in made(own)}
    found: dict[str, set[str]] = {}
    for name, own in stages.items():
        paths = [PurePosixPath(path) for path in own["deps"]]
        found[name] = {makers[up] for path in paths for up in (path, *path.parents) if up in makers}
    return found


def ahead(needed: dict[str, set[str]], stage: str) -> set[str]:
    """Return all that has to run before a stage."""
    return needed[stage].union(*(ahead(needed, other) for other in needed[stage]))


def direct(needed: dict[str, set[str]], stage: str) -> set[str]:
    """Return what a stage needs, without what these need themselves."""
    return needed[stage].difference(*(ahead(needed, other) for other in needed[stage]))


def column(needed: dict[str, set[str]], stage: str) -> int:
    """Return how many stages have run one after the other before this."""
    return max((column(needed, other) + 1 for other in needed[stage]), default=0)


def places(needed: dict[str, set[str]]) -> dict[str, tuple[float, float]]:
    """Return where the box of each stage begins, columns centred on one line."""
    columns: dict[int, list[str]] = {}
    for name in needed:
        columns.setdefault(column(needed, name), []).append(name)
    # Between the boxes of a column that is passed by there is room for lines.
    tallest = max(map(len, columns.values()))
    found = {}
    for at, names in columns.items():
        step = (HEIGHT + GAP_Y) if len(names) == tallest else (HEIGHT + GAP_Y) * 0.9
        top = 20 + ((tallest - 1) * (HEIGHT + GAP_Y) - (len(names) - 1) * step) / 2
        for row, name in enumerate(names):
            found[name] = (20 + at * (WIDTH + GAP_X), top + row * step)
    return found


def draw(stages: dict[str, Any]) -> str:
    """Return the diagram."""
    needed = needs(stages)
    where = places(needed)
    right = max(x for x, _ in where.values()) + WIDTH + 20
    bottom = max(y for _, y in where.values()) + HEIGHT + 20
    picture = Drawing(int(right), int(bottom), "The stages of a study and what each needs")
    for name in needed:
        x, y = where[name][0], where[name][1] + HEIGHT / 2
        for other in sorted(direct(needed, name)):
            start, height = where[other][0] + WIDTH, where[other][1] + HEIGHT / 2
            bend = x - GAP_X
            middle = (bend + x) / 2
            curve = f"C{middle:g} {height:g} {middle:g} {y:g} {x - 2:g} {y:g}"
            picture.arrow(f"M{start:g} {height:g}H{bend:g}{curve}")
    for name, own in stages.items():
        x, y = where[name]
        picture.box(x, y, WIDTH, HEIGHT, LIGHT, BLUE)
        picture.words(x + 12, y + 22, name, 14, bold=True)
        end = picture.paragraph(x + 12, y + 42, own["desc"], 32, INK)
        read = [key for key in own["params"] if isinstance(key, str)]
        said = ", ".join(read) if read else "all of it"
        picture.paragraph(x + 12, max(end + 2, y + 78), f"params.yaml: {said}", 31, BLUE)
    return picture.svg()
