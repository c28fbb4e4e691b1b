"""The study, a stage a module: each runs as ``python -m stages.NAME`` from the root."""
