"""Trains where compute.yaml says, and says in a line which fits have failed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import joblib
from sklearn.exceptions import FitFailedWarning

from gridlanes.compat.load_keras import load_keras
from gridlanes.errors import DivergedError, GridlanesError, StoreWarning, text_of
from gridlanes.model_selection.progress import telling
from stages.study.compute import Compute, elsewhere
from stages.study.errors import InputError, warn
from stages.study.progress import listener, phase

#: A worker process takes as long to load TensorFlow as some fits do to train.
FITS_PER_WORKER = 20


@contextmanager
def training(fits: int, compute: Compute | None, what: str = "{fits} fits") -> Iterator[None]:
    """Train where compute.yaml says or in as many processes as pay; report failed fits in a line.

    Parameters
    ----------
    fits : int
        How many there are.
    compute : Compute or None
        See :func:`stages.study.compute.load`.
    what : str
        What is trained, in words for the line that shows it.

    Raises
    ------
    InputError
        If no fit at all could be trained.
    """
    load_keras()
    phase(what.format(fits=f"{fits:,}"))
    processes = max(1, min(joblib.cpu_count(), fits // FITS_PER_WORKER))
    with (
        telling(listener()),
        elsewhere(compute, processes),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always", FitFailedWarning)
        warnings.simplefilter("always", StoreWarning)
        # Follows from the failed fits.
        warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
        # Keras leaves some megabytes behind with every fit; joblib replaces a worker that grew.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
        try:
            yield
        except DivergedError as error:
            raise InputError(
                f"training diverged: {error}; a smaller learning rate or another scaler may help"
            ) from None
        except GridlanesError:
            raise
        except Exception as error:
            last = text_of(error).splitlines()[-1:]
            raise InputError(
                f"no fit of the study could be trained and scored: {type(error).__name__}\n"
                f"{' '.join(last)}"
            ) from error
    for warning in said:
        # The first line counts the fits, the last one names the error.
        lines = str(warning.message).strip().splitlines()
        warn(" ".join(dict.fromkeys([lines[0], lines[-1]])))
