"""How Sphinx builds the documentation; ``python -m docs.build`` runs it."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from docs import generated  # noqa: E402

project = "traced-loops"
author = "the traced-loops authors"
copyright = "2026, the traced-loops authors"
release = version = metadata.version("traced-loops")
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "traced_loops.sphinx",
]
smartquotes = False  # options and their values are typed
exclude_patterns = ["_gallery", "_static"]
nitpicky = True
# types of Python's own, of numpy, and of ours that have no page
nitpick_ignore_regex = [("py:.*", r".*")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = "traced-loops"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "../traced_loops/article/static/loops.svg"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "font-stack": "system-ui, -apple-system, 'Segoe UI', sans-serif",
        "color-brand-primary": "#1f5fa8",
        "color-brand-content": "#1f5fa8",
    },
    "dark_css_variables": {"color-brand-primary": "#8ab8ee", "color-brand-content": "#8ab8ee"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# ``-D traced_loops_output=…`` names another folder of loops, such as drafts
traced_loops_output = "_gallery"


def _fill(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = generated.fill(source[0], Path(app.confdir, app.config.traced_loops_output))


def _mend(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Say what the theme leaves out: the level of the navigation's headings, the language of German pages."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    if page.startswith("de/"):
        context["language"] = "de"


def setup(app: Sphinx) -> None:
    """Put what is generated from the code into the pages."""
    app.connect("source-read", _fill)
    app.connect("html-page-context", _mend, priority=900)
