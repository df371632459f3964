"""VideoReward (VideoAlign): visual quality, motion quality and text alignment, each A, B or same."""

from typing import Any

from annotate.feedback import pairwise

TITLE = "VideoReward: visual quality, motion, alignment"
SUMMARY = "Two videos compared on three dimensions, each with its own tie."
FAMILY = "Video"
SOURCE = "https://arxiv.org/abs/2501.13918"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which video is better?",
        "settings": pairwise.PRESETS["videoreward"],
    }
]
GUIDELINES = (
    "Watch both to the end, at least once. Judge the three dimensions apart: a video that looks best can move worst."
)
