"""Draw the diagrams of the documentation anew: ``python docs/diagrams/draw.py``."""

import sys
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import lanes  # noqa: E402
import pipeline  # noqa: E402

IMAGES, ROOT = HERE.parent / "images", HERE.parents[1]


def diagrams() -> dict[str, str]:
    """Return all diagrams by the name of their file."""
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    return {"lanes.svg": lanes.draw(), "pipeline.svg": pipeline.draw(stages)}


if __name__ == "__main__":
    for name, svg in diagrams().items():
        (IMAGES / name).write_text(svg)
