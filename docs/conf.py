"""Settings of the documentation site: `python -m sphinx -W -b html docs docs/_build/html`.

Nothing is fetched while it is built or read, so there is no intersphinx.
"""

import sys
from pathlib import Path
from typing import Any

from docutils.nodes import Element, SkipNode, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

import sklearn_init

sys.path.insert(0, str(Path(__file__).parent))  # for the order of the gallery

project = "sklearn_init"
author = "the authors of sklearn_init"
version = release = sklearn_init.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

# `name` in a docstring is a link where there is such a name, and code where there is none
default_role = "py:obj"
autosummary_generate = True
toc_object_entries_show_parents = "hide"  # the bar at the right is narrow
autodoc_typehints = "none"  # the docstrings tell the types
numpydoc_show_class_members = False  # the template of classes shows them
myst_heading_anchors = 3

ROUTING = "sklearn.utils._metadata_requests"
"""Where scikit-learn's methods for metadata routing come from."""

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "backreferences_dir": "gallery/backreferences",  # which examples use a name
    "filename_pattern": "plot_",
    "within_subsection_order": "gallery_order.find_place",
    "capture_repr": ("_repr_html_",),  # not that of a Display, an address
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "sklearn_init"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_prev_next": False,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "changelog": [], "architecture": []}
html_show_copyright = False


def skip_routing(
    app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out scikit-learn's methods for metadata routing, which link to pages of its own."""
    return True if getattr(member, "__module__", "") == ROUTING else None


def write_math(translator: HTML5Translator, node: Element) -> None:
    """Write a formula as MathML, which browsers draw by themselves."""
    translator.body.append(tex2mathml(node.astext(), as_block=isinstance(node, math_block)))
    raise SkipNode


def setup(app: Sphinx) -> None:
    """Register what no extension does."""
    app.connect("autodoc-skip-member", skip_routing)
    app.add_html_math_renderer("mathml", (write_math, None), (write_math, None))
