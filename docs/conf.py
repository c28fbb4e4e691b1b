"""How Sphinx builds the site; ``make docs`` runs it."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "extensions")]

import gridlanes  # noqa: E402

project = "gridlanes"
release = gridlanes.__version__
author = "the authors of gridlanes"
copyright = author  # noqa: A001

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = True
# Lists of pages name in order those that are to come first, where there are any.
suppress_warnings = ["toc.empty_glob"]

myst_enable_extensions = ["colon_fence"]
# Links to headings are those that GitHub makes.
myst_heading_anchors = 4

autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "gridlanes"
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "footer_start": [],
    "footer_end": [],
}
# The command of a block of the terminal, without what it prints.
copybutton_prompt_text = "$ "
