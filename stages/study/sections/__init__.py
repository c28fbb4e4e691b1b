"""The sections of params.yaml, each with what its keys may be."""
