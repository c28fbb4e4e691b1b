"""The figures of the report, by Seaborn and Matplotlib, as SVG with deterministic bytes.

Every function that draws returns a Matplotlib figure, which ``drawing.save`` writes. Colours are
Seaborn's ``colorblind``, and no two things differ by colour alone.
"""
