"""What a study says, and how it is drawn: verdict, sentences, figures, explorer, page, comparison.

Nothing here trains, or loads TensorFlow.
"""

from pathlib import Path

#: Of the page, the explorer in it, and comparisons.
TEMPLATES = Path(__file__).parent / "templates"

#: The page of ``dvc plots``, which ``.dvc/config`` names.
PLOTS_PAGE = TEMPLATES / "dvc_plots.html"
