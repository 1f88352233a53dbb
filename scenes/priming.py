"""Read a prompt that asks for code: descriptions and code in turn, the last code still to be written."""

from __future__ import annotations

from model_trace.trace import TraceError

DESCRIPTION, CODE = "description:", "code:"


def pairs(prompt: str) -> list[tuple[str, str]]:
    """Return each description with its code; the last one's code is empty.

    Raises:
        TraceError: the prompt has another form.
    """
    lines = [line.strip() for line in prompt.split("\n") if line.strip()]
    keys = [DESCRIPTION, CODE] * (len(lines) // 2)
    values = [line.removeprefix(key).strip() for line, key in zip(lines, keys, strict=False)]
    fits = len(lines) % 2 == 0 and all(map(str.startswith, lines, keys))
    if not (lines and fits and all(values[:-1]) and not values[-1]):
        raise TraceError(
            f"loop 09 takes a prompt of lines “{DESCRIPTION} …” and “{CODE} …” in turn that ends with an "
            f"open “{CODE}”; write it so"
        )
    return list(zip(values[::2], values[1::2], strict=True))
