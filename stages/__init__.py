"""The study, a stage a module: each runs as ``python -m stages.NAME`` from the root."""

import gc
import os
import signal
import sys
from types import FrameType


def end_loading(number: int, _: FrameType | None) -> None:
    """End a command that is still loading its libraries, and has begun nothing, in a line."""
    os.write(2, b"interrupted; no file is half written\n")
    os._exit(128 + number)


# Python calls a command "-m" while it looks for its module, of which this is the first part.
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, end_loading)

# Nothing that is loaded becomes garbage, and to look for it takes a fifth of the time of loading;
# `stages.study.errors.reporting` goes on to collect.
if sys.argv[0] == "-m":
    gc.disable()
