"""Flags pairs whose responses hold words of a list, so that people look at them.

A list of words knows no context: it flags quotations and misses whatever is said politely. So it is a reason to look,
not a verdict, and people are asked by default. The words are the setting's, else the operator's list, else `WORDS`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Toxic words"
SCOPE = "row"
SUMMARY = "Pairs whose better response, or either of them, holds words of a list."
SETTINGS = settings_schema(
    words={
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 80},
        "maxItems": 5000,
        "default": [],
        "title": "Words and phrases",
        "description": "None: the operator's list, or a short one of insults. A star at the end stands for any ending.",
    },
    look_in={
        "enum": ["winner", "either"],
        "default": "winner",
        "title": "Looked at",
        "description": "That a worse response is toxic is often what the pair is about.",
    },
    least={"type": "integer", "minimum": 1, "default": 1, "title": "Words that make it count"},
    action=action_setting("drop", "review", default="review"),
)
REASONS = {
    "toxic_winner": "The better response holds words of the list.",
    "toxic_response": "A response holds words of the list.",
}
WORDS = ("idiot*", "moron*", "imbecile*", "scumbag*", "retard*", "subhuman*", "kill yourself", "go to hell", "shut up")


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are how many such words the response has that is looked at, of two the larger number."""
    pattern = _pattern(settings["words"] or context.toxic_words() or WORDS)
    sides = [table[f"response_{side}"].to_pylist() for side in "ab"]
    count_of = {text: sum(1 for _ in pattern.finditer(text.casefold())) for side in sides for text in set(side)}
    count_N2 = np.array([[count_of[text] for text in side] for side in sides], dtype=np.int64).reshape(2, -1).T
    winner_N = pairs.winner(table)
    of_winner_N = np.select(
        [winner_N == OUTCOMES[0], winner_N == OUTCOMES[1]], count_N2.T, count_N2.max(axis=1, initial=0)
    )
    most_N = count_N2.max(axis=1, initial=0) if settings["look_in"] == "either" else of_winner_N
    decided_N = np.isin(winner_N, OUTCOMES[:2])
    reason_N = np.where(decided_N & (of_winner_N >= settings["least"]), "toxic_winner", "toxic_response")
    found_N = most_N >= settings["least"]
    return Decisions(
        np.where(found_N, settings["action"], "keep"), np.where(found_N, reason_N, ""), score_N=most_N.astype(float)
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """All words as one expression; what else they hold than letters is taken as it stands."""
    parts = []
    for word in sorted({" ".join(word.casefold().split()) for word in words} - {"", "*"}, key=lambda w: (-len(w), w)):
        stem = r"\s+".join(re.escape(part) for part in word.removesuffix("*").split())
        parts.append(rf"(?<!\w){stem}" + (r"\w*" if word.endswith("*") else r"(?!\w)"))
    return re.compile("|".join(parts) or r"(?!)")
