"""A pseudo-language: the English words with accents and 40 % longer, to see that pictures leave room."""

from __future__ import annotations

import math
import re

from babel.messages import pofile

from scenes.wording import Wording, catalogue_file, catalogues

_ACCENTED = str.maketrans("AEIOUYaeiouycns", "ÄÉÎÖÜÝäéîöüýçñš")
_LONGER = 0.4
_FILL = "ëïøū"


def lengthened(message: str) -> str:
    """The message with accents, longer by 40 %, word by word; what stands in braces stays as it is."""
    owed = 0.0

    def longer(found: re.Match[str]) -> str:
        nonlocal owed
        if found[1]:
            return found[1]
        owed += len(found[2]) * _LONGER
        more = math.ceil(owed)
        owed -= more
        return found[2].translate(_ACCENTED) + (_FILL * more)[:more]

    return re.sub(r"(\{[^}]*\})|([^\W\d_]{2,})", longer, message)


class Pseudo(Wording):
    """Wording in that language: numbers are printed as in German, which are longer too."""

    def __init__(self) -> None:
        super().__init__("de")

    def __call__(self, message: str, /, **values: object) -> str:
        """``message``, lengthened, with ``{name}`` replaced by each value."""
        return lengthened(message).format(**values)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The form that fits ``count``, lengthened."""
        return lengthened(one if count == 1 else many).format(count=self.integer(count), **values)


def make_up(language: str) -> None:
    """Begin a language as ``make words`` does, and translate every message into lengthened words."""
    name = catalogues.begin(language)
    catalogues.update()
    with catalogue_file(name).open("rb") as source:
        catalog = pofile.read_po(source, locale=name)
    for message in catalog:
        if isinstance(message.id, str):
            message.string = lengthened(message.id) if message.id else message.string
        else:
            forms = [lengthened(form) for form in message.id]
            message.string = tuple(forms[min(place, 1)] for place in range(catalog.num_plurals))
    with catalogue_file(name).open("wb") as target:
        pofile.write_po(target, catalog)
