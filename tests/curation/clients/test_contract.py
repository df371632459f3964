"""Every client fulfils the contract in curation/clients/__init__.py: same request, same failures, same bill."""

from dataclasses import replace

import pytest

from curation import clients
from curation.clients import OPTIONAL, Completion, Endpoint, Request, ServerError
from tests.judge_server import Fail, JudgeServer, Raw, Say

ASK = Request(
    (
        {"role": "system", "content": "You judge."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Which picture is grüner?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
            ],
        },
    ),
    schema={"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    max_tokens=64,
)


def endpoint(name, server, **more):
    url = server.anthropic_url if name == "anthropic" else server.url
    return Endpoint("scripted", name, url, "some-model", **({"api_key": "secret", "timeout": 5.0} | more))


@pytest.fixture(params=clients.names())
def name(request):
    return request.param


def test_it_says_what_it_is(name):
    client = clients.get(name)
    assert client.TITLE
    assert client.SUMMARY.endswith(".")
    assert client.TAKES <= OPTIONAL


def test_it_answers_and_tells_the_cost(name):
    with JudgeServer(lambda call: Say("{}")) as server:
        found = clients.get(name).complete(endpoint(name, server), ASK)
    assert isinstance(found, Completion)
    assert found.texts == ("{}",)
    assert (found.input_tokens, found.output_tokens) == (server.bill.input_tokens, server.bill.output_tokens)
    assert found.first_tokens == (None,)
    assert found.seconds > 0
    assert "Which picture is grüner?" in server.calls[0].text
    assert "iVBORw0KGgo=" in str(server.calls[0].body)
    assert server.calls[0].schema
    most_in, most_out = ASK.most_tokens(endpoint(name, server))
    assert found.input_tokens <= most_in
    assert found.output_tokens <= most_out == 64


def test_a_text_that_is_cut_off_or_refused_is_an_answer(name):
    with JudgeServer(lambda call: Say("x" * 500, finish="refusal" if call.number else "")) as server:
        cut, refused = (clients.get(name).complete(endpoint(name, server), ASK) for _ in range(2))
    assert cut.texts == refused.texts == ("x" * 64,)


@pytest.mark.parametrize(
    ("act", "retry", "billed"),
    [(Fail(429, after=3), True, False), (Fail(500), True, True), (Fail(404), False, False), (Raw(b"{}"), True, True)],
    ids=lambda value: str(value)[:24],
)
def test_it_fails_as_a_server_error(name, act, retry, billed):
    with JudgeServer(lambda call: act) as server, pytest.raises(ServerError) as failed:
        clients.get(name).complete(endpoint(name, server), ASK)
    assert (failed.value.retry, failed.value.billed) == (retry, billed)
    assert failed.value.after == getattr(act, "after", None)
    assert len(server.calls) == 1
    assert "secret" not in f"{failed.value} {endpoint(name, server)!r}"


def test_batches_where_it_has_them(name):
    def behave(call):
        return Fail(400) if "bad" in call.text else Say(call.text[-1])

    asked = {key: replace(ASK, messages=({"role": "user", "content": key},)) for key in ("question-1", "bad-2")}
    with JudgeServer(behave) as server:
        where = endpoint(name, server)
        batches = clients.batches(where)
        if batches is None:
            return
        batch = batches.submit_batch(where, asked)
        assert batches.poll_batch(where, batch, asked) is None
        found = batches.poll_batch(where, batch, asked)
    assert found["question-1"].texts == ("1",)
    assert found["question-1"].input_tokens == server.bill.input_tokens
    assert isinstance(found["bad-2"], ServerError)
    assert not found["bad-2"].billed


def test_the_hash_covers_what_the_answer_depends_on():
    base = Endpoint("a", "openai_compatible", "http://x/v1", "m")
    same = {ASK.hash(base), ASK.hash(replace(base, name="b", api_key="k", price_in=3.0, timeout=1.0, concurrency=9))}
    assert len(same) == 1
    changed = [replace(ASK, **{part: 7}) for part in ("n", "seed", "sample", "max_tokens", "temperature", "logprobs")]
    elsewhere = [replace(base, url="http://y/v1"), replace(base, model="n"), replace(base, options={"top_k": 1})]
    hashes = {request.hash(base) for request in (ASK, replace(ASK, schema=None), *changed)}
    hashes |= {ASK.hash(where) for where in (*elsewhere, replace(base, without=frozenset({"schema"})))}
    assert len(hashes) == 2 + len(changed) + 4
