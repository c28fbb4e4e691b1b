"""What is used of Keras, scikit-learn and joblib beyond their public interfaces, a file for each.

The files to look through when one of these libraries has a new version.
"""
