"""Runs in batches: what is asked is sent together, waited for, and found again after the run was killed."""

import pytest
from django.core.exceptions import ValidationError

from annotate.jobs.registry import Cancelled
from curation.judging import batching, services
from curation.models import JudgeCall, JudgeRun
from tests.curation.judging.conftest import chooses
from tests.judge_server import Fail, JudgeServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(batching, "POLL_SECONDS", 0.01)


@pytest.mark.parametrize("client", ["openai_compatible", "anthropic"])
def test_everything_is_asked_in_one_batch_at_the_batch_price(client, endpoint_file, start):
    with JudgeServer(chooses, batch_polls=2) as server:
        endpoint_file(server, client=client, batch_price=0.5)
        run = services.run_judge(run=start(in_batches=True))
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    assert len(server.batches) == 1, "both orders of all tasks together"
    assert server.bill.requests == 12
    assert run.spent == pytest.approx(server.bill.cost(1, 3) / 2, abs=1e-7)
    assert set(run.calls.values_list("batch", flat=True)) == {"batch-0"}


def test_a_method_of_several_steps_takes_a_batch_for_each(endpoint_file, make_judge, start):
    """The second step asks about what the first one said, so it cannot be sent before."""
    import json

    from tests.judge_server import Say

    def behave(call):
        if "criteria" in call.schema["properties"]:
            return Say(json.dumps({"criteria": [{"text": "is right", "weight": 3}]}))
        return chooses(call)

    with JudgeServer(behave, batch_polls=0) as server:
        endpoint_file(server)
        run = services.run_judge(run=start(make_judge("criteria_first"), in_batches=True, most_tasks=2))
    assert (run.end, run.counts["answered"]) == ("finished", 2)
    assert len(server.batches) == 2
    assert server.bill.requests == 2 + 4


def test_killed_while_it_waits_a_run_waits_for_the_same_batch_again(endpoint_file, start):
    polls = []

    def progress(done, total=None, message=""):
        polls.append(message)
        if len(polls) == 5:
            raise Cancelled

    with JudgeServer(chooses, batch_polls=10) as server:
        endpoint_file(server)
        run = start(in_batches=True)
        with pytest.raises(Cancelled):
            services.run_judge(run=run, progress=progress)
        run = JudgeRun.objects.select_related("judge__organisation", "judge__rater", "project").get(pk=run.pk)
        assert run.end == "cancelled"
        assert run.calls.filter(state="reserved", batch="batch-0").count() == 12
        run = services.run_judge(run=run)
    assert any("12 requests in batches" in message for message in polls)
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    assert len(server.batches) == 1
    assert run.spent == pytest.approx(server.bill.cost(1, 3))


def test_requests_that_fail_in_a_batch_are_told_and_not_paid_for(endpoint_file, start):
    with JudgeServer(lambda call: Fail(400) if "Question 2" in call.text else chooses(call)) as server:
        endpoint_file(server)
        run = services.run_judge(run=start(in_batches=True))
    assert (run.end, run.counts["answered"], run.counts["failed"]) == ("finished", 5, 1)
    assert run.spent == pytest.approx(server.bill.cost(1, 3))
    refusal = run.refusals.get()
    assert (refusal.kind, "400" in refusal.reason) == ("failed", True)


def test_a_budget_holds_for_batches_too(endpoint_file, start):
    with JudgeServer(chooses, batch_polls=0) as server:
        endpoint_file(server)
        run = services.run_judge(run=start(in_batches=True, budget="0.03"))
    assert run.end == "budget"
    assert 0 < run.spent <= run.budget
    assert run.spent == pytest.approx(server.bill.cost(1, 3))
    assert not JudgeCall.objects.filter(state="reserved").exists()


def test_a_judge_that_asks_no_server_takes_no_batches(world, make_judge, start):
    with pytest.raises(ValidationError, match="takes no batches"):
        start(make_judge("length", endpoint="", settings={"most": 9}), in_batches=True)
