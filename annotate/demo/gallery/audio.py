"""Which melody is better: two recordings of the same tune; sound that we made."""

from pathlib import Path
from typing import Any

import numpy as np

from annotate.demo.gallery._making import RATE, melody, wav

TITLE = "Two melodies"
SUMMARY = "Two recordings side by side, switched at the same moment."
GUIDELINES = """Listen to both; switching keeps the moment, so you can compare one bar with the same bar.

Which one plays what was asked for, and sounds better? Wrong notes weigh more than noise."""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "better",
        "kind": "pairwise",
        "title": "Which recording is better?",
        "settings": {"labels": ["slightly better", "better", "much better"], "tie": True},
    },
]

_SCALE = "C D E F G A B"
_JOHN = "C D E C C D E C E F G2 E F G2"
_WRONG = "C D E C C D# E C E F# G2 E F G#2"
_TWINKLE = "C C G G A A G2 F F E E D D C2"


def rows(folder: Path) -> list[dict[str, Any]]:
    """Four prompts with two recordings each."""
    noise = np.random.default_rng(5).normal(0, 0.06, 60 * RATE)
    clean = melody(_TWINKLE, 0.28)
    made = {
        "john": melody(_JOHN, 0.26),
        "john_wrong": melody(_WRONG, 0.26),
        "twinkle": clean,
        "twinkle_noisy": clean + noise[: len(clean)],
        "rising": melody(_SCALE, 0.3),
        "falling": melody(" ".join(reversed(_SCALE.split())), 0.3),
        "steady": melody(_TWINKLE, 0.24, octave=-1),
        "hurried": np.concatenate([melody(_TWINKLE[:14], 0.36, octave=-1), melody(_TWINKLE[14:], 0.15, octave=-1)]),
    }
    asked = (
        ("Play the first two lines of Frère Jacques.", "john", "john_wrong"),
        ("Play Twinkle, Twinkle, Little Star; a clean recording.", "twinkle_noisy", "twinkle"),
        ("A rising scale in C major.", "rising", "falling"),
        ("Twinkle, Twinkle, an octave lower, in a steady beat.", "hurried", "steady"),
    )
    files = {name: wav(folder, f"{name}.wav", samples) for name, samples in made.items()}
    return [
        {
            "id": f"audio-{number}",
            "prompt": prompt,
            "responses": [{"text": "", "media": [files[a]]}, {"text": "", "media": [files[b]]}],
        }
        for number, (prompt, a, b) in enumerate(asked, 1)
    ]
