"""Keras for modules that must not import it: loaded by their first call.

Without what TensorFlow's compiled parts print about the machine as they load.
"""

import gc
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from gridlanes.errors import BackendError

#: The variable of the environment that says with what Keras computes.
BACKEND = "KERAS_BACKEND"


def load_keras() -> None:
    """Load Keras, unless it is loaded already.

    What TensorFlow says goes to file descriptor 2 before any log level is read; if loading
    fails, it is shown.

    Raises
    ------
    BackendError
        If Keras is to compute with something else than TensorFlow. What ``keras.json`` says of
        that is passed over, unless Keras is loaded already.
    """
    if "keras" in sys.modules:
        import keras

        _check_backend(keras.config.backend(), "it is loaded")
        return
    _check_backend(os.environ.setdefault(BACKEND, "tensorflow"), f"{BACKEND} says")
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            import keras

            # The first tensor makes TensorFlow look for devices.
            keras.ops.zeros(())
            # What is loaded stays; to look through it for garbage takes 0.2 s each time.
            gc.freeze()
        except BaseException:
            said.seek(0)
            os.write(stderr, said.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _check_backend(name: str, why: str) -> None:
    if name != "tensorflow":
        raise BackendError(
            f"Keras computes with {name!r}, as {why}; gridlanes needs 'tensorflow': "
            f"unset {BACKEND} or set it to that"
        )


def float_type() -> str:
    """Return the float type that networks compute in."""
    load_keras()

    import keras

    return str(keras.config.floatx())


def load_model(path: Path) -> Any:
    """Return a saved model, without its loss, which may be a function of the user's."""
    load_keras()

    import keras

    return keras.saving.load_model(path, compile=False)
