"""Where in a response its final answer stands: in a box, behind "answer:", or on the last line."""

import re
import unicodedata

_SAID = re.compile(r"(?:final\s+answer|answer)\s*(?:is|:|=)\s*(.+)", re.IGNORECASE)
_MARKS = " \t\n.,;:!?\"'`*_$()[]{}“”‘’«»"


def final_answer(text: str) -> str:
    r"""The last \boxed{…}, else what follows the last "answer is" or "answer:", else the last line that is not empty.

    >>> final_answer("So 3 + 4 = 7.\nThe answer is **7**.")
    '**7**.'
    """
    if (boxed := _boxed(text)) is not None:
        return boxed
    lines = [line for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        if found := _SAID.search(line):
            return found.group(1).strip()
    return lines[-1].strip() if lines else ""


def normalised(text: str) -> str:
    """Without marks around it, articles, differences of capitals, widths and blanks."""
    text = unicodedata.normalize("NFKC", text).casefold().strip(_MARKS)
    return " ".join(word for word in text.split() if word not in ("a", "an", "the"))


def _boxed(text: str) -> str | None:
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth, begin = 0, start + len("\\boxed{")
    for place in range(begin - 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[begin:place]
    return None
