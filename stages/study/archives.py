"""A winner's network and what stands before it as archives, of equal bytes for equal content.

Keras and skops write down when they did so, and tell shared objects apart by their addresses in
memory, which become numbers in their order.
"""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import skops.io


def write_model(model: Any, path: Path) -> None:
    """Save a Keras model to a ``.keras`` archive."""
    with tempfile.TemporaryDirectory() as folder:
        dated = Path(folder, "dated.keras")
        model.save(dated)
        with zipfile.ZipFile(dated) as source:
            _write(source, path, _undated)


def write_pipeline(pipeline: Any, path: Path) -> None:
    """Save a transformer of scikit-learn's in the format of skops, which holds no code."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(pipeline))) as source:
        ids = re.findall(r'(?<="__id__": )\d+', source.read("schema.json").decode())
        numbers = {own: str(number) for number, own in enumerate(dict.fromkeys(ids))}

        def numbered(name: str, content: bytes) -> tuple[str, bytes]:
            if name == "schema.json":
                return name, re.sub(
                    r'(?<="__id__": )\d+|(?<=")\d+(?=\.[a-z]+")',
                    lambda match: numbers[match[0]],
                    content.decode(),
                ).encode()
            own, dot, kind = name.partition(".")
            return numbers[own] + dot + kind, content

        _write(source, path, numbered)


def _write(
    source: zipfile.ZipFile, path: Path, change: Callable[[str, bytes], tuple[str, bytes]]
) -> None:
    """Write an archive with other names and contents, and without dates."""
    entries = dict(change(name, source.read(name)) for name in source.namelist())
    with zipfile.ZipFile(path, "w") as goal:
        for name in sorted(entries):
            goal.writestr(zipfile.ZipInfo(name), entries[name])


def _undated(name: str, content: bytes) -> tuple[str, bytes]:
    if name == "metadata.json":
        content = json.dumps(json.loads(content) | {"date_saved": "1980-01-01@00:00:00"}).encode()
    if name == "config.json":
        numbers: dict[str, int] = {}
        content = re.sub(
            r'(?<="shared_object_id": )\d+',
            lambda match: str(numbers.setdefault(match[0], len(numbers))),
            content.decode(),
        ).encode()
    return name, content
