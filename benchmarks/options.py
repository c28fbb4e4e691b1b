"""What the command line asks for."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """See ``python -m benchmarks --help``."""

    parts: tuple[str, ...]
    repeats: int
    quick: bool
    full: bool
    cells: int
    seed: int
    output: Path | None
    searches: tuple[str, ...] = ()

    @staticmethod
    def say(message: str) -> None:
        """Tell how far the run is; results go to standard output."""
        print(message, file=sys.stderr, flush=True)
