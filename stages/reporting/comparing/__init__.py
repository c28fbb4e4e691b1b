"""Two revisions of a study side by side: what ``python -m stages.compare`` says."""
