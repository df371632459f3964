"""One response at a time, good or bad."""

from typing import Any

from annotate.presets import REASON

TITLE = "Good or bad, one response at a time"
SUMMARY = "One key for each response: the fastest feedback there is."
FAMILY = "Any content"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {"name": "verdict", "kind": "binary", "title": "Is this response good?", "settings": {}},
    REASON,
]
GUIDELINES = "Good: you would send it as it is. If you would change anything that matters, it is bad."
