"""The client against a scripted server over real sockets."""

from dataclasses import replace

import pytest

from curation.clients import Endpoint, Request, anthropic
from tests.judge_server import JudgeServer, Raw

ASK = Request(
    (
        {"role": "system", "content": "You judge."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
        {"role": "tool", "content": "a tool's word"},
    ),
    schema={
        "type": "object",
        "properties": {"points": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["points"],
        "additionalProperties": False,
    },
    temperature=0.3,
    max_tokens=99,
    seed=3,
    logprobs=4,
)


def endpoint(server, **more):
    return Endpoint("claude", "anthropic", server.anthropic_url, "m", api_key="secret", timeout=5.0, **more)


def test_the_request_is_in_anthropics_own_words():
    with JudgeServer() as server:
        anthropic.complete(endpoint(server, options={"temperature": 0.5}), ASK)
    body = server.calls[0].body
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    assert body["system"] == "You judge."
    assert body["messages"] == [
        {"role": "user", "content": [picture]},
        {"role": "user", "content": "a tool's word"},
    ]
    assert (body["max_tokens"], body["temperature"]) == (99, 0.5)
    assert set(body) == {"model", "max_tokens", "messages", "system", "temperature", "output_config"}
    points = server.calls[0].schema["properties"]["points"]
    assert points["type"] == "integer"
    assert "minimum" not in points, "Anthropic refuses a schema with limits of numbers"
    assert server.keys == {"secret"}


def test_tokens_of_the_cache_are_paid_too():
    usage = (
        b'{"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 400}'
    )
    body = b'{"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "{}"}], "usage": %s}' % usage
    with JudgeServer(lambda call: Raw(body)) as server:
        found = anthropic.complete(endpoint(server), ASK)
    assert (found.texts, found.input_tokens, found.output_tokens) == (("{}",), 435, 2)


def test_several_samples_in_one_request_are_refused_before_anything_is_sent():
    with JudgeServer() as server, pytest.raises(ValueError, match="once for each sample"):
        anthropic.complete(endpoint(server), replace(ASK, n=2))
    assert not server.calls
