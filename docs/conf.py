"""How Sphinx builds the site; ``make docs`` runs it."""

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "extensions")]

# TensorFlow tells much as it loads.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

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
    "borrowed_docstrings",
    "commands_page",
    "descriptions",
    "params_page",
    "quiet_tensorflow",
    "gallery_reports",
    "long_names",
    "own_types",
    "repository_links",
    "search_sections",
]
exclude_patterns = ["_build", "templates"]
templates_path = ["templates"]
nitpicky = True

# Lists of pages name those that come first, then take all others, of which there may be none.
# What Sphinx says of that has no type by which ``suppress_warnings`` could name it.
logging.getLogger("sphinx.sphinx.directives.other").addFilter(
    lambda record: getattr(record, "subtype", None) != "empty_glob"
)

myst_enable_extensions = ["colon_fence"]
# Links to headings are those that GitHub makes.
myst_heading_anchors = 4

autosummary_generate = True
# Members that other wings call, and that are no part of what users may rely on.
autosummary_context = {
    "between_wings": [
        "adopt",
        "fit_in",
        "implied_parameters",
        "lane",
        "lane_epochs",
        "make_engine",
        "more",
        "network_rows",
        "own_defaults",
        "prepare",
        "respond",
        "restored",
        "routed_to_fit",
        "scorer",
        "settle",
        "undone",
    ]
}
# Types stand in the text, as NumPy's style has them.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
# Signatures longer than a line of code have a line for each parameter.
maximum_signature_line_length = 79
# Members of a class by their own names beside the page.
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
# Types that ``own_types`` knows are links.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "gridlanes"
html_favicon = "static/favicon.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# A page that is opened from disk may not read others to quote them: ``search_sections`` does it.
html_show_search_summary = False
# As the system has it: light or dark.
html_context = {"default_mode": "auto"}
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "footer_start": [],
    "footer_end": [],
}
# For ``make links``: a slow answer is one too, and anchors are made by scripts at some forges.
linkcheck_timeout = 30
linkcheck_anchors_ignore_for_url = [r"https://github\.com/.*"]

# The command of a block of the terminal, without what it prints.
copybutton_prompt_text = "$ "
