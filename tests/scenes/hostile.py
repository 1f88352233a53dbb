"""Texts that break pictures: scripts, marks, controls, markup, and any mixture of them."""

from __future__ import annotations

from hypothesis import strategies as st

SCRIPTS = (
    "مرحبا بالعالم", "في", "שָׁלוֹם", "नमस्ते क्षत्रिय", "বাংলা", "தமிழ்", "สวัสดีที่นี่", "བོད་སྐད",
    "中文直骨", "日本語です", "한국어", "ქართული", "Tiếng Việt", "Grüße", "naïve", "e\u0301", "ᾄδω",
)  # fmt: skip
SIGNS = (
    "😀", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "☃\ufe0f", "\U000e0061", "\ue000", "\uffff", "\U0010ffff", "\ufffd",
    "a" + "\u0301" * 30, "\u0301", "\u0e48", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad",
)  # fmt: skip
BLANKS = (" ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u2028", "\v", "\f", "\x85")
CONTROLS = ("\0", "\x01", "\x1b[31m", "\x7f", "\x08")
CODE = (
    "<script>alert(1)</script>", "{{}}", "{% x %}", "<b>", "</span>", "<span font='99'>", "&amp;", "&#0;",
    "%s", "${x}", "`x`",
    "\\n", "'\"", "=>", "!==", "ffi", "www", "<!--", "]]>", "../../x", "0xE2", "U+0041", "<|end|>",
)  # fmt: skip
WORDS = ("the robot", "Hi", "I", "x" * 40, "W" * 30, "i" * 60, ". . .", "1,234.5", "—", "100 %")

FRAGMENTS = (*SCRIPTS, *SIGNS, *BLANKS, *CONTROLS, *CODE, *WORDS)


def texts(most: int = 8) -> st.SearchStrategy[str]:
    """Any text that says something: known dangers and random characters, at most ``most`` pieces."""
    characters = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
    piece = st.one_of(st.sampled_from(FRAGMENTS), characters)
    mixed = st.lists(piece, min_size=1, max_size=most).map("".join)
    long = st.tuples(st.sampled_from(FRAGMENTS), st.integers(10, 20)).map(lambda both: both[0] * both[1])
    return st.one_of(*[mixed] * 9, long).filter(lambda text: bool(text.strip()))
