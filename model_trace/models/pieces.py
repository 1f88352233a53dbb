"""Text to tokens and back, byte for byte."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, Literal

from model_trace.models.chat import wrap
from model_trace.trace import Role, Token, TraceError

SPACE_MARK = "▁"
UNDECODED = "\N{REPLACEMENT CHARACTER}"
CONTEXT = 16  # tokens before a text that its decoding may depend on
BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def byte_alphabet() -> dict[str, int]:
    """The printable stand-in of each byte in a byte-level vocabulary (GPT-2, Radford et al. 2019)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    stand_ins = {chr(byte): byte for byte in printable}
    return stand_ins | {chr(256 + place): byte for place, byte in enumerate(hidden)}


class Pieces:
    """The exact bytes of a tokenizer's tokens.

    Which way a vocabulary writes bytes is read from the tokenizer's own decoder: a byte-level alphabet,
    or SentencePiece's mark for spaces with ``<0xE2>`` for single bytes. Any other kind goes by the
    decoder's text for the single token.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._added = {id: token.content for id, token in tokenizer.added_tokens_decoder.items()}
        decoder = tokenizer.backend_tokenizer.decoder
        self._kinds = _decoder_kinds(json.loads(decoder.__getstate__())) if decoder is not None else set()
        self._alphabet = byte_alphabet()
        self._known: dict[int, bytes] = {}

    def __getitem__(self, id: int) -> bytes:
        """The bytes of one token."""
        if id not in self._known:
            self._known[id] = self._bytes(id)
        return self._known[id]

    def _bytes(self, id: int) -> bytes:
        piece = self._added.get(id)
        if piece is not None:
            return str(piece).encode()
        piece = self._tokenizer.convert_ids_to_tokens(id)
        if piece is None:
            # A model may have more rows in its unembedding than its tokenizer has tokens.
            return b""
        if "ByteLevel" in self._kinds and all(character in self._alphabet for character in piece):
            return bytes(self._alphabet[character] for character in piece)
        if "ByteFallback" in self._kinds and (match := BYTE_PIECE.fullmatch(piece)):
            return bytes([int(match[1], 16)])
        if self._kinds & {"ByteFallback", "Metaspace", "Replace"}:
            return str(piece.replace(SPACE_MARK, " ")).encode()
        return str(self._tokenizer.decode([id])).encode()


def _decoder_kinds(state: dict[str, Any]) -> set[str]:
    kinds = {state["type"]}
    for part in state.get("decoders", ()):
        kinds |= _decoder_kinds(part)
    return kinds


@dataclass(frozen=True)
class Encoded:
    """A text as tokens.

    ``exact``: the bytes of all but the specials joined are the text. ``tokenised``: prompt and completion as
    one text, as the model would meet it, or each by itself. ``left_off`` are the specials that the tokenizer
    puts behind a text: what follows the text does not follow them.
    """

    tokens: tuple[Token, ...]
    exact: bool
    tokenised: Literal["together", "separately"]
    left_off: tuple[str, ...] = ()

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]


@dataclass(frozen=True)
class _Segment:
    """A stretch of the text, all of whose tokens have one role."""

    text: str
    role: Role


@dataclass(frozen=True)
class _Span:
    """A token and where the characters that it was made of begin and end."""

    token: Token
    start: int
    end: int


def token(pieces: Pieces, id: int, role: Role, surface: str = "") -> Token:
    """The token with its bytes and their decoding."""
    data = pieces[id]
    return Token(id, data.decode("utf-8", "replace"), data, role, surface)


def encode(
    tokenizer: Any, pieces: Pieces, prompt: str, completion: str | None = None, *, chat: bool = False
) -> Encoded:
    """Prompt and given completion as tokens, with the specials that the tokenizer puts before a text.

    The prompt has the tokens that it has alone, and ends where the user's text ends, by the tokenizer's own
    account of the characters that each token was made of. Both are tokenised as one text, as the model would
    meet it; where that would change the prompt's tokens, what follows is tokenised by itself. With ``chat``
    the prompt is in the model's chat template, which brings its own specials.

    Raises:
        TraceError: the tokenizer makes no token of the prompt or of the completion, or there is no chat
            template that can be used.
    """
    segments = [_Segment(prompt, "prompt")]
    if chat:
        around = wrap(tokenizer, prompt)
        before, after = _Segment(around.before, "template"), _Segment(around.after, "template")
        segments = [each for each in (before, _Segment(around.prompt, "prompt"), after) if each.text]
    whole = "".join(segment.text for segment in segments)
    tokens = _parted(_spans(tokenizer, pieces, whole, special=not chat), segments)
    if tokens is None:
        tokens = _apart(tokenizer, pieces, segments)
    tokens, behind = _without_end(tokens)
    if not any(each.role == "prompt" for each in tokens):
        raise TraceError("the model's tokenizer makes no token of the prompt: give another one")
    together = True
    if completion is not None:
        given = _Segment(completion, "given")
        whole += completion
        both = _parted(_spans(tokenizer, pieces, whole, special=not chat), [*segments, given])
        count = len(tokens)
        together = both is not None and both[:count] == tokens
        following = both[count:] if both and together else _apart(tokenizer, pieces, [given])
        following, _ = _without_end(following)
        if not following:
            raise TraceError("the model's tokenizer makes no token of the completion: give another one")
        tokens += following
    return Encoded(
        _as_given(tokens, prompt),
        _joined(tokens) == whole.encode(),
        "together" if together else "separately",
        tuple(each.text for each in behind),
    )


def surfaces(tokenizer: Any, before: Sequence[int], ids: Sequence[int]) -> list[str]:
    """What each of ``ids``, which follow ``before``, adds to the text as the tokenizer decodes it.

    Joined they are the decoder's text of all of them together. A character that several tokens make up is
    the last one's.
    """

    def decode(count: int) -> str:
        some = [*context, *ids[:count]]
        return str(tokenizer.backend_tokenizer.decode(some, skip_special_tokens=False))

    # A decoder treats a text's beginning in its own way, and what came before may end in half a character.
    context = before[-CONTEXT:]
    whole = decode(len(ids))
    reached = [_common(decode(count).rstrip(UNDECODED), whole) for count in range(len(ids))]
    ends = list(accumulate([*reached, len(whole)], max))
    return [whole[start:end] for start, end in pairwise(ends)]


def _common(text: str, whole: str) -> int:
    """How many characters both begin with."""
    if whole.startswith(text):
        return len(text)
    return next(
        (i for i, pair in enumerate(zip(text, whole, strict=False)) if pair[0] != pair[1]), len(whole)
    )


def _spans(tokenizer: Any, pieces: Pieces, text: str, *, special: bool) -> list[_Span]:
    # no truncation: the whole text, raw
    encoding = tokenizer(
        text,
        add_special_tokens=special,
        return_special_tokens_mask=True,
        return_offsets_mapping=True,
        verbose=False,
    )
    keys = ("input_ids", "special_tokens_mask", "offset_mapping")
    spans: list[_Span] = []
    reached = 0
    for id, added, (start, end) in zip(*(encoding[key] for key in keys), strict=True):
        made = token(pieces, id, "special" if added else "prompt")
        # Specials are made of nothing. Some tokenizers leave a token's own spaces out of their account.
        if added or made.bytes[:1].isspace():
            start = reached
        reached = reached if added else max(reached, end)
        spans.append(_Span(made, min(start, reached), reached))
    return _without_leading_space(spans, text)


def _without_leading_space(spans: list[_Span], text: str) -> list[_Span]:
    """SentencePiece puts a space before the text; it is the tokenizer's, so the first token sheds it."""
    if _joined([span.token for span in spans]) == b" " + text.encode():
        first = next(i for i, span in enumerate(spans) if span.token.role != "special")
        bare = spans[first].token.bytes[1:]
        shed = replace(spans[first].token, bytes=bare, text=bare.decode("utf-8", "replace"))
        spans[first] = replace(spans[first], token=shed)
    return spans


def _parted(spans: Sequence[_Span], segments: Sequence[_Segment]) -> list[Token] | None:
    """The tokens with their segments' roles and surfaces; None where one reaches across a border."""
    text = "".join(segment.text for segment in segments)
    ends = list(accumulate(len(segment.text) for segment in segments))
    tokens: list[Token] = []
    reached = 0
    last: dict[int, tuple[int, int]] = {}  # segment -> its last token so far, and where that one ends
    for span in spans:
        if span.token.role == "special":
            tokens.append(span.token)
            continue
        place = bisect_left(ends, span.end)
        start = ends[place] - len(segments[place].text)
        if span.start < start:
            return None
        surface = text[max(reached, start) : span.end]
        reached = span.end
        last[place] = (len(tokens), reached)
        tokens.append(replace(span.token, role=segments[place].role, surface=surface))
    for place, (number, reached) in last.items():
        # what a tokenizer dropped at a segment's end belongs to its last token
        whole = f"{tokens[number].surface}{text[reached : ends[place]]}"
        tokens[number] = replace(tokens[number], surface=whole)
    return tokens


def _apart(tokenizer: Any, pieces: Pieces, segments: Sequence[_Segment]) -> list[Token]:
    """Each segment tokenised by itself, as one that follows another text."""
    tokens: list[Token] = []
    for segment in segments:
        tokens += _parted(_following(tokenizer, pieces, segment.text), [segment]) or []
    return tokens


def _following(tokenizer: Any, pieces: Pieces, text: str) -> list[_Span]:
    """The text tokenised as one that follows another: without the space that SentencePiece puts before it."""
    alone = _spans(tokenizer, pieces, text, special=False)
    if not alone or pieces[alone[0].token.id] == alone[0].token.bytes:
        return alone
    line_end = tokenizer("\n", add_special_tokens=False)["input_ids"]
    after = _spans(tokenizer, pieces, f"\n{text}", special=False)
    rest = after[len(line_end) :]
    parted = [span.token.id for span in after[: len(line_end)]] == line_end
    if parted and _joined([span.token for span in rest]) == text.encode():
        return [replace(span, start=span.start - 1, end=span.end - 1) for span in rest]
    return alone


def _without_end(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """The tokens up to the last of the text, and the specials behind it."""
    end = len(tokens)
    while end and tokens[end - 1].role == "special":
        end -= 1
    return list(tokens[:end]), list(tokens[end:])


def _as_given(tokens: list[Token], prompt: str) -> tuple[Token, ...]:
    """The tokens, the prompt's with the white space that a chat template took off its ends."""
    places = [place for place, each in enumerate(tokens) if each.role == "prompt"]
    before, _, after = prompt.partition("".join(tokens[place].surface or "" for place in places))
    for place, ends in ((places[0], (before, "")), (places[-1], ("", after))):
        tokens[place] = replace(tokens[place], surface=f"{ends[0]}{tokens[place].surface}{ends[1]}")
    return tuple(tokens)


def _joined(tokens: Sequence[Token]) -> bytes:
    return b"".join(each.bytes for each in tokens if each.role != "special")
