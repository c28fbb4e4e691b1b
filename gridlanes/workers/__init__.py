"""Where programs run: in threads of this process, in other processes, on Dask, on Ray.

A plan comes in, results of fits come out, the same ones to the last bit wherever they were made.
"""
