"""Scikit-learn's searches and cross-validation, with training put in front.

A search here is scikit-learn's own: signature, splits, scores, ranks and messages. Before it goes
through its fits, all of them are trained together by the wings below; then each clone finds its
finished fit. Nothing here knows TensorFlow.
"""
