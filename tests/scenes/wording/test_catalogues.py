"""Every word of the code is in the template, and every language says all of them."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, pofile

from scenes import wording
from scenes.wording import SOURCE_LANGUAGE, Wording, catalogues, languages

ROOT = Path(wording.__file__).parents[2]
TRANSLATIONS = [language for language in languages() if language != SOURCE_LANGUAGE]


def said() -> Iterator[tuple[str, ...]]:
    """Each message in the code, found without the tool that writes the template."""
    places = {"w": 1, "wording": 1, "message": 1, "plural": 2}
    for room in ("scenes", "traced_loops"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                ideas = [word.value for word in node.keywords if word.arg == "idea"]
                arguments = ideas if name == "Entry" else node.args[: places.get(name, 0)]
                if arguments and all(isinstance(each, ast.Constant) for each in arguments):
                    yield tuple(str(each.value) for each in arguments if isinstance(each, ast.Constant))
                else:
                    # a message may come from a variable, but not from a choice made within the call
                    assert not any(isinstance(each, ast.IfExp) for each in arguments), (file, node.lineno)


def read(file: Path, language: str | None = None) -> Catalog:
    with file.open("rb") as source:
        return pofile.read_po(source, locale=language)


def messages(catalog: Catalog) -> set[tuple[str, ...]]:
    return {(m.id,) if isinstance(m.id, str) else tuple(m.id) for m in catalog if m.id}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_template_holds_every_message_of_the_code() -> None:
    """After a change of words: ``make words``."""
    listed = messages(read(catalogues.TEMPLATE))
    assert set(said()) == listed
    assert messages(catalogues.extracted()) == listed


def test_there_is_german() -> None:
    assert "de" in TRANSLATIONS


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_message_is_translated(language: str) -> None:
    file = catalogues.TEMPLATE.parent / language / "LC_MESSAGES" / "loops.po"
    catalog = read(file, language)
    assert messages(catalog) == messages(read(catalogues.TEMPLATE))
    assert not catalog.obsolete
    for message in catalog:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        forms = [message.string] if isinstance(message.id, str) else list(message.string)
        assert len(forms) == (1 if isinstance(message.id, str) else catalog.num_plurals), message.id
        source = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms:
            assert form, message.id
            assert placeholders(form) == placeholders(source), message.id
            assert form[0].isspace() == source[0].isspace(), message.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_language_says_its_own_words(language: str) -> None:
    w = Wording(language)
    assert w("Step {number} of {total}", number=2, total=8) != "Step 2 of 8"
    one, many = (w.plural("{count} layer", "{count} layers", count) for count in (1, 30))
    assert one.removeprefix("1") != many.removeprefix("30")


def test_german_numbers_are_german() -> None:
    w = Wording("de")
    assert w.decimal(-0.42) == "−0,42"
    assert w.integer(49152) == "49.152"
    assert w.percent(0.612) == "61,2\N{NO-BREAK SPACE}%"
    assert w.percent(0.0000123) == "0,0012\N{NO-BREAK SPACE}%"
    assert w.significant(0.00000038562) == "3,9·10⁻⁷"
    assert w.count(1_800_000_000) == "1,8 Milliarden"
    assert w.count(213_766) == "213.800"
    assert w.dollars(4_600_000).replace("\N{NO-BREAK SPACE}", " ") == "4,6 Mio. $"
    assert w.listed(["a", "b", "c"]) == "a, b und c"
    assert w.model("SmolLM2-135M-Instruct, 4-bit weights") == "SmolLM2-135M-Instruct, 4-Bit-Gewichte"
    assert w.model("gpt2") == "gpt2"
    assert Wording("en").count(213_766) == "213,800"
    assert Wording("en").dollars(4_600_000) == "4.6 million dollars"


def test_a_language_is_begun_with_every_message_open(catalogue_folder: Path) -> None:
    assert catalogues.begin("pt-BR") == "pt_BR"
    file = catalogue_folder / "pt_BR" / "LC_MESSAGES" / "loops.po"
    count = len(messages(read(catalogues.TEMPLATE)))
    assert catalogues.update() == {"de": (0, 0), "pt_BR": (count, 0)}
    begun = read(file, "pt_BR")
    assert messages(begun) == messages(read(catalogues.TEMPLATE))
    assert begun.num_plurals == 2
    assert "pt_BR" in languages()
    assert Wording("pt_BR")("Input prompt") == "Input prompt"
    before = file.read_bytes()
    catalogues.begin("pt_BR")
    catalogues.update()
    assert file.read_bytes() == before


def test_what_is_no_language_is_refused_in_one_line(catalogue_folder: Path) -> None:
    for name in ("xx", "../..", "english please", ""):
        with pytest.raises(ValueError, match="no such language") as refused:
            catalogues.begin(name)
        assert "\n" not in str(refused.value)
    assert sorted(each.name for each in catalogue_folder.iterdir()) == ["de", "loops.pot"]


def test_a_changed_message_keeps_its_translation_until_it_is_confirmed(catalogue_folder: Path) -> None:
    """As if the code had said something slightly different until now."""
    file = catalogue_folder / "de" / "LC_MESSAGES" / "loops.po"
    was = 'msgid "Output comes one token at a time; each is fed back."'
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, was.replace("comes", "appears")), encoding="utf-8")
    assert catalogues.update() == {"de": (0, 1)}
    message = read(file, "de").get("Output comes one token at a time; each is fed back.")
    assert message is not None and message.fuzzy
    assert "Token für Token" in str(message.string)
    assert '#| msgid "Output appears one token at a time' in file.read_text(encoding="utf-8")
    assert catalogues.update() == {"de": (0, 1)}
    english = "Output comes one token at a time; each is fed back."
    assert Wording("de")(english) == english
    confirmed = re.sub(r"#, fuzzy\n", "", file.read_text(encoding="utf-8"))
    file.write_text(confirmed, encoding="utf-8")
    assert "Token für Token" in Wording("de")(english)
    assert catalogues.update() == {"de": (0, 0)}


@pytest.mark.parametrize("language", languages())
def test_words_about_shade_hold_in_the_dark_theme_too(language: str) -> None:
    """What is dark on white is bright on black: how strong a colour is holds on both."""
    shade = {
        "en": r"\b(dark|light|bright|pale|faint|black|white)(er|est|ly)?\b",
        "de": r"\b(dunk[el]*|hell|blass|bleich|schwarz|weiß)(er|e|es|en|ste|sten)?\b",
    }.get(language)
    if shade is None:
        pytest.skip("nobody has listed its words for shades")
    file = catalogues.TEMPLATE
    if language != SOURCE_LANGUAGE:
        file = file.parent / language / "LC_MESSAGES" / "loops.po"
    for message in read(file, None if language == SOURCE_LANGUAGE else language):
        said = message.id if language == SOURCE_LANGUAGE else message.string
        for text in (said,) if isinstance(said, str) else said:
            found = re.search(shade, text.replace("weiß nichts", ""), re.IGNORECASE)
            assert not found, text
