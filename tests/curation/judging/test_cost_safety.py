"""A server that answers 429, 500, garbage, very slowly or never: no crash, no double pay, the budget never passed.

What a run counts as spent is held against the bill of the server itself.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.models import Annotation
from curation.clients import Endpoint, Request
from curation.judging import ledger, limits, services
from curation.judging.caller import Caller
from curation.judging.relay import Relay
from curation.models import BILLION, JudgeCall, JudgeRun
from tests.curation.judging.conftest import chooses
from tests.judge_server import Cut, Fail, JudgeServer, Never, Raw, Say, Slow

pytestmark = pytest.mark.django_db
PRICES = (1.0, 3.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(limits, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(limits, "LONGEST_PAUSE", 0.05)


def answered_once(run):
    """No request was answered, so surely paid, more than once."""
    calls = run.calls.filter(state="answered")
    return calls.count() == calls.values("request_hash").distinct().count()


TROUBLE = {
    "429": Fail(429, after=0.02),
    "500": Fail(500),
    "500 charged": Fail(500, billed=True),
    "503": Fail(503),
    "garbage": Raw(b"<html>oops"),
    "half an answer": Cut(),
    "too slow": Slow(2.0, Say("late")),
    "never": Never(),
    "never, free of charge": Never(billed=False),
    "wrong shape": Raw(b'{"choices": "none"}'),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_server_that_only_makes_trouble_ends_the_run_and_is_paid_within_the_budget(name, endpoint_file, start):
    with JudgeServer(lambda call: TROUBLE[name]) as server:
        endpoint_file(server, timeout=0.15, concurrency=3)
        run = services.run_judge(run=start(budget=0.05), patience=0.2)
    assert run.end in ("server", "budget"), run.reason
    assert run.reason
    assert run.counts.get("answered", 0) == 0
    assert server.bill.cost(*PRICES) <= run.spent <= run.budget
    assert not run.calls.filter(state="reserved").exists()
    if name in ("429", "503"):
        assert run.spent == 0


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_now_and_then_is_overcome(name, endpoint_file, start):
    asked = Counter()

    def behave(call):
        asked[call.text] += 1
        return TROUBLE[name] if asked[call.text] == 1 and call.number % 3 == 0 else chooses(call)

    with JudgeServer(behave) as server:
        endpoint_file(server, timeout=1, concurrency=3)
        run = services.run_judge(run=start())
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    assert answered_once(run)
    assert server.bill.cost(*PRICES) <= run.spent <= run.budget


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_budget_ends_a_run_cleanly_and_a_larger_one_goes_on_without_paying_twice(concurrency, endpoint_file, start):
    with JudgeServer(lambda call: Slow(0.01, chooses(call))) as server:
        endpoint_file(server, concurrency=concurrency)
        run = services.run_judge(run=start(budget="0.0135"))
        assert run.end == "budget"
        assert 0 < run.counts["answered"] < 6, "some, not all"
        assert server.bill.cost(*PRICES) == pytest.approx(run.spent)
        assert run.spent <= run.budget
        kept = Annotation.objects.filter(rater=run.judge.rater).count()
        assert kept == run.counts["answered"]
        services.resume(run=run, budget=1)
        run = services.run_judge(run=run)
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    assert server.bill.requests == len({call.text for call in server.calls}) == 12, "each order of each task, once"
    assert server.bill.cost(*PRICES) == pytest.approx(run.spent)


def test_tokens_are_a_budget_too(endpoint_file, start):
    with JudgeServer(chooses) as server:
        endpoint_file(server, concurrency=1)
        run = services.run_judge(run=start(budget_tokens=14_000))
    assert run.end == "budget"
    assert 0 < server.bill.input_tokens + server.bill.output_tokens == run.spent_tokens <= 14_000


def test_nothing_is_paid_twice_across_runs_judges_and_equal_items(world, endpoint_file, start, make_judge):
    with JudgeServer(lambda call: Slow(0.05, chooses(call))) as server:
        endpoint_file(server, concurrency=8)
        services.run_judge(run=start())
        paid = server.bill.requests
        twin = make_judge(name="twin", settings={"max_tokens": 64})
        run = services.run_judge(run=start(twin))
    assert (run.counts["answered"], run.counts["cached"], run.spent) == (6, 12, 0)
    assert server.bill.requests == paid == 12
    assert Annotation.objects.filter(rater=twin.rater).first().metadata["cost"] > 0, "what the label is worth"


def test_two_who_ask_the_same_at_once_pay_once(world, endpoint_file, start):
    with JudgeServer(lambda call: Slow(0.2, Say("hello"))) as server:
        run = start_empty(start, endpoint_file, server)
        answers = ask_at_once(run, server, [request("same")] * 6)
    assert [answer.texts for answer in answers] == [("hello",)] * 6
    assert server.bill.requests == 1


def request(text, **more):
    return Request(({"role": "user", "content": text},), max_tokens=20, **more)


def start_empty(start, endpoint_file, server, **more):
    endpoint_file(server)
    return start(**more)


def ask_at_once(run, server, requests, **more):
    """Answers or exceptions, from as many threads as requests; this thread keeps the books."""
    from concurrent.futures import ThreadPoolExecutor

    prices = dict(zip(("price_in", "price_out"), PRICES, strict=True))
    where = Endpoint("scripted", "openai_compatible", server.url, "m", **{**prices, "concurrency": 8, **more})
    relay = Relay()
    caller = Caller(run, lambda name: where, relay, patience=0.05)
    found = []
    with ThreadPoolExecutor(len(requests)) as pool:
        futures = [pool.submit(caller.ask, one) for one in requests]
        while not all(future.done() for future in futures):
            relay.serve(0.01)
        for future in futures:
            found.append(future.exception() or future.result()[0])
    return found


def test_a_reservation_counts_until_it_is_settled_and_forever_when_it_is_lost(endpoint_file, start):
    with JudgeServer() as server:
        run = start_empty(start, endpoint_file, server, budget="0.003")
    where = Endpoint("scripted", "openai_compatible", server.url, "m", price_in=1.0, price_out=3.0)
    call = ledger.reserve(run, where, request("a"), "hash-a")
    run.refresh_from_db()
    most = ledger.billionths(where, *request("a").most_tokens(where))
    assert run.spent_billionths == call.cost_billionths == most > 0
    assert ledger.recover(run) == 1
    run.refresh_from_db()
    assert run.spent_billionths == most
    again = ledger.reserve(run, where, request("a"), "hash-a")
    assert isinstance(again, JudgeCall)
    assert isinstance(ledger.reserve(run, where, request("a"), "hash-a"), ledger.Busy)


ACTS = st.sampled_from(
    [
        *[lambda call: Say("x" * (call.number * 7 % 40))] * 4,
        *(lambda call, act=act: act for name, act in TROUBLE.items() if name != "too slow"),
    ]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(ACTS, min_size=1, max_size=6),
    texts=st.lists(st.text(max_size=60), min_size=1, max_size=10),
    price_in=st.floats(0, 50),
    price_out=st.floats(0, 50),
    budget=st.floats(0, 0.2),
    concurrency=st.integers(1, 6),
)
def test_the_budget_is_never_passed(endpoint_file, start, acts, texts, price_in, price_out, budget, concurrency):
    """Whatever the prices, the server's moods and the threads: the server's own bill stays within the budget."""
    with JudgeServer(lambda call: acts[call.number % len(acts)](call)) as server:
        if not JudgeRun.objects.exists():
            endpoint_file(server)
            start()
        run = JudgeRun.objects.select_related("judge").first()
        own = {"budget_billionths": int(budget * BILLION), "spent_billionths": 0, "spent_tokens": 0}
        JudgeRun.objects.filter(pk=run.pk).update(**own)
        JudgeCall.objects.all().delete()
        requests = [request(text, seed=number) for number, text in enumerate(texts)]
        prices = {"price_in": price_in, "price_out": price_out}
        found = ask_at_once(run, server, requests, timeout=0.06, concurrency=concurrency, **prices)
    run.refresh_from_db()
    assert server.bill.cost(price_in, price_out) <= run.spent + 1e-9
    assert run.spent_billionths <= own["budget_billionths"]
    rows = JudgeCall.objects.filter(run=run)
    assert sum(rows.values_list("cost_billionths", flat=True)) == run.spent_billionths, "the books add up"
    assert not rows.filter(state="reserved").exists()
    assert len(found) == len(texts)


def test_killed_in_the_middle_it_goes_on_and_pays_only_what_was_under_way_again(tmp_path):
    """A real process, killed with SIGKILL while requests are under way; then another goes on."""
    script = Path(__file__).with_name("run_for_tests.py")
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings", "OMP_NUM_THREADS": "1"}
    env |= {"PYTHONPATH": str(Path(__file__).parents[3])}
    env.pop("DATABASE_URL", None)
    with JudgeServer(lambda call: Slow(0.15, chooses(call))) as server:
        row = {"name": "scripted", "client": "openai_compatible", "url": server.url, "model": "m", "concurrency": 3}
        row |= {"price_in": PRICES[0], "price_out": PRICES[1]}
        (tmp_path / "model_servers.yaml").write_text(json.dumps({"endpoints": [row]}))
        process = subprocess.Popen([sys.executable, str(script), "start"], env=env, stdout=subprocess.PIPE)
        until = time.monotonic() + 60
        while server.bill.requests < 14 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        time.sleep(0.3)  # what was under way is charged to the end
        before = server.bill.requests
        done = subprocess.run(
            [sys.executable, str(script), "resume"], env=env, capture_output=True, text=True, timeout=90, check=False
        )
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert 14 <= before < 40, "it was killed in the middle"
    assert (run["end"], run["answered"]) == ("finished", 20)
    asked = Counter(call.text for call in server.calls)
    assert len(asked) == 40
    again = sum(times - 1 for times in asked.values())
    assert again == run["lost"] <= 3, "only what was under way at that moment"
    assert server.bill.cost(*PRICES) <= run["spent"] <= run["budget"]
