"""Make a folder for a study: the stages, the library, a table to start from; git and DVC set up.

Needs Python and git alone: DVC is installed by the first `make repro` in the new folder.
"""

import io
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from gridlanes import __version__

#: What a person reads first in the new folder, in the place of gridlanes' own.
README = Path(__file__).with_name("README.md")

#: How the part of .gitattributes begins that says what no study gets.
NO_STUDY = "# Not in archives"


class CannotMakeError(Exception):
    """The folder cannot be made; the text is for its user."""


def main() -> None:
    """Run the command; what is wrong is one line, and leaves nothing behind."""
    try:
        given = sys.argv[1] if len(sys.argv) == 2 else ""
        goal = checked(given)
        print(make(goal))
        shown = given if Path(given).is_dir() else str(goal)
        print(f"Then: cd {shlex.quote(shown)} && make repro")
    except CannotMakeError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {given}: {error.strerror}; nothing was made")
    except KeyboardInterrupt:
        sys.exit("interrupted; nothing was made")


def checked(given: str) -> Path:
    """Return where the folder is to be.

    Raises
    ------
    CannotMakeError
        If nothing can be made there.
    """
    if not given.strip() or given.startswith("-"):
        raise CannotMakeError("say where, outside of this folder: make study DIR=../mine")
    if shutil.which("git") is None:
        raise CannotMakeError("git is not in PATH; a study is kept by it")
    goal, here = Path(given).expanduser().resolve(), Path.cwd()
    if here == goal or here in goal.parents:
        raise CannotMakeError(f"{given} is inside of this folder; name one beside it: DIR=../mine")
    if goal.exists() and (not goal.is_dir() or any(goal.iterdir())):
        kind = "is not empty" if goal.is_dir() else "is a file"
        raise CannotMakeError(f"{given} {kind}; nothing was changed there")
    if not goal.parent.is_dir():
        raise CannotMakeError(f"{given}: there is no folder {goal.parent}")
    return goal


def make(goal: Path) -> str:
    """Make the folder beside its place, put it there, and return what is to be said of it."""
    commit = _git(Path.cwd(), "rev-parse", "--short", "HEAD").decode().strip()
    origin = f"gridlanes {__version__}, commit {commit}"
    partial = goal.with_name(f".partial-{goal.name}-{os.getpid()}")
    partial.mkdir()
    try:
        _unpack(partial, origin)
        _git(partial, "init", "--quiet")
        said = [
            f"{goal}: a study, made from {origin}",
            *_uncommitted(),
            *_first_commit(partial, origin),
        ]
        partial.rename(goal)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return "\n".join(said)


def _unpack(folder: Path, origin: str) -> None:
    archive = _git(Path.cwd(), "archive", "--format=zip", "HEAD")
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    attributes = folder / ".gitattributes"
    text = attributes.read_text(encoding="utf-8")
    attributes.write_text(text.partition(NO_STUDY)[0], encoding="utf-8")
    readme = README.read_text(encoding="utf-8").replace("ORIGIN", origin)
    (folder / "README.md").write_text(readme, encoding="utf-8")


def _uncommitted() -> list[str]:
    """Return what is to be said of changes here that are not in an archive."""
    if not _git(Path.cwd(), "status", "--porcelain").strip():
        return []
    return ["What is not committed here is not in it."]


def _first_commit(folder: Path, origin: str) -> list[str]:
    """Commit what is there under its user's own name; say so if git knows none."""
    _git(folder, "add", "--all")
    message = f"Start a study with {origin}"
    try:
        # A name that git makes up of those of user and machine is nobody's.
        _git(folder, "-c", "user.useConfigOnly=true", "commit", "--quiet", "--message", message)
    except CannotMakeError as error:
        return [f"Not committed yet, as git says: {error}"]
    return []


def _git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotMakeError((lines or ["git ended without a word"])[-1])
    return done.stdout


if __name__ == "__main__":
    main()
