"""The user's functions inside a network: told by their content, and shown to keep rows apart.

A template calls a function with the rows of all lanes at once, so an output may depend on nothing
but its own row. That is tried with numbers, after the function has been traced: it may hold
nothing but operations that round a number alike wherever it stands.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.compat.keras import making
from gridlanes.errors import CannotRideError
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError

_OF_NUMBERS = """
    Abs Add AddN AddV2 Atan Atan2 Cast Ceil ClipByValue Cos Cosh Const Div DivNoNan Elu Equal Erf
    Erfc Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Identity IdentityN Inv IsFinite
    IsInf IsNan LeakyRelu Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum
    Mul MulNoNan Neg NotEqual OnesLike Placeholder Pow RealDiv Reciprocal Relu Relu6 Rint Round
    Rsqrt Select SelectV2 Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Square
    SquaredDifference StopGradient Sub Tan Tanh ZerosLike
"""
_OF_ROWS = """
    All Any ArgMax ArgMin AvgPool AvgPool3D BroadcastTo Bucketize ConcatV2 ExpandDims Fill GatherV2
    LogSoftmax Max MaxPool MaxPool3D Mean Min MirrorPad NoOp OneHot Pack Pad PadV2 Prod Range
    Reshape ResizeBicubic ResizeBilinear ResizeNearestNeighbor ReverseV2 Shape Slice Softmax Split
    SplitV Squeeze StridedSlice Sum Tile Transpose Unpack
"""

#: Operations that make of each number one number.
ELEMENTWISE = frozenset(_OF_NUMBERS.split())

#: All that a function may hold.
KNOWN = ELEMENTWISE | frozenset(_OF_ROWS.split())

#: What has been found out, by content and shapes.
_FOUND: dict[Any, bool | CannotRideError] = {}

ROWS = 6


def told(value: Any, who: str) -> str:
    """Return a function by its content.

    Raises
    ------
    CannotRideError
        If that cannot be told.
    """
    try:
        return content(value).hex()
    except NoContentError as error:
        raise CannotRideError(f"{who} cannot be told from others: {error}") from error


def elementwise(
    key: str, call: Callable[..., Any], inputs: Sequence[keras.KerasTensor], who: str
) -> bool:
    """Return whether a function makes of each number one number, whatever the sizes.

    Parameters
    ----------
    key : str
        Equal for functions of equal content.
    call : callable
        Takes a tensor for each of the inputs.
    inputs : list of keras.KerasTensor
    who : str
        For people.

    Raises
    ------
    CannotRideError
        If it does not keep rows apart, or cannot be shown to.
    """
    shapes = tuple((tuple(own.shape), own.dtype) for own in inputs)
    known = key, shapes
    if known not in _FOUND:
        try:
            with making, warnings.catch_warnings():
                # Which are those of rows that nobody has given.
                warnings.simplefilter("ignore")
                _FOUND[known] = _tried(call, shapes, who)
        except CannotRideError as error:
            _FOUND[known] = error
    found = _FOUND[known]
    if isinstance(found, CannotRideError):
        raise found
    return found


def _tried(call: Callable[..., Any], shapes: Any, who: str) -> bool:
    operations = _operations(call, [((None, *shape[1:]), dtype) for shape, dtype in shapes])
    if isinstance(operations, Exception):
        said = " ".join(str(operations).split())[:200]
        raise CannotRideError(f"{who} cannot be traced: {said}")
    unknown = sorted({own.type for own in operations} - KNOWN)
    if unknown:
        raise CannotRideError(f"{who} uses {', '.join(unknown)}, which cannot ride")
    if sum(own.type == "Placeholder" for own in operations) > len(shapes):
        raise CannotRideError(f"{who} holds tensors, which cannot ride")
    generator = np.random.default_rng(0)
    for spread in (0, 3):
        _try_rows(call, [_rows(generator, shape, dtype, spread) for shape, dtype in shapes], who)
    if len(shapes) > 1:
        return False
    operations = _operations(call, [((None,) * len(shape), dtype) for shape, dtype in shapes])
    return not isinstance(operations, Exception) and all(
        own.type in ELEMENTWISE and _is_single(own) for own in operations
    )


def _operations(call: Callable[..., Any], shapes: Any) -> list[Any] | Exception:
    """Return the operations of a function that is traced, or what was raised."""
    try:
        traced = tf.function(call, autograph=False)
        concrete = traced.get_concrete_function(*(tf.TensorSpec(*own) for own in shapes))
    except Exception as error:
        # Whatever the user's code raises.
        return error
    operations: list[Any] = concrete.graph.get_operations()
    return operations


def _is_single(operation: Any) -> bool:
    """Return whether an operation is no constant of several numbers."""
    return bool(operation.type != "Const" or operation.outputs[0].shape.num_elements() == 1)


def _rows(generator: np.random.Generator, shape: Any, dtype: str, spread: float) -> Any:
    """Return rows whose sizes are so many powers of ten apart."""
    sizes = ROWS, *(side or 3 for side in shape[1:])
    if not keras.backend.is_float_dtype(dtype):
        return tf.constant(generator.integers(0, 4, sizes), dtype)
    scale = 10 ** generator.uniform(-spread, spread, (ROWS, *[1] * (len(sizes) - 1)))
    return tf.constant(generator.normal(size=sizes) * scale, dtype)


def _try_rows(call: Callable[..., Any], rows: Sequence[Any], who: str) -> None:
    """Raise unless some rows among all of them give what they give alone, gradients too."""
    every = _with_gradients(call, rows, who)
    for some in ([3], [4, 1], [5, 0, 2, 1], [2, 2, 2]):
        own = _with_gradients(call, [tf.gather(one, some) for one in rows], who)
        for part, whole in zip(own, every, strict=True):
            if not _alike(part, whole[some]):
                raise CannotRideError(f"{who} does not keep rows apart")


def _alike(some: NDArray, others: NDArray) -> bool:
    """Return whether rows are equal up to a rounding of their largest numbers."""
    sizes = np.abs(np.where(np.isfinite(others), others, 0)).reshape(len(others), -1)
    scale = sizes.max(axis=1, initial=0).reshape([-1] + [1] * (others.ndim - 1))
    return bool(np.all(np.isclose(some, others, rtol=0, atol=1e-5 * scale, equal_nan=True)))


def _with_gradients(call: Callable[..., Any], rows: Sequence[Any], who: str) -> list[Any]:
    """Return the outputs of a function and their gradient with respect to rows, as arrays."""
    floats = [one for one in rows if one.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        outputs = keras.tree.flatten(call(*rows))
        outputs = [tf.convert_to_tensor(one) for one in outputs]
    if any(not one.shape.rank or one.shape[0] != len(rows[0]) for one in outputs):
        raise CannotRideError(f"{who} does not keep rows apart")
    targets = [one for one in outputs if one.dtype.is_floating]
    # What comes back to a row differs from row to row.
    found = tape.gradient(targets, floats, targets, "zero") if targets else []
    return [one.numpy() for one in (*outputs, *found)]
