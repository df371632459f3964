"""The client against a scripted server over real sockets."""

import time
from dataclasses import replace

import pytest

from curation.clients import Endpoint, Request, ServerError, openai_compatible
from tests.judge_server import Cut, Fail, JudgeServer, Never, Raw, Say, Slow

ASK = Request(({"role": "user", "content": "Which is better?"},))
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def endpoint(server, **more):
    given = {"name": "scripted", "client": "openai_compatible", "url": server.url, "model": "m", "timeout": 5.0}
    return Endpoint(**(given | {"api_key": "secret"} | more))


def test_everything_that_can_be_asked_is_asked_and_read():
    first = {"yes": 0.75, " no": 0.25}
    with JudgeServer(lambda call: Say([f"text {i}" for i in range(call.n)], first)) as server:
        where = endpoint(server, options={"top_k": 3})
        asked = replace(ASK, schema=SCHEMA, n=3, temperature=0.5, max_tokens=30, logprobs=2, seed=7)
        found = openai_compatible.complete(where, asked)
    body = server.calls[0].body
    assert found.texts == ("text 0", "text 1", "text 2")
    assert [dict(one) for one in found.first_tokens] == [pytest.approx(first)] * 3
    assert (found.input_tokens, found.output_tokens) == (server.bill.input_tokens, server.bill.output_tokens)
    assert found.model == "m"
    assert server.keys == {"secret"}
    assert server.calls[0].schema == SCHEMA
    sent = {name: body[name] for name in ("n", "temperature", "max_completion_tokens", "top_logprobs", "seed", "top_k")}
    assert sent == {"n": 3, "temperature": 0.5, "max_completion_tokens": 30, "top_logprobs": 2, "seed": 7, "top_k": 3}


def test_what_a_server_does_not_take_is_not_sent():
    without = frozenset({"schema", "logprobs", "seed", "temperature", "max_completion_tokens"})
    with JudgeServer() as server:
        found = openai_compatible.complete(
            endpoint(server, without=without), replace(ASK, schema=SCHEMA, logprobs=3, seed=1)
        )
    assert set(server.calls[0].body) == {"model", "messages", "max_tokens"}
    assert found.first_tokens == (None,)


@pytest.mark.parametrize(
    ("act", "retry", "billed", "after"),
    [
        (Fail(429, after=7), True, False, 7.0),
        (Fail(429, code="insufficient_quota"), False, False, None),
        (Fail(500), True, True, None),
        (Fail(503), True, False, None),
        (Fail(400, code="content_filter"), False, False, None),
        (Fail(401), False, False, None),
        (Raw(b"<html>busy</html>", "text/html"), True, True, None),
        (Raw(b'{"choices": [{"message": 3}]}'), True, True, None),
        (Raw(b'["surprise"]'), True, True, None),
        (Raw(b'{"choices": []}'), False, True, None),
        (Never(), True, True, None),
        (Slow(3, Say("late")), True, True, None),
        (Cut(), True, True, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_failures_say_whether_to_retry_and_whether_they_may_be_charged(act, retry, billed, after):
    with JudgeServer(lambda call: act) as server, pytest.raises(ServerError) as failed:
        openai_compatible.complete(endpoint(server, timeout=0.4), ASK)
    assert (failed.value.retry, failed.value.billed, failed.value.after) == (retry, billed, after)
    assert len(server.calls) == 1, "the client does not try again by itself"
    assert "secret" not in str(failed.value)


def test_a_server_that_is_not_there_charges_nothing():
    with JudgeServer() as server:
        gone = endpoint(server)
    with pytest.raises(ServerError, match="cannot be reached") as failed:
        openai_compatible.complete(gone, ASK)
    assert (failed.value.retry, failed.value.billed) == (True, False)


def test_a_refusal_is_an_answer_and_a_missing_bill_is_the_most_it_can_be():
    body = b'{"choices": [{"message": {"content": null, "refusal": "I will not."}, "finish_reason": "content_filter"}]}'
    with JudgeServer(lambda call: Raw(body)) as server:
        found = openai_compatible.complete(endpoint(server), ASK)
    assert found.texts == ("I will not.",)
    assert (found.input_tokens, found.output_tokens) == ASK.most_tokens(endpoint(server))


def test_an_answer_that_drips_in_or_never_ends_is_given_up():
    from curation.clients import _http

    with JudgeServer() as server:
        where = endpoint(server)
    drip = type("Drip", (), {"iter_bytes": lambda self: iter([b"abc", b"def"])})()
    assert _http.received(drip, where, time.monotonic(), 6) == b"abcdef"
    with pytest.raises(ServerError, match="more than 5 bytes"):
        _http.received(drip, where, time.monotonic(), 5)
    with pytest.raises(ServerError, match="longer than 5 s"):
        _http.received(drip, where, time.monotonic() - 6)


def test_a_batch_is_answered_request_by_request():
    def behave(call):
        return Fail(400, message="too long") if "long" in call.text else Say(f"about {call.text}")

    asked = {name: replace(ASK, messages=({"role": "user", "content": name},)) for name in ("one", "two", "long")}
    with JudgeServer(behave) as server:
        where = endpoint(server, options={"top_k": 3})
        batch = openai_compatible.submit_batch(where, asked)
        assert openai_compatible.poll_batch(where, batch, asked) is None
        found = openai_compatible.poll_batch(where, batch, asked)
    assert {found["one"].texts, found["two"].texts} == {("about one",), ("about two",)}
    assert isinstance(found["long"], ServerError)
    assert not found["long"].billed
    assert server.calls[0].body["top_k"] == 3
    assert found["one"].input_tokens + found["two"].input_tokens == server.bill.input_tokens
