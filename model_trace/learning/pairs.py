"""Words and their translations, read from a file. Needs no torch: mistakes are found before a model loads."""

from __future__ import annotations

from pathlib import Path

from model_trace.trace import Pair, TraceError

# Of the training words one in so many chooses the learning rate.
VALIDATION = 7
FEWEST = 8


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """The pairs of a TSV file: English, French and, in a third column, "held out" for those kept back.

    Lines that are empty or begin with # are passed over. Where no pair is marked, the last fifth is held
    out. Every seventh of the rest chooses the learning rate ("validation").

    Raises:
        TraceError: the file cannot be read, a line is no pair, a held-out word is trained on too, or
            fewer than 8 words are left to train on.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(f"the pairs cannot be read from {path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) not in (2, 3) or not all(cells[:2]) or cells[2:] not in ([], [""], ["held out"]):
            raise TraceError(
                f'{path}, line {number}: a pair is English, tab, French, and optionally tab, "held out"'
            )
        rows.append((cells[0], cells[1], cells[2:] == ["held out"]))
    if not any(held for *_, held in rows):
        first = len(rows) - max(1, len(rows) // 5)
        rows = [(english, french, place >= first) for place, (english, french, _) in enumerate(rows)]
    trained = [(english, french) for english, french, held in rows if not held]
    if len(trained) < FEWEST:
        raise TraceError(f"{path} leaves {len(trained)} words to train on; at least {FEWEST} are needed")
    known = {english for english, _ in trained}
    for english, _, held in rows:
        if held and english in known:
            raise TraceError(f"{path} holds {english!r} back and trains on it too")
    pairs = [
        Pair(english, french, "validation" if place % VALIDATION == VALIDATION - 1 else "training")
        for place, (english, french) in enumerate(trained)
    ]
    return (*pairs, *(Pair(english, french, "held out") for english, french, held in rows if held))
