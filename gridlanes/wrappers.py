"""Says what to import, where scripts written for SciKeras or Keras' wrappers ask for a module."""

raise ImportError(
    "gridlanes has no module wrappers; write 'from gridlanes import KerasClassifier, "
    "KerasRegressor'",
    name="gridlanes.wrappers",
)
