"""The linear model that a network is held against, by task."""

RIVALS = {"classification": "logistic_regression", "regression": "ridge"}
