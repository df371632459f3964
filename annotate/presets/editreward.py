"""EditReward: instruction following and visual quality from 1 to 4 for each edit; equal ratings are ties."""

from typing import Any

from annotate.feedback import rating

TITLE = "EditReward: instruction and quality, 1 to 4"
SUMMARY = "Each edit rated on two dimensions; preferences with ties per dimension follow from the ratings."
FAMILY = "Images"
SOURCE = "https://arxiv.org/abs/2509.26346"
QUESTIONS: list[dict[str, Any]] = [
    {"name": "ratings", "kind": "rating", "title": "Rate each edit", "settings": rating.PRESETS["even4"]}
]
GUIDELINES = "Compare each edit with the source picture. The scale has no middle: decide on which side an edit stands."
