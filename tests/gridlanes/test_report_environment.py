"""What a bug report gets: versions as pip knows them, and nothing that tells of a person."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tiny import ROOT

from gridlanes import report_environment

#: Runs the command, and tells what it loaded.
COMMAND = """
import runpy, sys
runpy.run_module("gridlanes.report_environment", run_name="__main__")
print(sorted({"tensorflow", "keras", "numpy", "sklearn"} & set(sys.modules)))
"""


def said(home: Path, **environment: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", COMMAND],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": "/usr/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""
    return result.stdout.splitlines()


def test_versions_and_settings_without_loading_a_library(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras/keras.json").write_text('{"floatx": "float64", "own": "/home/me"}')
    *lines, loaded = said(
        tmp_path,
        TF_ENABLE_ONEDNN_OPTS="0",
        XLA_FLAGS="--xla_dump_to=/home/me/dump",
        SECRET="s3cret",
    )
    assert loaded == "[]"
    for name in ("keras", "tensorflow", "scikit-learn", "dvc"):
        assert f"{name}: {version(name)}" in lines
    assert "environment: TF_ENABLE_ONEDNN_OPTS=0, XLA_FLAGS=(a path)" in lines
    assert "keras.json: floatx=float64" in lines
    text = "\n".join(lines)
    for private in (str(tmp_path), "/home/me", "s3cret", str(ROOT), sys.prefix):
        assert private not in text


def test_a_settings_file_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras/keras.json").write_text("[")
    assert "keras.json: none" in said(tmp_path)
    assert "environment: nothing set that computing depends on" in said(tmp_path)


def test_a_library_that_is_missing(monkeypatch) -> None:
    monkeypatch.setattr(report_environment, "OPTIONAL", ("no-such-library",))
    assert ("no-such-library", "not installed") in list(report_environment.report())
