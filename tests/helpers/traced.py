"""Programs that are traced already, for all tests of a process.

What a program computes does not depend on the search that it was traced for.
"""

from collections import defaultdict
from typing import Any

#: By float type.
PROGRAMS: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
