"""Content parts: the forms that are read, and what is refused."""

import json

import pytest

from rewardtrain import encoding, parts
from rewardtrain.errors import DataError
from rewardtrain.parts import Part

REF = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "image": REF},
        {"type": "image", "url": REF},
        {"type": "image", "sha256": "a" * 64},
        {"type": "image_url", "image_url": {"url": REF}},
        {"type": "image_url", "image_url": REF},
    ],
)
def test_a_picture_can_be_said_in_several_ways(part: dict) -> None:
    assert parts.of_response(json.dumps([part])) == (Part(refs=(REF,)),)


def test_a_response_is_text_unless_all_of_it_is_parts() -> None:
    for text in ("Blue.", "[1, 2]", '[{"role": "user", "content": "a"}]', "[not json", '[{"type": "odd"}]', "[]"):
        assert parts.of_response(text) == (Part(text),)
    assert parts.of_response("") == ()


def test_files_join_the_text_and_come_out_again() -> None:
    said = parts.with_media("A gull", [REF, REF])
    assert parts.of_response(said) == (Part("A gull"), Part(refs=(REF,)), Part(refs=(REF,)))
    assert parts.with_media("A gull", []) == "A gull"


def test_conversations_are_those_of_the_encoder_of_texts() -> None:
    prompts = ["", "why", json.dumps([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]), "[1]"]
    prompts.append(json.dumps([{"role": "criterion", "content": "c"}, {"role": "user", "content": "u"}]))
    for prompt in prompts:
        flat = [{"role": role, "content": parts.text_of(said)} for role, said in parts.conversation(prompt)]
        assert flat == [{"role": m["role"], "content": m["content"]} for m in encoding.messages(prompt)]


def test_pictures_of_a_prompt_keep_their_order() -> None:
    said = [{"type": "image", "image": REF}, {"type": "text", "text": "make it red"}]
    video = [{"type": "video", "video": [REF, "data:image/png;base64,"]}]
    prompt = json.dumps([{"role": "user", "content": said}, {"role": "user", "content": video}])
    assert parts.prompt_refs(prompt) == [REF, REF, "data:image/png;base64,"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"type": "image"}, "None is no picture: give sha256:"),
        ({"type": "image", "image": "/etc/passwd"}, "/etc/passwd is no picture"),
        ({"type": "image", "url": "https://example.org/a.png"}, "is no picture"),
        ({"type": "video", "video": "a.mp4"}, "given by its frames"),
        ({"type": "audio", "audio": "a.wav"}, "no content part of type 'audio'"),
        ("words", "words is no content part"),
    ],
)
def test_refuses(part: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parts.conversation(json.dumps([{"role": "user", "content": [part]}]))
