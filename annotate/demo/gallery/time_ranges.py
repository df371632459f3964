"""Time ranges on audio: well-known tunes, synthesised, with a wrong note, a gap or noise somewhere."""

import wave
from pathlib import Path
from typing import Any

import numpy as np

TITLE = "Marked time ranges"
SUMMARY = "Stretches of audio marked where a tune goes wrong."
GUIDELINES = """\
Listen to both recordings of the tune and mark every stretch where something is wrong. Press `I` where it begins and `O`
where it ends, or drag on the strip; then say what it is.

- **Wrong note**: too high or too low for the tune
- **Noise**: a hiss or crackle over the tune
- **Gap**: the tune stops and goes on later

A border within a tenth of a second is good enough. A recording may be clean: then tick *Nothing to mark*.
"""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "ranges",
        "kind": "time_range",
        "title": "Where does it go wrong?",
        "settings": {
            "categories": [
                {"name": "wrong_note", "title": "Wrong note"},
                {"name": "noise", "title": "Noise"},
                {"name": "gap", "title": "Gap"},
            ],
        },
    },
]
RATE = 16_000  # samples a second
BEAT = 0.4  # seconds
# Notes in semitones above middle C, with their beats.
_TUNES: dict[str, tuple[str, list[tuple[int, float]]]] = {
    "frere-jacques": (
        "the first two lines of *Frère Jacques*",
        [
            (0, 1),
            (2, 1),
            (4, 1),
            (0, 1),
            (0, 1),
            (2, 1),
            (4, 1),
            (0, 1),
            (4, 1),
            (5, 1),
            (7, 2),
            (4, 1),
            (5, 1),
            (7, 2),
        ],
    ),
    "ode-to-joy": (
        "the first line of Beethoven's *Ode to Joy*",
        [
            (4, 1),
            (4, 1),
            (5, 1),
            (7, 1),
            (7, 1),
            (5, 1),
            (4, 1),
            (2, 1),
            (0, 1),
            (0, 1),
            (2, 1),
            (4, 1),
            (4, 2),
            (2, 2),
        ],
    ),
    "twinkle": (
        "the first line of *Twinkle, Twinkle, Little Star*",
        [
            (0, 1),
            (0, 1),
            (7, 1),
            (7, 1),
            (9, 1),
            (9, 1),
            (7, 2),
            (5, 1),
            (5, 1),
            (4, 1),
            (4, 1),
            (2, 1),
            (2, 1),
            (0, 2),
        ],
    ),
}
# Of each tune two recordings: what is wrong with each, by the note that it happens to.
_FAULTS: dict[str, tuple[dict[int, str], ...]] = {
    "frere-jacques": ({6: "wrong_note"}, {9: "noise", 12: "wrong_note"}),
    "ode-to-joy": ({7: "gap"}, {}),
    "twinkle": ({4: "wrong_note", 10: "noise"}, {2: "gap"}),
}


def rows(folder: Path) -> list[dict[str, Any]]:
    """Three tunes, each recorded twice."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (words, notes) in _TUNES.items():
        files = []
        for number, faults in enumerate(_FAULTS[name], 1):
            files.append(f"{name}-{number}.wav")
            write(folder / files[-1], melody(notes, faults))
        responses = [{"text": "", "media": [file]} for file in files]
        made.append({"id": f"tune-{name}", "prompt": f"Play {words}.", "responses": responses})
    return made


def melody(notes: list[tuple[int, float]], faults: dict[int, str]) -> np.ndarray:
    """A tune as samples in [-1, 1]; ``faults`` says by note what happens to it."""
    rng = np.random.default_rng(len(notes))
    parts = []
    for place, (height, beats) in enumerate(notes):
        fault = faults.get(place)
        sound = tone(height + (1 if fault == "wrong_note" else 0), beats * BEAT)
        if fault == "noise":
            sound = sound + rng.normal(0, 0.12, len(sound))
        if fault == "gap":
            sound = np.concatenate([np.zeros(int(1.2 * BEAT * RATE)), sound])
        parts.append(sound)
    return np.clip(np.concatenate([*parts, np.zeros(RATE // 4)]), -1, 1)


def tone(height: float, seconds: float) -> np.ndarray:
    """A plucked note with a few overtones, that fades."""
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = 261.626 * 2 ** (height / 12)
    waves = sum(np.sin(2 * np.pi * frequency * k * time) * np.exp(-time * (1.5 + k)) / k for k in (1, 2, 3, 4))
    return 0.4 * np.minimum(1, time / 0.01) * np.minimum(1, (seconds - time) / 0.02) * waves


def write(path: Path, samples: np.ndarray) -> None:
    """Samples in [-1, 1] as a WAV file, 16 bits, one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
