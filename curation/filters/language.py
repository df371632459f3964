"""Keeps pairs in the languages named, and finds responses that are not in the language of their prompt.

Languages are told by py3langid (by ISO 639 codes), from the letters alone; texts that are short have no
sure language and are let pass. A prompt that asks for a translation is answered in another language rightly, which is
why people are asked by default.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Language"
SCOPE = "row"
SUMMARY = "Pairs in other languages than those named, or with a response in another language than the prompt."
SETTINGS = settings_schema(
    keep={
        "type": "array",
        "items": {"type": "string", "pattern": "^[a-z]{2,3}$"},
        "uniqueItems": True,
        "default": [],
        "title": "Languages kept",
        "description": "ISO 639-1 codes, such as en; none: all.",
    },
    match={"type": "boolean", "default": True, "title": "Responses must be in the prompt's language"},
    least_letters={
        "type": "integer",
        "minimum": 1,
        "default": 40,
        "title": "Letters of a text whose language is looked at",
    },
    sure={
        "type": "number",
        "minimum": 0.5,
        "maximum": 1,
        "default": 0.9,
        "title": "Probability of a language that counts",
    },
    action=action_setting("drop", "review", default="review"),
)
REASONS = {
    "other_language": "A text is in a language that is not kept.",
    "language_mismatch": "A response is in another language than its prompt.",
}
MAX_LENGTH = 2000  # characters that are looked at
_WRITTEN_AS = {"wuu": "zh", "yue": "zh", "nb": "no", "nn": "no"}  # who asks for the one does not mind the other


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability of the least sure language among a pair's texts; NaN where all are too short."""
    prompts = [pairs.prompt_text(prompt) for prompt in table["prompt"].to_pylist()]
    columns = [prompts, *(table[f"response_{side}"].to_pylist() for side in "ab")]
    told = {text: _language(text, settings["least_letters"]) for texts in columns for text in set(texts)}
    reason_N = np.full(table.num_rows, "", dtype="U20")
    score_N = np.full(table.num_rows, np.nan)
    for row, texts in enumerate(zip(*columns, strict=True)):
        found = [told[text] for text in texts]
        score_N[row] = min((sure for code, sure in found if code), default=np.nan)
        asked, *said = [code if sure >= settings["sure"] else "" for code, sure in found]
        if settings["keep"] and any(code and code not in settings["keep"] for code in (asked, *said)):
            reason_N[row] = "other_language"
        elif settings["match"] and asked and any(code and code != asked for code in said):
            reason_N[row] = "language_mismatch"
    return Decisions(np.where(reason_N == "", "keep", settings["action"]), reason_N, score_N=score_N)


def _language(text: str, least: int) -> tuple[str, float]:
    """The likeliest language and its probability; "" where there are too few letters."""
    text = text[:MAX_LENGTH]
    if sum(map(str.isalpha, text)) < least:
        return "", 0.0
    likely: Counter[str] = Counter()
    for code, probability in _identifier().rank(text):
        likely[_WRITTEN_AS.get(code, code)] += probability
    return max(((code, round(p, 6)) for code, p in likely.items()), key=lambda found: found[1])


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
