"""Compute how far a printed number is rounded: the place of its last digit."""

from __future__ import annotations

import math

from babel.core import Locale

MILLION = 1_000_000  # from here on a large number is printed in words, or by powers of ten


def percent_digits(percent: float) -> int:
    """Return the decimals of a percentage: one; below 1 % two digits, near 100 % as many as it takes."""
    if 0 < percent < 1:
        return min(12, 1 - math.floor(math.log10(percent)))
    if 99.95 <= percent < 100:
        return min(12, -math.floor(math.log10(100 - percent)))
    return 1


def last_place(value: float, form: str, locale: Locale) -> float | None:
    """Return what the printed number is a multiple of: 0.001 for 12.3%; None for what is not rounded."""
    match form:
        case "percent":
            return 10.0 ** (-2 - percent_digits(value * 100))
        case "integer":
            return 1.0
        case "decimal" if abs(value) < MILLION:
            return 0.01
        case "decimal" | "significant" if value:
            return 10.0 ** (math.floor(math.log10(abs(value))) - 1)
        case "count" if abs(value) < MILLION:
            return 10.0 ** max(0, len(str(abs(round(value)))) - 4)
        case "count" | "dollars":
            return _compact_unit(value, locale) / 10
    return None


def _compact_unit(value: float, locale: Locale) -> float:
    """Return the unit that a language counts in: 1e9 for 1.8 billion, 1e8 where it has a word for that."""
    patterns = locale.compact_decimal_formats["long"]["other"]
    units = [int(size) for size in patterns if int(size) <= abs(value)]
    if not units:
        return 1.0
    pattern: str = patterns[str(max(units))].pattern
    return max(units) / 10.0 ** (pattern.count("0") - 1)
