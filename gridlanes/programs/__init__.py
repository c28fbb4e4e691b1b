"""The TensorFlow that trains many lanes at once.

From one built Keras model, the template, to a traced loop over mini-batches in which every lane
has weights, settings and an optimizer's state of its own.
"""
