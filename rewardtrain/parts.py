"""Prompts and responses with pictures: text, or JSON content parts in the form that chat templates know.

A prompt is plain text or JSON messages, whose content is text or parts; a response is plain text or parts:

    [{"type": "text", "text": "A gull"}, {"type": "image", "image": "sha256:9f86…"}]

A part is one of these; where a picture lies is "sha256:" with the digest of a file in the media folder, or a data: URL:

    {"type": "text", "text": …}
    {"type": "image", "image": …}     also "url": …, or "sha256": the digest alone
    {"type": "image_url", "image_url": {"url": …}}
    {"type": "video", "video": […, …]}     its frames as pictures, in order

Only encoders of pictures read responses so; to all others a response is text, whatever it looks like.
Pure: reads no file. Leaves out sound, and video files (frames are given instead).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.pairs import canonical_json
from rewardtrain.errors import DataError

CONTEXT = {"criterion": "Criterion", "reference": "Reference answer", "document": "Document"}  # roles of ours
KINDS = ("text", "image", "image_url", "video")


@dataclass(frozen=True)
class Part:
    """A text, or pictures: one, or the frames of a video.

    Attributes
    ----------
    text : "" where there are pictures.
    refs : where the pictures lie; empty where there is text.
    """

    text: str = ""
    refs: tuple[str, ...] = ()


Message = tuple[str, tuple[Part, ...]]  # role, content


def conversation(prompt: str) -> list[Message]:
    """A prompt's messages, in the order and with the roles that `rewardtrain.encoding.messages` gives them.

    Raises
    ------
    DataError
        For a part that is none.
    """
    found = _json_list(prompt)
    if found is None or not all(isinstance(m, dict) and {"role", "content"} <= m.keys() for m in found):
        return [("user", (Part(prompt),))] if prompt else []
    said = [(str(message["role"]), _parts(message["content"])) for message in found]
    told = [f"{CONTEXT[role]}: {text_of(content)}" for role, content in said if role in CONTEXT]
    if not told:
        return said
    told += [text_of(content) for role, content in said if role == "system"]
    return [("system", (Part("\n\n".join(told)),)), *(m for m in said if m[0] not in CONTEXT and m[0] != "system")]


def of_response(response: str) -> tuple[Part, ...]:
    """A response's parts; text that is no JSON list of parts is one part."""
    found = _json_list(response)
    if found and all(isinstance(part, dict) and part.get("type") in KINDS for part in found):
        return _parts(found)
    return (Part(response),) if response else ()


def text_of(content: Sequence[Part]) -> str:
    """The texts, one a line."""
    return "\n".join(part.text for part in content if part.text)


def refs_of(content: Sequence[Part]) -> list[str]:
    """All pictures in order, frames included."""
    return [ref for part in content for ref in part.refs]


def prompt_refs(prompt: str) -> list[str]:
    """All pictures of a prompt in order."""
    return [ref for _, content in conversation(prompt) for ref in refs_of(content)]


def with_media(response: str, media: Sequence[str]) -> str:
    """A response with its files as JSON content parts; without files, the response as it is.

    >>> with_media("A gull", ["sha256:9f86"])
    '[{"text":"A gull","type":"text"},{"image":"sha256:9f86","type":"image"}]'
    """
    if not media:
        return response
    said = [{"type": "text", "text": response}] if response else []
    return canonical_json([*said, *({"type": "image", "image": ref} for ref in media)])


def spread(content: Sequence[Part], frames: int) -> tuple[Part, ...]:
    """The same with at most ``frames`` pictures of a video, evenly spaced from the first to the last.

    >>> [part.refs for part in spread((Part(refs=("a", "b", "c", "d", "e")),), 3)]
    [('a', 'c', 'e')]
    """
    return tuple(
        Part(refs=tuple(part.refs[at] for at in np.linspace(0, len(part.refs) - 1, frames).round().astype(int)))
        if len(part.refs) > frames
        else part
        for part in content
    )


def _json_list(text: str) -> list[Any] | None:
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _parts(content: Any) -> tuple[Part, ...]:
    if not isinstance(content, list):
        return (Part(str(content)),) if content not in (None, "") else ()
    return tuple(part for part in map(_part, content) if part.text or part.refs)


def _part(part: Any) -> Part:
    if not isinstance(part, dict):
        raise DataError(f"{_shown(part)} is no content part. A part is an object with a type: {', '.join(KINDS)}.")
    kind = part.get("type", "text" if "text" in part else None)
    if kind == "text":
        return Part(str(part.get("text") or ""))
    if kind == "video":
        frames = part.get("video")
        if not isinstance(frames, list) or not frames:
            raise DataError("A video is given by its frames: {'type': 'video', 'video': [picture, picture, …]}.")
        return Part(refs=tuple(map(_ref, frames)))
    if kind == "image":
        digest = part.get("sha256")
        return Part(refs=(_ref(f"sha256:{digest}" if digest else part.get("image") or part.get("url")),))
    if kind == "image_url":
        inner = part.get("image_url")
        return Part(refs=(_ref(inner.get("url") if isinstance(inner, dict) else inner),))
    raise DataError(f"There is no content part of type {kind!r}. Those that exist: {', '.join(KINDS)}.")


def _ref(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("sha256:", "data:image/")):
        raise DataError(f"{_shown(value)} is no picture: give sha256:… (a file of the media folder) or a data: URL.")
    return value


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
