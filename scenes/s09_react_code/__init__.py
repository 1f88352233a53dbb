"""Loop 09: Examples of descriptions and code in, React code out, token by token."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="09",
    stem="09-gpt3-generating-react-code-example",
    idea="Examples of descriptions and code in, React code out, token by token.",
    scene="ReactCode",
    needs="code",
    cost=6.6,
)
