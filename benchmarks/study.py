"""A copy of the study to run its stages in."""

import shutil
import subprocess
from pathlib import Path

from benchmarks.measure import ROOT, MeasurementError, run_python


def copy_study(folder: Path) -> None:
    """Copy what git tracks, with the prepared data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        raise MeasurementError(listed.stderr.strip())
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    prepared = Path("data") / "prepared"
    if (ROOT / prepared).exists():
        shutil.copytree(ROOT / prepared, folder / prepared)
    else:
        run_python("-m", "stages.preprocess", cwd=folder)
