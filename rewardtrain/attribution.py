"""What a reward comes from: the reward of a response less its reward without each sentence. Pure.

Occlusion, which asks nothing of the model but rewards (Zeiler and Fergus 2014, arXiv 1311.2901; Li et al. 2016, arXiv
1612.08220). It tells what removing a sentence does, its length included, and not what the sentence would do elsewhere.

    >>> pieces("Red. Or blue!\\nNo.")
    ['Red. ', 'Or blue!\\n', 'No.']
"""

import math
import re
from collections.abc import Sequence
from typing import Any

MOST = 24  # pieces of a response, each of which is a text to score
_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+|(?<=[。！？])")


def pieces(text: str, most: int = MOST) -> list[str]:
    """A text cut behind its sentences and lines; put together the pieces are the text. At most ``most`` of them."""
    ends = [match.end() for match in _END.finditer(text)] + [len(text)]
    found, start = [], 0
    for end in ends:
        if text[start:end].strip():
            found.append(text[start:end])
            start = end
    if start < len(text):
        found[-1:] = ["".join(found[-1:]) + text[start:]]
    size = math.ceil(len(found) / most) if found else 1
    return ["".join(found[place : place + size]) for place in range(0, len(found), size)]


def without(parts: Sequence[str]) -> list[str]:
    """The text without each of its pieces; nothing for a text of one piece, of which nothing would be left."""
    if len(parts) < 2:
        return []
    return ["".join([*parts[:place], *parts[place + 1 :]]).strip() for place in range(len(parts))]


def shares(parts: Sequence[str], reward: float, occluded: Sequence[float]) -> list[dict[str, Any]]:
    """[{"text", "change", "share"}]: what each piece adds to the reward, and that by the largest of them, -1 to 1."""
    changes = [reward - value for value in occluded] or [0.0] * len(parts)
    largest = max((abs(change) for change in changes), default=0.0)
    return [
        {"text": text, "change": change, "share": change / largest if largest else 0.0}
        for text, change in zip(parts, changes, strict=True)
    ]


def preference(first: float, second: float, temperature: float = 1.0) -> float:
    """P(the first is better) by the logistic of the difference, Bradley and Terry's."""
    scaled = (first - second) / temperature
    return 1 / (1 + math.exp(-scaled)) if scaled > -700 else 0.0
