"""Keras for modules that must not import it: loaded by their first call.

Without what TensorFlow's compiled parts print about the machine as they load.
"""

import functools
import gc
import operator
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from gridlanes.errors import BackendError, in_a_line

#: The variable of the environment that says with what Keras computes.
BACKEND = "KERAS_BACKEND"

#: Bytes of addresses that TensorFlow takes as it loads, most of which it never touches.
ADDRESSES = 3 * 2**30


def load_keras() -> None:
    """Load Keras, unless it is loaded already.

    What TensorFlow says goes to file descriptor 2 before any log level is read; if loading
    fails, it is shown.

    Raises
    ------
    BackendError
        If Keras cannot be loaded, or is to compute with something else than TensorFlow. What
        ``keras.json`` says of that is passed over, unless Keras is loaded already.
    """
    if "keras" in sys.modules:
        import keras

        _check_backend(keras.config.backend(), "it is loaded")
    else:
        _check_backend(os.environ.setdefault(BACKEND, "tensorflow"), f"{BACKEND} says")
        _load_quietly()
    _leave_to_itself()


@functools.cache
def _leave_to_itself() -> None:
    """Have what is loaded looked through for garbage no more, once in a process.

    It stays, and to look through it takes 0.2 s each time: once or twice in a short search.
    """
    gc.freeze()


def _load_quietly() -> None:
    _check_addresses()
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            import keras

            # The first tensor makes TensorFlow look for devices.
            keras.ops.zeros(())
        except Exception as error:
            said.seek(0)
            os.write(stderr, said.read())
            why = f"{type(error).__name__}: {in_a_line(error)}"
            raise BackendError(f"Keras and TensorFlow cannot be loaded: {why}") from error
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _check_backend(name: str, why: str) -> None:
    if name != "tensorflow":
        raise BackendError(
            f"Keras computes with {name!r}, as {why}; gridlanes needs 'tensorflow': "
            f"unset {BACKEND} or set it to that"
        )


def _check_addresses() -> None:
    """Refuse a limit with which TensorFlow would end the process, often without a word."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if 0 <= allowed < ADDRESSES:
        raise BackendError(
            f"TensorFlow takes {ADDRESSES / 2**30:.0f} GB of addresses to load, and this process "
            f"may have {allowed / 2**30:.1f} GB (`ulimit -v`)"
        )


def float_type() -> str:
    """Return the float type that networks compute in."""
    load_keras()

    import keras

    return str(keras.config.floatx())


def of_keras(name: str) -> Any:
    """Return what Keras has under a name, such as ``callbacks.EarlyStopping``."""
    load_keras()

    import keras

    return operator.attrgetter(name)(keras)


def load_model(path: Path) -> Any:
    """Return a saved model, without its loss, which may be a function of the user's."""
    load_keras()

    import keras

    return keras.saving.load_model(path, compile=False)
