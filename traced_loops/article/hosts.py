"""The loops made ready for a place with pages of its own: Hugo, MkDocs, a notebook, Markdown, any HTML."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from markupsafe import Markup

from traced_loops.article.cards import checked_base
from traced_loops.article.figure import Words, figure, snippet
from traced_loops.article.files import SCRIPT, STYLE, static, template, write
from traced_loops.article.markdown import markdown
from traced_loops.article.page import PageError, write_page
from traced_loops.article.pictures import VIDEO_TYPES, Cut, Picture, is_there
from traced_loops.article.story import STORY
from traced_loops.article.telling import Telling, read_telling
from traced_loops.storage import addresses

_MARK = "\0"  # stands before each file's name in a figure; no text of a reader's holds it, see ``printable``
_TYPES = {**VIDEO_TYPES, ".png": "image/png", ".webp": "image/webp", ".vtt": "text/vtt"}


@dataclass(frozen=True)
class Host:
    """A place for loops: its files by name within its folder, and how a writer calls for a loop there."""

    files: Callable[[Telling, Path], Mapping[str, str | Path]]
    use: str


def write_for(
    host: str,
    folder: Path,
    language: str | None = None,
    *,
    title: str | None = None,
    lead: str | None = None,
    base_url: str | None = None,
    force: bool = False,
) -> Path:
    """Write what ``host`` needs for the loops of ``folder`` into its subfolder of that name, and return that.

    For ``html`` it is the page itself, beside the loops; it alone has a ``title`` and a ``lead``.
    ``base_url`` is the address that the page, or the files of a ``snippet``, will have.

    Raises:
        PageError: there is no such host; what ``write_page`` refuses; a format the host needs is not there.
        OutputError: a file is there that is not ours, and not to be replaced by ``force``.
    """
    if host != "html" and host not in HOSTS:
        raise PageError(f"no host {host}: choose html or {' or '.join(HOSTS)}")
    if host != "html" and (title is not None or lead is not None):
        raise PageError(f"--title and --lead are those of the page: leave them out with --host {host}")
    if base_url is not None and host not in ("html", "snippet"):
        raise PageError(f"{host} knows its site's address: leave out --base-url with --host {host}")
    base_url = checked_base(base_url)
    with addresses.alone(*[folder] if folder.is_dir() else ()):
        if host == "html":
            return write_page(folder, language, title=title, lead=lead, base_url=base_url, force=force)
        telling = read_telling(folder, language)
        made = _snippet(telling, folder, base_url) if base_url else HOSTS[host].files(telling, folder)
        write(folder, {f"{host}/{name}": source for name, source in made.items()}, force=force)
    return folder / host


def _hugo(telling: Telling, folder: Path) -> dict[str, str | Path]:
    language = telling.wording.language
    return {
        **_within(f"static/traced-loops/{language}", telling, folder),
        f"data/traced_loops/{language}.json": _json(_cut(telling, _marked)),
        "layouts/shortcodes/traced-loop.html": template("hugo.html"),
    }


def _mkdocs(telling: Telling, folder: Path) -> dict[str, str | Path]:
    language = telling.wording.language
    return {
        **_within(f"docs/traced-loops/{language}", telling, folder),
        f"docs/traced-loops/{language}/figures.json": _json(_cut(telling, _marked)),
        "traced_loops.py": template("mkdocs.py"),
    }


def _notebook(telling: Telling, folder: Path) -> dict[str, str | Path]:
    """A Python package; what it shows carries its files with it, so a notebook can be sent and converted."""
    alone = _alone(telling)
    texts = {picture.number: "\n".join(_plain(picture, alone)) for picture in alone.pictures}
    stills = {picture.number: picture.still for picture in alone.pictures}
    figures = _json({"figures": _cut(alone, _carried), "texts": texts, "stills": stills})
    return {
        **_within("traced_loops", alone, folder, carried=True),
        "traced_loops/figures.json": figures,
        "traced_loops/__init__.py": template("notebook.py"),
    }


def _snippet(telling: Telling, folder: Path, base_url: str = "") -> dict[str, str | Path]:
    """Each figure as HTML to paste; ``base_url`` is where the folder of their files will lie."""
    place = f"traced-loops/{telling.wording.language}"
    figures = _cut(telling, _marked).items()
    return {
        **_within(place, telling, folder),
        **{f"{number}.html": f"{base_url}{place}/".join(parts) + "\n" for number, parts in figures},
    }


def check_loops(folder: Path, numbers: Sequence[str]) -> None:
    """Check that the folder holds the loops of these numbers.

    Raises:
        PageError: there is none of a number; what ``read_telling`` refuses.
    """
    there = [picture.number for picture in read_telling(folder).pictures]
    for number in numbers:
        if number not in there:
            raise PageError(f"{folder} has no loop {number}: choose from {', '.join(there)}, or draw it")


def snippets(folder: Path, numbers: Sequence[str] = ()) -> str:
    """The HTML of the figures that ``write_for`` made as snippets, of these loops or of all."""
    made = (folder / "snippet" / f"{number}.html" for number in STORY if not numbers or number in numbers)
    return "\n".join(file.read_text(encoding="utf-8") for file in made if file.is_file())


def standalone(folder: Path) -> dict[str, str]:
    """Return each picture of the folder by its number as HTML that carries its files, style and script.

    Raises:
        PageError: the folder holds no finished loops.
    """
    telling = _alone(read_telling(folder))
    style, script = static("figure.css"), static(SCRIPT)
    made = {}
    for number, (first, *others) in _cut(telling, _carried).items():
        cut = [other.partition('"') for other in others]
        html = first + "".join(_data(folder / unquote(name)) + mark + rest for name, mark, rest in cut)
        made[number] = f"<style>\n{style}</style>\n{html}\n<script>\n{script}</script>"
    return made


def _alone(telling: Telling) -> Telling:
    """The pictures with one video each, in one theme and shape: what carries its files carries few."""
    cuts = [replace(picture.cut, videos=picture.videos[:1]) for picture in telling.pictures]
    pictures = [replace(picture, cuts=(cut,)) for picture, cut in zip(telling.pictures, cuts, strict=True)]
    return replace(telling, pictures=pictures)


def _data(file: Path) -> str:
    """The file as an address that holds it."""
    return f"data:{_TYPES[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _markdown(telling: Telling, folder: Path) -> dict[str, str | Path]:
    """One text with animated pictures, for places that allow no video and no script."""
    for picture in telling.pictures:
        if picture.videos and not is_there(folder, animated := _animated(picture, picture.cut)):
            raise PageError(f"{folder} has no {animated}: draw the loops with --also webp first")
    shown = []
    for picture, words in _captioned(telling):
        images = {_animated(picture, cut): cut for cut in picture.cuts}
        shown.append((picture, words, {name: cut for name, cut in images.items() if is_there(folder, name)}))
    names = [name for picture, _, images in shown for name in (*images, *picture.videos[:1])]
    return {**{name: folder / name for name in names}, "loops.md": markdown(shown)}


def _animated(picture: Picture, cut: Cut) -> str:
    """The cut as an image: a loop's moves."""
    return str(PurePosixPath(cut.folder) / f"{picture.stem}.webp") if picture.videos else cut.poster


HOSTS: Mapping[str, Host] = {
    "hugo": Host(_hugo, "copy it over your site; in a page: {{< traced-loop 04 >}}"),
    "mkdocs": Host(
        _mkdocs,
        "copy it over your project; in mkdocs.yml: hooks: [traced_loops.py]; in a page: [traced-loop 04]",
    ),
    "notebook": Host(
        _notebook, "copy it beside your notebook; in it: from traced_loops import loop; loop('04')"
    ),
    "snippet": Host(
        _snippet,
        "copy its traced-loops beside your page (or say with --base-url where it will be), and paste",
    ),
    "markdown": Host(_markdown, "copy it into your repository; loops.md has the lines for each loop"),
}


def _captioned(telling: Telling) -> Iterator[tuple[Picture, Words]]:
    """Each picture with its words, in the order of the story; it stands alone, so it names its own source."""
    by_number = {picture.number: picture for picture in telling.pictures}
    for number, section in STORY.items():
        if picture := by_number.get(number):
            caption = telling.caption(section, picture)
            alternative = telling.say(section.alternative)
            yield picture, Words(caption, alternative, telling.values_of(picture))


def _cut(telling: Telling, draw: Callable[[Picture, Words, Telling], Markup]) -> dict[str, list[str]]:
    """Each figure's HTML by its number, cut where the address of the files' folder belongs."""
    return {
        picture.number: str(draw(picture, words, telling)).split(_MARK)
        for picture, words in _captioned(telling)
    }


def _marked(picture: Picture, words: Words, telling: Telling) -> Markup:
    return snippet(picture, words, telling.wording, lambda name: _MARK + quote(name))


def _carried(picture: Picture, words: Words, telling: Telling) -> Markup:
    # a link to carried data would lead nowhere: browsers refuse to open it
    return figure(
        picture,
        words,
        telling.wording,
        lambda name: None if name == picture.provenance else _MARK + quote(name),
    )


def _within(place: str, telling: Telling, folder: Path, carried: bool = False) -> dict[str, str | Path]:
    """The figures' files, script and style in the folder ``place``."""
    files: dict[str, str | Path] = {}
    for picture in telling.pictures:
        # where HTML cannot be, a notebook shows the still
        more = picture.still if carried else picture.provenance
        for name in (more, *(name for cut in picture.cuts for name in cut.files)):
            files[f"{place}/{name}"] = folder / name
    return {**files, f"{place}/{SCRIPT}": static(SCRIPT), f"{place}/{STYLE}": static("figure.css")}


def _plain(picture: Picture, telling: Telling) -> Sequence[str]:
    """What a figure says, for places that show text alone."""
    (words,) = (words for each, words in _captioned(telling) if each == picture)
    steps = picture.transcript.steps if picture.transcript else ()
    paragraph = [picture.transcript.paragraph] if picture.transcript else [words.alternative]
    return [words.caption, *paragraph, *(f"- {step.text}" for step in steps), words.credit or ""]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class Embedded:
    """One picture for a page that is built elsewhere, as the Sphinx directive builds it.

    ``files`` are the figure's by name, style and script among them; ``still`` and ``words`` are for places
    without video.
    """

    parts: Sequence[str]
    files: Mapping[str, str | Path]
    still: Path
    words: Words

    def html(self, base: str) -> str:
        """The figure with its style and script, whose files lie at the address ``base``, which ends in /."""
        return base.join(self.parts)


def embedded(folder: Path, number: str, language: str | None = None) -> Embedded:
    """The picture of this number in ``folder``, in the loops' own language or with its caption in another.

    Raises:
        PageError: the folder holds no such picture, or there is no such language.
    """
    telling = read_telling(folder, language)
    parts = _cut(telling, _marked)
    if number not in parts:
        raise PageError(f"{folder} has no loop {number}: draw it, or choose {' or '.join(parts)}")
    ((picture, words),) = ((each, said) for each, said in _captioned(telling) if each.number == number)
    files = _within("", replace(telling, pictures=[picture]), folder)
    return Embedded(
        parts[number],
        {name.lstrip("/"): source for name, source in files.items()},
        folder / picture.still,
        words,
    )
