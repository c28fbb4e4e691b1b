"""What the search costs beside its peers: ``make bench``, or ``python -m benchmarks --help``.

Every measurement runs in a fresh process (``child``), which one parent starts (``measure``); the
parts (``compare``, ``curves``, ``agreement``, ``store``) say what is measured, ``report`` writes
the tables. ``lookup`` is the process that measures a store without any search.

``scale`` measures searches on more workers (``searching``) and single costs (``costs``), ``growth``
simulates from these (``makespan``) with the planner's tasks and others (``slices``), and
``growth_page`` writes what the documentation says of it.
"""
