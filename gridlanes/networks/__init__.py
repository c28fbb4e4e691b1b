"""From an estimator's parameters to a compiled Keras model, and one fit by plain Keras.

That fit, in :mod:`gridlanes.networks.reference`, is what all faster ways must agree with.
"""
