"""SoliReward: pairs of videos built from single verdicts, also across prompts; equal quality is a tie.

    {"win": {"video_path": "a.mp4", "quality": 1.0}, "lose": {"video_path": "b.mp4", "quality": 0.0}}
    {"win": [messages], "lose": [messages], "meta": {"win": {"quality": 1.0}, "lose": {"quality": 0.0}}}

Messages have content parts {"type": "text" or "video" …}. Source: https://github.com/lian700/SoliReward (README, "Data
Format", and solireward/data/reward_data.py, which reads both). Qualities of 0 and 1 are what people said of each video
alone, so they are verdicts, too. The two are dealt by their content, so that position carries no label. Where they
answer different prompts, each response keeps its own in the metadata and the item has none.
"""

from collections.abc import Mapping
from typing import Any

from annotate.records import Verdict
from curation import pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import LOOSE, answer, listed, table_dict
from curation.formats._fields import IMPORTER, expect_text, number, optional_text, rest

TITLE = "SoliReward"
SUMMARY = "A better and a worse video with the quality that people gave to each alone; equal qualities tie."
EXAMPLE = {
    "win": {"video_path": "videos/a.mp4", "prompt": "A ball rolls.", "quality": 1.0},
    "lose": {"video_path": "videos/b.mp4", "prompt": "A ball rolls.", "quality": 0.0},
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair, with the verdict on each video where its quality is 0 or 1."""
    meta = table_dict(row.get("meta"), "meta")
    sides = [_side(row, name, table_dict(meta.get(name), f"{name} of meta")) for name in ("win", "lose")]
    sides.sort(key=lambda side: pairs.content_hash(list(side[0].media)))
    (first, prompt, quality_a), (second, other, quality_b) = sides
    won = first.metadata["side"] == "win"
    outcome = "tie" if quality_a is not None and quality_a == quality_b else "a" if won else "b"
    verdicts = (
        Verdict(**LOOSE, response=str(place), good=quality == 1)
        for place, (_, _, quality) in enumerate(sides)
        if quality in (0, 1)
    )
    if first.media == second.media:
        raise RowError("The two videos are the same file.")
    shared = [{"role": "user", "content": prompt}] if prompt and prompt == other else []
    return Parsed(
        shared,
        (_kept(first, prompt, quality_a), _kept(second, other, quality_b)),
        votes=(ParsedVote(IMPORTER, outcome),),
        answers=answer(verdicts),
        metadata=rest(row, ("win", "lose")),
    )


def _side(row: Mapping[str, Any], name: str, meta: Mapping[str, Any]) -> tuple[ParsedResponse, str, float | None]:
    """The video, its prompt ("" where none is said), and its quality."""
    given = row.get(name)
    if isinstance(given, dict):
        video, prompt = given.get("video_path"), optional_text(given, "prompt")
        quality = number(given, "quality") if "quality" in given else number(meta, "quality")
    else:
        parts = [part for message in listed(given, name) for part in _parts(message, name)]
        video = next((part.get("video") for part in parts if part.get("type") == "video"), None)
        said = [part.get("text") for part in parts if part.get("type") == "text" and part["role"] == "user"]
        prompt = "\n".join(expect_text(text, f"text of {name}") for text in said)
        quality = number(meta, "quality")
    if not video or not isinstance(video, str):
        raise RowError(f"{name} names no video: {clip(given)}.")
    return ParsedResponse("", media=(video,), metadata={"side": name}), prompt, quality


def _parts(message: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(message, dict) or not isinstance(message.get("content"), str | list):
        raise RowError(f"A message of {name} is {clip(message)}; an object with role and content is expected.")
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [{**part, "role": message.get("role")} for part in parts if isinstance(part, dict)]


def _kept(response: ParsedResponse, prompt: str, quality: float | None) -> ParsedResponse:
    metadata = {"prompt": prompt, "quality": quality}
    kept = {key: value for key, value in metadata.items() if value not in (None, "")}
    return ParsedResponse("", media=response.media, metadata=kept)
