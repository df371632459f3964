"""Prompts of items as chats, with the pictures that belong to them, for formats that train on both."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif")
LEFT_OUT = {
    "not_a_picture": "The item has a file that is no picture, such as a video or a document.",
    "no_user": "The prompt has no message of a user, so the pictures have no place.",
    "developer": "The prompt has a developer's message, which the format does not know.",
}


def pictures(parsed: Parsed, left_out: Counter[str]) -> list[str] | None:
    """The item's own pictures; None, and counted, where the item cannot be said as messages with pictures before them.

    Responses with files are for the caller to leave out: a picture that is an answer differs between the two.
    """
    reason = ""
    if any(not name.lower().endswith(PICTURES) for name in parsed.media):
        reason = "not_a_picture"
    elif parsed.media and not any(message["role"] == "user" for message in parsed.prompt):
        reason = "no_user"
    if reason:
        left_out[reason] += 1
        return None
    return list(parsed.media)


def first_user(prompt: list[dict[str, str]]) -> int:
    """Index of the first message of a user, which the pictures stand in; -1 where there is none."""
    return next((place for place, message in enumerate(prompt) if message["role"] == "user"), -1)


def text_only(parsed: Parsed, place: int) -> bool:
    """Whether a response is text alone."""
    response = parsed.responses[place]
    return not response.media and bool(response.text)


def parts(message: Mapping[str, str], images: int = 0) -> dict[str, Any]:
    """A message whose content is parts, placeholders of ``images`` pictures before the text."""
    text = {"type": "text", "text": message["content"]}
    return {"role": message["role"], "content": [*({"type": "image"} for _ in range(images)), text]}
