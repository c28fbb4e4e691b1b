"""The notebook of the tutorial: its outputs are those of its code, and those of the study."""

import contextlib
import io
import json
import re

import nbformat
import pytest
from nbclient import NotebookClient
from tiny import ROOT

FOLDER = ROOT / "examples"
NOTEBOOK = FOLDER / "tutorial.ipynb"

#: What may be another on another machine or day: addresses, times, and how the work is divided.
VARIES = re.compile(
    r"0x[0-9a-f]+|about [\d.]+ s|in [\d.]+ s|\d+ MB|\d+ runs?\b|  run of .*|  \d+ x run .*"
)


def read():
    return nbformat.read(NOTEBOOK, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(cell) -> list[str]:
    """Return what a cell has said in text, but for what varies; streams and displays may cross."""
    said = (own.get("text") or own.get("data", {}).get("text/plain") for own in cell.outputs)
    return sorted(re.sub(r"\n+", "\n", VARIES.sub("", text)) for text in said if text)


def agree(ours: str, theirs: str) -> None:
    """Compare the words, and the scores up to a row that another machine may tell otherwise."""
    number = re.compile(r"\d*\.\d+")
    assert number.sub("#", ours).split() == number.sub("#", theirs).split()
    assert [*map(float, number.findall(ours))] == pytest.approx(
        [*map(float, number.findall(theirs))], abs=2e-3
    )


def test_it_was_run_from_top_to_bottom_without_a_word_of_this_machine():
    nbformat.validate(read())
    cells = code_cells(read())
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    kinds = [(own.output_type, own.get("name")) for cell in cells for own in cell.outputs]
    assert ("error", None) not in kinds
    assert ("stream", "stderr") not in kinds
    written = NOTEBOOK.read_text()
    assert len(written) < 300_000
    assert not re.search(r"/(home|root|tmp|work|Users)/", written)
    assert "image/png" in written


def test_its_scores_are_those_of_the_study():
    """Which has another way to them: stages, its own network and transformers."""
    metrics = json.loads((ROOT / "reports" / "metrics.json").read_text())
    said = "\n".join(text for cell in code_cells(read()) for text in texts(cell))
    assert f"accuracy {metrics['base_model']['accuracy']:.3f}" in said
    best = metrics["search"]
    assert re.search(rf"\b{best['best']:.4f}\b", said)
    assert re.search(rf"\b{best['best_sd']:.4f}\b", said)


@pytest.mark.usefixtures("traced")
def test_its_code_says_what_is_in_it_before_the_search(monkeypatch):
    monkeypatch.chdir(FOLDER)
    namespace = {}
    for cell in code_cells(read()):
        if "search.plan(X, y)" in cell.source:
            break
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(cell.source, str(NOTEBOOK), "exec"), namespace)
        streams = [own.text for own in cell.outputs if own.output_type == "stream"]
        assert said.getvalue() or "print(" not in cell.source
        agree(said.getvalue(), "".join(streams))
    for cell in code_cells(read()):
        compile(cell.source, str(NOTEBOOK), "exec")


@pytest.mark.soak
def test_run_again_it_says_what_is_in_it():
    again = read()
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(again, timeout=600, kernel_name="python3", resources=resources).execute()
    for ours, theirs in zip(code_cells(read()), code_cells(again), strict=True):
        agree("\n".join(texts(ours)), "\n".join(texts(theirs)))
        kinds = [sorted(own.output_type for own in cell.outputs) for cell in (ours, theirs)]
        assert kinds[0] == kinds[1]
