"""Translate every word a reader sees, by gettext: English is the source, a language is one catalogue.

A catalogue lies in ``wording/LANGUAGE/LC_MESSAGES/loops.po``; numbers follow the language's customs.
"""

from __future__ import annotations

import functools
import gettext
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel import lists, numbers
from babel.core import Locale, UnknownLocaleError
from babel.messages import mofile, pofile

from scenes.wording.printed import Printed, Value, formatted
from scenes.wording.rounding import MILLION, last_place, percent_digits

FOLDER = Path(__file__).parent  # of the catalogues
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SOURCE_LANGUAGE = "en"


def languages() -> tuple[str, ...]:
    """Return the languages there are: the source and one for each catalogue."""
    return (SOURCE_LANGUAGE, *sorted(file.parents[1].name for file in FOLDER.glob("*/LC_MESSAGES/loops.po")))


def catalogue_file(language: str) -> Path:
    """Return the file that translates into ``language``."""
    return FOLDER / language / "LC_MESSAGES" / "loops.po"


def catalogue_name(language: str) -> str:
    """Return the name of a language's catalogue: ``pt_BR`` for ``pt-BR``, ``pt_br`` and itself.

    A language that has no catalogue is returned as it is.
    """
    plain = language.replace("-", "_").casefold()
    return next((each for each in languages() if each.replace("-", "_").casefold() == plain), language)


def language_tag(language: str) -> str:
    """Return the language as HTML and WebVTT name it (BCP 47): ``pt-BR`` for the catalogue ``pt_BR``."""
    return language.replace("_", "-")


def message(text: str) -> str:
    """Return ``text`` itself; marks it as a message that is translated where it is shown."""
    return text


def _prints(write: Callable[[Wording, float], str]) -> Callable[[Wording, float | Value], str]:
    """Let a method take a value on screen too: its letters then know that they print it."""

    @functools.wraps(write)
    def printed(wording: Wording, value: float | Value) -> str:
        if isinstance(value, Value):
            return Printed.of(write(wording, value.number), value)
        return write(wording, value)

    return printed


message("4-bit weights")  # what a model's label may say after its name


@dataclass(frozen=True)
class Wording:
    """The words and numbers of one language.

    Raises:
        ValueError: on first use, if there is no catalogue for ``language``.
    """

    language: str = SOURCE_LANGUAGE

    def __call__(self, message: str, /, **values: object) -> str:
        """Return ``message`` in this language, with ``{name}`` replaced by each value."""
        return formatted(self._look_up(message), values)

    def plural(self, one: str, many: str, count: int | Value, /, **values: object) -> str:
        """Return the form of the message that fits ``count``, which stands in its ``{count}``."""
        number = round(count.number) if isinstance(count, Value) else count
        translated = self._look_up(f"{one}\0{many}\0{number}")
        return formatted(translated, {"count": self.integer(count), **values})

    @cached_property
    def asked(self) -> dict[str, str]:
        """Each message translated so far and its translation: what a picture's words depend on.

        The key of a plural is both its forms and the count, separated by NUL.
        """
        return {}

    def says(self, words: Mapping[str, str]) -> bool:
        """Return whether each of these messages is still translated like this."""
        return all(self._translate(asked) == shown for asked, shown in words.items())

    def _look_up(self, asked: str) -> str:
        self.asked[asked] = self._translate(asked)
        return self.asked[asked]

    def _translate(self, asked: str) -> str:
        message, *plural = asked.split("\0")
        if plural:
            many, count = plural
            return self._catalogue.ngettext(message, many, int(count))
        return self._catalogue.gettext(message)

    def listed(self, items: Sequence[str]) -> str:
        """Return the items as a list in words: a, b, and c."""
        return lists.format_list(items, locale=self._locale)

    @_prints
    def integer(self, value: float) -> str:
        """Format a whole number: 50,257."""
        return numbers.format_decimal(round(value), locale=self._locale)

    @_prints
    def ordinal(self, value: float) -> str:
        """Format a place in an order: 1st, 2,678th."""
        forms = {"one": message("{number}st"), "two": message("{number}nd"), "few": message("{number}rd")}
        form = forms.get(self._locale.ordinal_form(round(value)), message("{number}th"))
        return self(form, number=self.integer(value))

    @_prints
    def decimal(self, value: float) -> str:
        """Format a number with two decimals: −0.42; from a million on by powers of ten: 3.0·10³⁸."""
        if abs(value) >= MILLION:
            return self._powers(value)
        text = numbers.format_decimal(value, format="#,##0.00;−#,##0.00", locale=self._locale)
        # what is rounded to 0 has no sign
        return text if any(digit in text for digit in "123456789") else text.removeprefix("−")

    @_prints
    def significant(self, value: float) -> str:
        """Format a number of any size with two significant digits: 0.0039, 4.2, 140, 3.9·10⁻⁷."""
        if abs(value) >= MILLION or 0 < abs(value) < 1e-4:
            return self._powers(value)
        if abs(value) >= 100:
            return self.integer(round(value, 1 - math.floor(math.log10(abs(value)))))
        return numbers.format_decimal(value, format="@@;−@@", locale=self._locale)

    def _powers(self, value: float) -> str:
        """Format a number with two significant digits and a power of ten."""
        digits, power = f"{value:.1e}".split("e")
        raised = str(int(power)).translate(_RAISED)
        return f"{numbers.format_decimal(digits, format='0.0;−0.0', locale=self._locale)}·10{raised}"

    @_prints
    def percent(self, probability: float) -> str:
        """Format a probability: one decimal; below 1 % two digits, near 100 % as many as needed: 99.996%."""
        digits = percent_digits(probability * 100)
        pattern = self._locale.percent_formats[None].pattern.replace("#,##0", f"#,##0.{'0' * digits}")
        return numbers.format_percent(probability, format=pattern, locale=self._locale)

    @_prints
    def count(self, value: float) -> str:
        """Format a large number: 175 billion, 1.8 billion; below a million to four digits: 213,800."""
        if abs(value) < MILLION:
            place = last_place(value, "count", self._locale)
            return self.integer(value if place is None else round(value / place) * place)
        return numbers.format_compact_decimal(
            value, format_type="long", locale=self._locale, fraction_digits=1
        )

    @_prints
    def dollars(self, value: float) -> str:
        """Format an amount of money: 4.6 million dollars."""
        if self.language == SOURCE_LANGUAGE:
            return f"{self.count(value)} dollars"
        return numbers.format_compact_currency(value, "USD", locale=self._locale, fraction_digits=1)

    def model(self, label: str) -> str:
        """Translate a model's label, "NAME, 4-bit weights"; the name stays."""
        name, comma, weights = label.partition(", ")
        return f"{name}{comma}{self._catalogue.gettext(weights)}" if weights else label

    def printed(self, value: object, form: str) -> str | None:
        """Format a value by its form; None for one that is drawn, not printed."""
        if form in ("text", "bytes"):
            return str(value)
        if not isinstance(value, int | float):
            return None
        forms = {
            "percent": self.percent,
            "integer": self.integer,
            "decimal": self.decimal,
            "significant": self.significant,
            "count": self.count,
            "dollars": self.dollars,
        }
        return forms[form](value) if form in forms else None

    def rounding(self, value: object, form: str) -> float | None:
        """Return what the printed number is a multiple of: 0.001 for 12.3%; None where nothing is rounded."""
        return last_place(value, form, self._locale) if isinstance(value, int | float) else None

    @cached_property
    def _locale(self) -> Locale:
        try:
            return Locale.parse(self.language)
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"no such language: {self.language}") from error

    @cached_property
    def _catalogue(self) -> gettext.NullTranslations:
        if self.language == SOURCE_LANGUAGE:
            return gettext.NullTranslations()
        if self.language not in languages():
            raise ValueError(f"no catalogue for {self.language}; there are {', '.join(languages())}")
        # compiled in memory: a translator's change needs no build step and leaves no stale file
        compiled = io.BytesIO()
        with catalogue_file(self.language).open("rb") as source:
            # what is fuzzy is left out: English is shown until a translator has confirmed it
            mofile.write_mo(compiled, pofile.read_po(source, locale=self.language))
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)
