"""The part ``nested``: the stage ``nested_cv`` of the study as a process, from an empty store.

Once with its outer folds, once with permutations of the labels in their place. Importing
TensorFlow and Keras, which both include, is measured beside them.
"""

import re
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import run_python
from benchmarks.options import Options
from benchmarks.study import copy_study

#: What is set in params.yaml, and how many fits that takes without refits.
CASES = {
    "nested cross-validation": ({"outer": 10, "permutations": 0}, 7290),
    "20 permutations": ({"outer": 0, "permutations": 20}, 14580),
}


def run(options: Options) -> dict[str, Any]:
    """Measure both in turn."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in CASES}
    for number in range(options.repeats):
        for name, (settings, _) in CASES.items():
            options.say(f"nested, round {number + 1} of {options.repeats}: {name}")
            rounds[name].append(_measured(settings))
    return {
        "rounds": options.repeats,
        "cases": {
            name: {
                "fits": CASES[name][1],
                "seconds": median(own["seconds"] for own in measured),
                "imports": median(own["imports"] for own in measured),
                "rounds": measured,
            }
            for name, measured in rounds.items()
        },
    }


def _measured(settings: dict[str, int]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_study(folder)
        shutil.rmtree(folder / ".gridlanes", ignore_errors=True)
        path = folder / "params.yaml"
        text = path.read_text()
        for key, value in settings.items():
            text = re.sub(rf"(?m)^(  {key}:) \d+", rf"\1 {value}", text)
        path.write_text(text)
        seconds, _ = run_python("-m", "stages.nested_cv", cwd=folder)
        imports, _ = run_python("-c", "import tensorflow, keras", cwd=folder)
    return {"seconds": seconds, "imports": imports}
