"""Everything that gridlanes raises on purpose.

::

    GridlanesError
    ├── ParameterError   a parameter that would reach nothing, or has a value out of range
    └── ModelError       the build function did not return a model that fits the task

Both are also ``ValueError``, which is what scikit-learn raises in the same places.
"""


class GridlanesError(Exception):
    """The root of the tree: ``except GridlanesError`` catches whatever is raised on purpose."""


class ParameterError(GridlanesError, ValueError):
    """A parameter that would reach nothing, or has a value out of its range."""


class ModelError(GridlanesError, ValueError):
    """The build function did not return a Keras model that fits the task."""
