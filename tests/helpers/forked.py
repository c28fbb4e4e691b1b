"""Processes forked from one that has loaded Keras, which takes seconds."""

import functools
import multiprocessing
import os
import sys
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

import pytest


@functools.cache
def context() -> BaseContext:
    """Return how such processes are started, also by an engine that is told of "forkserver"."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["keras", "sklearn.model_selection", "killed_search"])
    with pytest.MonkeyPatch.context() as patch:
        # The process that is forked from does not take over this one's search path by itself.
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return found
