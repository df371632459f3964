"""Omni-Reward: two responses of any medium, compared under a criterion that is stated in words.

    {"prompt": "…", "response1": "…", "response2": "…", "criteria": "The shorter answer is better.",
     "criteria_preference": "response1"}

``criteria_preference`` is response1, response2 or tie. The same pair may be asked under several criteria with opposite
answers, so the criterion belongs to the item and to its id. A response that is nothing but the name of a picture, a
video, a sound or a model is a file; the prompt's own files stand in image, video or audio. Source:
https://github.com/HongbangYuan/OmniReward (README; nine tasks, a JSON file each, with and without ties).
"""

import re
from collections.abc import Mapping
from typing import Any

from curation import pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import asked, files
from curation.formats._fields import IMPORTER, optional_text, rest, text

TITLE = "Omni-Reward"
SUMMARY = "Two responses of any medium, compared under a criterion of the row's own."
EXAMPLE = {
    "prompt": "Draw a lighthouse.",
    "response1": "media/1a.png",
    "response2": "media/1b.png",
    "criteria": "The picture with fewer colours is better.",
    "criteria_preference": "response2",
}
_OUTCOMES = {"response1": "a", "response2": "b", "tie": "tie"}
_FILE = re.compile(
    r"[^\s<>\"|?*]+\.(png|jpe?g|webp|gif|bmp|mp4|webm|mov|avi|mkv|wav|mp3|flac|ogg|glb|gltf|obj|ply)", re.I
)
_ASKED_WITH = ("image", "images", "video", "audio")


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair under one criterion."""
    prompt = asked(row, "prompt")
    criterion = text(row, "criteria")
    if not criterion.strip():
        raise RowError("criteria is empty.")
    preferred = row.get("criteria_preference")
    if not isinstance(preferred, str) or preferred.lower() not in _OUTCOMES:
        raise RowError(f"criteria_preference is {clip(preferred)}; response1, response2 or tie is expected.")
    responses = tuple(_response(text(row, name), optional_text(row, name.replace("response", "model"))) for name in (
        "response1", "response2"
    ))  # fmt: skip
    own = optional_text(row, "id") or pairs.content_hash([row["prompt"], [[r.text, r.media] for r in responses]])[:16]
    used = ("id", "prompt", "response1", "response2", "model1", "model2", "criteria", "criteria_preference")
    return Parsed(
        prompt,
        responses,
        external_id=f"{own}:{pairs.content_hash(criterion)[:8]}",
        votes=(ParsedVote(IMPORTER, _OUTCOMES[preferred.lower()]),),
        media=tuple(medium for name in _ASKED_WITH for medium in files(row.get(name), name)),
        criteria=({"name": "criterion", "text": criterion, "points": 1},),
        metadata=rest(row, (*used, *_ASKED_WITH)),
    )


def _response(said: str, model: str) -> ParsedResponse:
    is_file = _FILE.fullmatch(said.strip())
    return ParsedResponse("", model, (said.strip(),)) if is_file else ParsedResponse(said, model)
