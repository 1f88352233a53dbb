"""What a preview may draw: one simple element, read without running anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.markup import element


@pytest.mark.parametrize(
    ("code", "tag", "text", "color"),
    [
        ("<button style={{color: 'red'}}>stop</button>", "button", "stop", "#FF0000"),
        (" <h2>good morning</h2>", "h2", "good morning", None),
        ('<p style="color: RebeccaPurple">x &amp; y</p>', "p", "x & y", "#663399"),
        ('<a href="https://example.com">example.com</a>', "a", "example.com", None),
        ("<b style={{color: 'rgb(1, 2, 3)', fontSize: 20}}>x</b>", "b", "x", "#010203"),
        ("<p style={{color: 'no such colour'}}>x</p>", "p", "x", None),
        ("<p style={{color: '#ff000080'}}>x</p>", "p", "x", "#FF7F7F"),
    ],
)
def test_a_simple_element_is_read(code: str, tag: str, text: str, color: str | None) -> None:
    found = element(code)
    assert found is not None
    assert (found.tag, found.text, found.color) == (tag, text, color)


@pytest.mark.parametrize(
    ("code", "size", "bold"),
    [
        ("<h1>x</h1>", 32, True),
        ("<p>x</p>", 16, False),
        ("<p style={{fontSize: '24px', fontWeight: 'bold'}}>x</p>", 24, True),
        ('<p style="font-size: large">x</p>', 19.2, False),
        ('<p style="font-size: 10%">x</p>', 16, False),
        ('<p style="font-size: 99999px">x</p>', 200, False),
    ],
)
def test_sizes_are_css_pixels(code: str, size: float, bold: bool) -> None:
    found = element(code)
    assert found is not None
    assert (found.size, found.bold) == (size, bold)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "plain text",
        "<button>open",
        "<button></button>",
        "<p/>",
        "</p>",
        "<div><p>nested</p></div>",
        "<b>one</b><b>two</b>",
        "<b>one</b> more",
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<!-- note --><p>x</p>",
        "<button onClick={() => alert('x')}>go</button>",
        "<p>{1 + 1}</p>",
        "<p style={{color: colours.red}}>x</p>",
        "<p style={{color: red}}>x</p>",
        "<p style={{...base}}>x</p>",
    ],
)
def test_all_else_has_no_preview(code: str) -> None:
    assert element(code) is None


@given(st.text(alphabet="<>/={}'\"&;:! abhp1styleco-[]", max_size=60))
def test_nothing_crashes_it(code: str) -> None:
    found = element(code)
    assert found is None or found.text
