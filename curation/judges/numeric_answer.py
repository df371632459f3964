"""A rule: the number that a response ends with is the known one, within a tolerance, whatever its unit is called."""

import math
import re
from fractions import Fraction

from curation.judges import Case, Judgement, Tools
from curation.judges._final import final_answer
from curation.judges._rules import FIELD, Checked, from_item, nothing_to_check, ruled
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Numeric answer"
SUMMARY = "Compares the number of the final answer with the known one, within a tolerance; units are left out."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
_SIZE = {"type": "number", "minimum": 0}
SETTINGS = settings_schema(
    field={**FIELD, "default": "answer", "description": "The known number is read from the item's metadata."},
    relative={**_SIZE, "default": 1e-6, "title": "Relative tolerance"},
    absolute={**_SIZE, "default": 0, "title": "Absolute tolerance"},
)
PROMPT = ""
can_answer = can_score
_LATEX = re.compile(r"\\[dt]?frac\{(-?[\d.]{1,40})\}\{(-?[\d.]{1,40})\}")
_POWER = re.compile(r"\s*(?:×|·|\\times|\\cdot|\*)\s*10\s*(?:\^|\*\*)\s*\{?\s*([-+−]?\d{1,4})\}?")
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d{1,4})?(?:\s?/\s?\d+(?:\.\d+)?)?(?![\d])"
    r"|(?<![\w.])[-+]?\.\d+(?:e[-+]?\d{1,4})?",
    re.IGNORECASE,
)


def judge(case: Case, tools: Tools) -> Judgement:
    """A response whose final answer names no number, or several different ones, is wrong."""
    known = number(str(from_item(case, tools.settings["field"], None)))
    if known is None:
        return nothing_to_check(f"The item's metadata has no number under {tools.settings['field']!r}.")
    relative, absolute = tools.settings["relative"], tools.settings["absolute"]

    def check(key: str, text: str) -> Checked:
        given = number(final_answer(text))
        if given is not None and math.isclose(given, known, rel_tol=relative, abs_tol=absolute):
            return Checked(1.0)
        return Checked(0.0, ("names no single number" if given is None else f"answers {given:g}",))

    return ruled(case, check)


def number(text: str) -> float | None:
    """The one number in a text, as its last equals sign leaves it; None where there is none, or two differ.

    >>> [number(text) for text in ("about 1,250 km", "x = 3/4", "6.0 × 10^{23}", "50 %", "between 3 and 4")]
    [1250.0, 0.75, 6e+23, 0.5, None]
    """
    text = text.replace("−", "-").replace("\\,", "").replace("\\%", "%").rpartition("=")[2]
    text = _LATEX.sub(r"\1/\2", _POWER.sub(lambda found: "e" + found.group(1).replace("−", "-"), text))
    found = {_value(match.group(), text[match.end() :]) for match in _NUMBER.finditer(text)}
    value = found.pop() if len(found) == 1 else None
    return value if value is not None and math.isfinite(value) else None


def _value(text: str, after: str) -> float:
    top, _, bottom = text.replace(",", "").replace(" ", "").partition("/")
    try:
        value = float(Fraction(top)) / float(Fraction(bottom)) if bottom else float(top)
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value / 100 if re.match(r"\s?%", after) else value
