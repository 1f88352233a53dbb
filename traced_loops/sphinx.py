"""A Sphinx extension: ``traced-loop`` embeds a loop of an output folder, with its player.

In conf.py, ``extensions = ["traced_loops.sphinx"]`` and ``traced_loops_output``, the folder with the loops,
as a path from conf.py's folder. In a page, in MyST or reStructuredText::

    :::{traced-loop} 07
    :language: de
    :::

    .. traced-loop:: 07
       :language: de

HTML pages play the loop, in the theme that the reader has chosen; all other builders show its still and
caption.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

_PLACE = "_static/traced-loops"  # in the site, a folder for each folder of loops
_NUMBER = re.compile(r"f?\d{2,}", re.ASCII)
_log = logging.getLogger(__name__)


class TracedLoop(nodes.General, nodes.Element):  # type: ignore[misc]
    """A loop in a page. Its children are the still and the caption, for builders without a player."""


class TracedLoopDirective(SphinxDirective):
    """Embed a loop of the folder that ``traced_loops_output`` names."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "language": directives.unchanged_required,
        "folder": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """The loop, or nothing and a warning where it is not there."""
        from scenes.catalogue import canonical_number
        from traced_loops.article.hosts import embedded
        from traced_loops.article.pictures import PageError
        from traced_loops.storage.addresses import OutputError

        number = canonical_number(self.arguments[0].strip())
        if not _NUMBER.fullmatch(number):
            return self._warn(f"{number!r} is no loop's number: write 7, 07 or f01")
        folder, language = self._folder()
        self.env.note_dependency(folder / "manifest.json")
        try:
            loop = embedded(folder, number, language)
        except (PageError, OutputError) as error:
            return self._warn(str(error))
        for source in loop.files.values():
            if isinstance(source, Path) and source.suffix == ".json":
                self.env.note_dependency(source)
        page = Path(self.env.doc2path(self.env.docname)).parent
        image = nodes.image(uri=os.path.relpath(loop.still, page), alt=loop.words.alternative)
        still = nodes.figure("", image, nodes.caption(loop.words.caption, loop.words.caption))
        where = os.path.relpath(folder, self.env.srcdir)
        place = f"{_PLACE}/{hashlib.sha256(where.encode()).hexdigest()[:8]}"
        made = TracedLoop("", still, parts=loop.parts, files=dict(loop.files), place=place)
        self.set_source_info(made)
        return [made]

    def _folder(self) -> tuple[Path, str | None]:
        """The folder of the loops that are asked for, and the caption's language where they have another."""
        folder = Path(self.config.traced_loops_output) / self.options.get("folder", "")
        language = self.options.get("language")
        # a run in several languages has a folder for each
        inner = folder / (language or self.config.language).replace("-", "_")
        return (inner, None) if (inner / "manifest.json").is_file() else (folder, language)

    def _warn(self, message: str) -> list[nodes.Node]:
        _log.warning("traced-loop: %s", message, location=self.get_location(), type="traced-loop")
        return []


def _find_output(app: Sphinx, config: Config) -> None:
    """Make the folder of loops a whole path: in conf.py it is one from there."""
    config.traced_loops_output = str(Path(app.confdir, config.traced_loops_output).resolve())


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Copy the files of a page's loops into the site; where there is no player, leave the stills."""
    plays = app.builder.format == "html" and app.builder.name != "epub"
    for loop in list(doctree.findall(TracedLoop)):
        if not plays:
            loop.replace_self(loop.children)
            continue
        place = Path(app.outdir, loop["place"])
        for name, source in loop["files"].items():
            _put(source, place / name)
        base = relative_uri(app.builder.get_target_uri(docname), f"{loop['place']}/")
        loop["html"] = base.join(loop["parts"])
        loop.children.clear()


def _put(source: str | Path, file: Path) -> None:
    """Write a text, or copy a file, where that changes anything."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, str):
        if not file.is_file() or file.read_text(encoding="utf-8") != source:
            file.write_text(source, encoding="utf-8")
        return
    there, new = (file.stat() if file.is_file() else None), source.stat()
    if there is None or (there.st_size, there.st_mtime_ns) != (new.st_size, new.st_mtime_ns):
        shutil.copy2(source, file)


def _visit(writer: Any, loop: TracedLoop) -> None:
    writer.body.append(loop["html"])


def _depart(_writer: Any, _loop: TracedLoop) -> None:
    pass


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive to Sphinx."""
    app.add_config_value("traced_loops_output", "traced-loops", "env", str)
    app.add_node(TracedLoop, html=(_visit, _depart))
    app.add_directive("traced-loop", TracedLoopDirective)
    app.connect("config-inited", _find_output)
    app.connect("doctree-resolved", _resolve)
    return {
        "version": metadata.version("traced-loops"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
