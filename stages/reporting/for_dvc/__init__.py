"""What DVC shows: the numbers of ``dvc metrics``, the tables of ``dvc plots`` and its page."""
