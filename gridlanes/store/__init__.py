"""Finished fits on disk, found again by their content.

As a command, ``python -m gridlanes.store PATH`` shows what a store holds, and prunes it.
"""

from gridlanes.store.store import Store

__all__ = ["Store"]
