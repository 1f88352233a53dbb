"""The page as text: what it says, what it leaves out, what it refuses."""

from __future__ import annotations

import ast
import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog

from scenes import wording
from tests.folders import list_anew, listed
from tests.loops import entry
from tests.traced_loops.article import site
from tests.traced_loops.article.reader import Reader
from traced_loops import article
from traced_loops.article.files import static
from traced_loops.article.hosts import write_for
from traced_loops.article.page import PageError, write_page
from traced_loops.jobs.layout import complete
from traced_loops.storage import addresses

ROOM = Path(article.__file__).parent


def test_it_shows_what_is_there_and_loads_only_that(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    page = Reader(site.page_of(folder))
    assert page.tags.count("video") == 2
    assert page.tags.count("figure") == 3
    assert page.tags.count("details") == 6, "a transcript and a table for each"
    assert page.tags.count("h2") == 2, "one chapter and the notes; none is empty"
    local = [name for name in page.loads if not name.startswith("https:")]
    assert all((folder / name).is_file() for name in local), local
    assert not page.attributes & {"style", "onclick", "onload", "onended"}
    assert not {name.name for name in folder.iterdir() if name.name.startswith(".partial")}

    only = listed(folder)
    list_anew(folder, only | {"loops": only["loops"][1:], "figures": []})
    page = Reader(site.page_of(folder))
    assert page.tags.count("video") == 1
    assert "Trained once" in page.texts, "the chapter's heading goes to its first picture that is there"


def test_a_figure_is_told_with_its_source_or_not_at_all(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    html = site.page_of(folder)
    assert "300\N{NO-BREAK SPACE}billion tokens" in html
    assert "Brown et al. 2020" in html
    silent = {"paragraph": "", "steps": []}
    site.edit(folder, entry("02").stem, facts={}, values=[], transcript=silent)
    html = site.page_of(folder)
    assert "billion tokens" not in html
    assert "GPT-3" in html

    for number in ("02", "03", "f01"):
        site.edit(folder, entry(number).stem, facts={}, values=[], subject="tiny", transcript=silent)
    html = site.page_of(folder)
    assert "How tiny works" in html
    assert "GPT-3" not in html
    assert "not public" not in html


def test_it_names_the_model_and_the_prompt(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    model = site.said(folder, "02")["recording"]["model"]["label"]
    texts = Reader(site.page_of(folder)).texts
    assert f"Values recorded from {model}, prompt “The quick brown fox jumps”." in texts
    site.edit(folder, entry("02").stem, recording={"training": {"text": "Hi"}})
    texts = Reader(site.page_of(folder)).texts
    assert f"Values recorded from {model}; the prompt stands below each picture." in texts
    assert "Text: “Hi”" in texts


def test_each_picture_has_its_transcript_and_its_sources(finished: Path, tmp_path: Path) -> None:
    """In words that the picture's own file holds, in the picture's language whatever the page's is."""
    folder = site.copy(finished, tmp_path)
    page = Reader(site.page_of(folder))
    for number in ("02", "03", "f01"):
        said = site.said(folder, number)
        told = said["transcript"]
        texts = [told["paragraph"], *(step["text"] for step in told["steps"])]
        assert [text for text in texts if " ".join(text.split()) not in page.texts] == []
        assert f"{entry(number).stem}.json" in page.loads
    assert len(site.said(folder, "03")["transcript"]["steps"]) > 3
    assert page.loads.count(f"{entry('03').stem}.vtt") == 1


def test_a_caption_says_what_the_values_show_in_the_pages_language(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    stem = entry("02").stem
    told = site.said(folder, "02")["transcript"]
    site.edit(folder, stem, transcript={**told, "finding": "It was the 27th of 49,152."})
    assert "It was the 27th of 49,152." in Reader(site.page_of(folder)).texts
    write_page(folder, "de", force=True)
    german = Reader((folder / "index.html").read_text("utf-8"))
    assert not any("27th" in text for text in german.texts), "the finding is in the picture's language"


def test_a_hostile_text_stays_text(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    site.tell(folder, "plain")
    clean = Reader(site.page_of(folder))
    site.tell(folder, site.HOSTILE)
    html = site.page_of(folder)
    page = Reader(html)
    assert page.tags == clean.tags
    assert page.attributes == clean.attributes
    assert page.loads == clean.loads
    assert site.SHOWN in page.texts
    assert not set(html) & set("\x00\x1b\u202e\u2066")


def test_every_word_can_be_translated(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language of words in guillemets: what a reader meets outside of them is no word of ours."""
    catalogue = Catalog(locale="eo")
    for file in (*ROOM.glob("*.py"), *wording.FOLDER.parent.glob("*/page.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                text = node.args[0]
                if node.func.id in ("message", "wording") and isinstance(text, ast.Constant):
                    catalogue.add(text.value, f"«{text.value}»")
    place = tmp_path / "wording" / "eo" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "loops.po").open("wb") as file:
        pofile.write_po(file, catalogue)
    monkeypatch.setattr(wording, "FOLDER", tmp_path / "wording")
    folder = site.copy(finished, tmp_path / "out")
    html = write_page(folder, "eo").read_text(encoding="utf-8")
    assert '<html lang="eo"' in html
    page = Reader(re.sub("<tbody.*?</tbody>", "", html, flags=re.DOTALL))
    told = [site.said(folder, number)["transcript"] for number in ("02", "03", "f01")]
    said = {
        " ".join(text.split())
        for each in told
        for text in (each["paragraph"], *(step["text"] for step in each["steps"]))
    }
    ours = [text for text in page.texts if not text.startswith("«") and not text.endswith("»")]
    kept = ("Brown et al.", "Li 2020", "How GPT3 Works", "(«", "MIT")
    assert not [text for text in ours if text not in said and not text.startswith(kept)]


def test_the_script_is_small() -> None:
    assert len(gzip.compress(static("loops.js").encode(), mtime=0)) <= 8000


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "is not a manifest"),
        (lambda folder: (folder / "manifest.json").write_text('{"loops": [1]}'), "is not a manifest"),
        (lambda folder: [file.unlink() for file in folder.glob("*.png")], "none of the loops"),
        (lambda folder: (folder / f"{entry('03').stem}.json").write_text("[]"), "is not a provenance file"),
    ],
)
def test_a_folder_that_is_none_is_refused_in_one_line(
    spoil: object, says: str, finished: Path, tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path)
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(PageError, match=says) as refused:
        write_page(folder, "en")
    assert "\n" not in str(refused.value)
    assert not (folder / "index.html").exists()


def test_list_and_page_are_of_one_moment_though_another_run_moves_files(
    finished: Path, tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path)
    provenance = folder / f"{entry('03').stem}.json"
    written = provenance.read_bytes()
    with ThreadPoolExecutor(1) as run:
        with addresses.alone(folder):
            provenance.unlink()
            completed = run.submit(complete, {folder: [entry("02"), entry("03")]}, [folder])
            assert wait([completed], timeout=1).not_done
            provenance.write_bytes(written)
        assert completed.result() == [folder / "index.html"]
    listed = json.loads((folder / "manifest.json").read_text())["loops"]
    assert [loop["loop"] for loop in listed] == ["02", "03"]


def test_an_unknown_language_is_refused(finished: Path) -> None:
    with pytest.raises(PageError, match="tlh"):
        write_page(finished, "tlh")


def test_a_writers_own_title_and_lead_stand_in_place_of_ours(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    title, lead = "Robots <b>&\u202e us", "For class\n  7b: “what comes next?”"
    html = write_page(folder, title=title, lead=lead).read_text(encoding="utf-8")
    assert "<title>Robots &lt;b&gt;&amp;\N{REPLACEMENT CHARACTER} us</title>" in html
    page = Reader(html)
    assert "Robots <b>&\N{REPLACEMENT CHARACTER} us" in page.texts
    assert "For class 7b: “what comes next?”" in page.texts
    assert not any(text.startswith(("How GPT-3", "A language model reads")) for text in page.texts)
    assert any("are not public" in text for text in page.texts), "whose values these are stays said"
    with pytest.raises(PageError, match="--lead is empty"):
        write_page(folder, lead=" ")
    with pytest.raises(PageError, match="leave them out with --host hugo"):
        write_for("hugo", folder, title=title)
