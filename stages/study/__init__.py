"""What ``params.yaml`` means: parameters, tables, checks, estimator, splits, search and winner.

What the stages share. Nothing here draws or tells.
"""
