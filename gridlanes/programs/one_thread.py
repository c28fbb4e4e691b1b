"""Functions whose operations each stay in one thread.

TensorFlow cuts larger operations up and hands the pieces to a pool of threads. Where runs are
under way side by side that costs up to half of the processor time, and in some products the order
of a sum depends on how many threads there are. How many there are is set once for a process,
except in ``tf.data``: so a function becomes what is mapped over a data set of one element.
"""

from collections.abc import Callable
from threading import Event, Lock
from typing import Any

import numpy as np
import tensorflow as tf

from gridlanes.compat.tensorflow import as_traced, branches

#: What the function is mapped over.
_ELEMENT = np.zeros(1, np.int32)


def traced_for_one_thread(function: Callable, signature: Any) -> Callable:
    """Return a function, traced, whose operations each stay in one thread.

    Parameters
    ----------
    function : callable
        Of tensors, returns at least one.
    signature : tuple
        Of its arguments, nested as they are.

    Returns
    -------
    callable
        A function that branches is executed as usual: a branch would wait for a thread of the
        pool.
    """
    # Put in where it is called, it would no longer be executed as it is traced.
    apart = {"_noinline": True}
    own = tf.function(function, signature, autograph=False, experimental_attributes=apart)
    concrete = own.get_concrete_function()
    if branches(concrete):
        return _executed(own)
    arguments = tf.nest.flatten(signature)

    def of_element(element: Any, *values: Any) -> Any:  # noqa: ARG001
        return tf.nest.flatten(own(*tf.nest.pack_sequence_as(signature, values)))

    given = [tf.TensorSpec([], tf.int32), *arguments]
    mapped = tf.function(of_element, given, autograph=False).get_concrete_function()
    kinds = {
        "output_types": [output.dtype for output in mapped.outputs],
        "output_shapes": [output.shape for output in mapped.outputs],
    }

    def in_one_thread(*values: Any) -> Any:
        outputs = tf.raw_ops.MapDefun(
            arguments=[_ELEMENT],
            captured_inputs=[*tf.nest.flatten(values), *mapped.captured_inputs],
            f=mapped,
            max_intra_op_parallelism=1,
            **kinds,
        )
        firsts = [tf.squeeze(output, 0) for output in outputs]
        return tf.nest.pack_sequence_as(concrete.structured_outputs, firsts)

    return _executed(in_one_thread)


def _executed(function: Any) -> Callable:
    """Return a function that is executed as it is traced, and may wait for others of the pool.

    TensorFlow prepares it at its first call, in each of the threads that call it meanwhile. So they
    wait for the first one.
    """
    lock, called = Lock(), Event()

    def executed(*values: Any) -> Any:
        with as_traced(branching=True):
            if called.is_set():
                return function(*values)
            with lock:
                outputs = function(*values)
                called.set()
                return outputs

    return executed
