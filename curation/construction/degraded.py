"""Pairs of a response with a version of it that is worse by rule, each rule along one dimension.

A model learns from them what the dimension is, at no cost (Posterior-GRPO, DocReward). How much is taken away is drawn
between a fifth and a half. A response that a rule cannot make worse (one sentence cannot be shuffled) gives no pair.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from curation.construction import Constructed, Material, Response, chance, decided, rules_setting, share_setting
from curation.filters import Context, settings_schema

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*[\"')\]]*\s*|\n+\s*")
_WORD = re.compile(r"\w{4,}")


class Rule(NamedTuple):
    """What a rule takes from, and how; it may give back the same text."""

    dimension: str
    apply: Callable[[str, np.random.Generator], str]


def truncate(text: str, rng: np.random.Generator) -> str:
    """The end is cut off, in the middle of a sentence as likely as not."""
    words = text.split(" ")
    return " ".join(words[: max(1, int(len(words) * rng.uniform(0.5, 0.8)))]).rstrip()


def drop_sentences(text: str, rng: np.random.Generator) -> str:
    sentences = _SENTENCE.findall(text)
    count = max(1, int(len(sentences) * rng.uniform(0.2, 0.5)))
    gone = set(rng.choice(len(sentences), count, replace=False).tolist()) if len(sentences) > 1 else set()
    return "".join(sentence for place, sentence in enumerate(sentences) if place not in gone).rstrip()


def shuffle_sentences(text: str, rng: np.random.Generator) -> str:
    sentences = _SENTENCE.findall(text)
    return " ".join(sentences[place].strip() for place in rng.permutation(len(sentences)).tolist()).strip()


def repeat(text: str, rng: np.random.Generator) -> str:
    """One sentence in four, at least one, is said again where it stands."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]
    if not sentences:
        return text
    again = set(rng.choice(len(sentences), max(1, len(sentences) // 4), replace=False).tolist())
    said = (
        f"{sentence.rstrip()} {sentence}" if place in again else sentence for place, sentence in enumerate(sentences)
    )
    return "".join(said)


def typos(text: str, rng: np.random.Generator) -> str:
    """Two neighbouring letters change places in a fifth to a half of the longer words."""
    share = rng.uniform(0.2, 0.5)

    def wrong(match: re.Match[str]) -> str:
        word = match[0]
        if rng.random() >= share:
            return word
        place = int(rng.integers(1, len(word) - 1))
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    return _WORD.sub(wrong, text)


RULES = {
    "truncate": Rule("completeness", truncate),
    "drop_sentences": Rule("completeness", drop_sentences),
    "shuffle_sentences": Rule("coherence", shuffle_sentences),
    "repeat": Rule("conciseness", repeat),
    "typos": Rule("fluency", typos),
}
TITLE = "Degraded versions"
SUMMARY = "A response is better than the same one cut short, with sentences gone, shuffled or repeated, or with typos."
SETTINGS = settings_schema(
    rules=rules_setting(RULES),
    share=share_setting(0.2),
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """The winner of a pair against its degraded self, once a rule, each rule for its own share of the pairs."""
    for row, winner, _ in decided(material.table):
        for name in settings["rules"]:
            rng = chance(context.seed, name, row["row_id"])
            if rng.random() < settings["share"]:
                worse = RULES[name].apply(winner.text, rng)
                if worse.split() != winner.text.split():
                    yield Constructed(
                        item=row["item"], prompt=row["prompt"], group=row["group"], better=winner,
                        worse=Response(worse, winner.media, winner.model), sources=(row["row_id"],),
                        note={"rule": name, "dimension": RULES[name].dimension},
                    )  # fmt: skip
