"""The figures of the report, by Seaborn and Matplotlib, as SVG and PNG with deterministic bytes.

Every function that draws returns a Matplotlib figure; :func:`stages.figures.drawing.save` writes
it. Colours are Seaborn's ``colorblind``, and no two things differ by colour alone.
"""
