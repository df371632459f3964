"""Definitions of fifty terms from ``definitions.yaml``; the wrong ones define a neighbouring term."""

import random
from functools import cache
from pathlib import Path

import yaml

from annotate.demo.generated import Problem

PROMPTS = ("What is {term}?", "Explain in a sentence or two what {term} is.", "Can you tell me what {term} is?")


def make(rng: random.Random) -> Problem:
    """A term to be defined; something true is added now and then."""
    entry = rng.choice(terms())
    return Problem(
        prompt=rng.choice(PROMPTS).format(term=entry["term"]),
        right=f"{entry['right']} {entry['more']}" if rng.random() < 0.6 else entry["right"],
        wrong=entry["wrong"],
        bare=entry["brief"],
        answer=entry["right"],
        flaw=entry["flaw"],
        subject=entry["term"],
        template=entry["term"],
    )


@cache
def terms() -> tuple[dict[str, str], ...]:
    """The terms: term, right, more, brief, wrong, flaw."""
    return tuple(yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))
