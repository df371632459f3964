"""A campaign whose attributes and silver come from a model server: what it is shown, what it costs, and never twice."""

import json
import re
from collections import Counter

import numpy as np
import pytest
import yaml

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation.campaigning import services
from tests.curation.campaigning.conftest import answer_all, share_right
from tests.curation.campaigning.test_services import work
from tests.judge_server import Fail, JudgeServer, Say

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

PLAN = """\
name: judged
seed: 3
rounds: 1
seed_pairs: {people: 20, models: 40}
per_round: {people: 5, models: 15}
budget: {people: 25, money: BUDGET}
similar_by: pair
attributes: {use: judged, endpoint: scripted, max_tokens: 400}
labelling:
  use: judges
  judges: [{judge: pairwise, endpoint: scripted, settings: {max_tokens: 64}}]
"""
ABOUT = {
    "category": "opinion", "objectivity": "low", "controversiality": "high", "desired": ["reasons"],
    "guideline": "Judge how the case is made.",
}  # fmt: skip
PRICES = {"price_in": 1.0, "price_out": 3.0}


def shown(text, place):
    """The response that a request shows at this place; examples come before it."""
    return re.findall(rf"<response_{place} (\w+)>\n(.*?)\n</response_{place} \1>", text, re.DOTALL)[-1][1]


def knows(side, calls=None):
    """A server that judges as the crowd did, nine times in ten."""

    def behave(call):
        if calls is not None:
            calls.append(call.text)
        if "category" in call.schema["properties"]:
            return Say(json.dumps(ABOUT))
        first, second = shown(call.text, 1), shown(call.text, 2)
        wins = side[first, second] if (first, second) in side else -side[second, first]
        noise = np.random.default_rng(abs(hash(tuple(sorted((first, second))))) % 2**32).random() < 0.1
        better = 1 if (wins > 0) != noise else 2
        return Say(json.dumps({"overall": {"chosen": f"response_{better}", "strength": 1}}))

    return behave


@pytest.fixture
def serve(settings, tmp_path):
    def write(server):
        row = {
            "name": "scripted",
            "client": "openai_compatible",
            "url": server.url,
            "model": "m",
            "timeout": 5,
            **PRICES,
        }
        settings.MODEL_SERVERS = tmp_path / "servers.yaml"
        settings.MODEL_SERVERS.write_text(yaml.safe_dump({"endpoints": [row]}))

    return write


def run_through(campaign, world, project, side):
    """To its end, with people who answer; returns the states on the way."""
    states = []
    while True:
        work()
        campaign.refresh_from_db()
        states.append(campaign.state)
        if campaign.state != "waiting":
            return states
        answer_all(world, project, side)
        services.enqueue(campaign=campaign)


def test_judges_see_what_people_answered_and_make_the_labels_better(few_doubtful, small_models, serve, world):
    project, version, side = few_doubtful
    calls = []
    with JudgeServer(knows(side, calls)) as server:
        serve(server)
        plan = PLAN.replace("BUDGET", "1")
        campaign = services.start(project=project, plan=plan, version=version, user=world.owner)
        assert run_through(campaign, world, project, side) == ["waiting", "waiting", "done"]
        bill = server.bill.cost(**PRICES)
    assert campaign.spent == pytest.approx(bill)
    assert max(Counter(calls).values()) == 1  # nothing was paid for twice, over all the steps
    assert share_right(campaign.version, side) > share_right(version, side) + 0.15

    judged = [text for text in calls if "About this pair (opinion)" in text]
    assert judged
    assert all("Guidelines of the project" in text for text in judged)
    with_examples = [text for text in judged if "answer_of_people" in text]
    assert with_examples
    assert {len(re.findall(r"<example_\d+_answer_of_people", text)) for text in with_examples} == {8}
    seed = campaign.rounds.get(number=0).figures
    assert (seed["given"], seed["answered"]) == (40, 20)


def test_the_budget_is_never_passed_and_what_it_did_not_pay_for_gets_no_label(few_doubtful, small_models, serve, world):
    project, version, side = few_doubtful
    with JudgeServer(knows(side)) as server:
        serve(server)
        plan = PLAN.replace("BUDGET", "0.05").replace(
            "attributes: {use: judged, endpoint: scripted, max_tokens: 400}", ""
        )
        campaign = services.start(project=project, plan=plan, version=version, user=world.owner)
        assert run_through(campaign, world, project, side)[-1] == "done"
        bill = server.bill.cost(**PRICES)
    assert campaign.spent == pytest.approx(bill)
    assert 0.02 < bill <= 0.05
    seed = campaign.rounds.get(number=0).figures
    assert 0 < seed["labelled"] < seed["given"]


def test_a_server_that_is_gone_stops_the_campaign_which_goes_on_later(few_doubtful, small_models, serve, world):
    project, version, side = few_doubtful
    is_up, good = [True], knows(side)
    with JudgeServer(lambda call: good(call) if is_up[0] or call.number < 130 else Fail(404)) as server:
        serve(server)
        campaign = services.start(project=project, plan=PLAN.replace("BUDGET", "1"), version=version, user=world.owner)
        is_up[0] = False
        job = Job.objects.get(handler="campaign_step")
        jobs.run(job.pk)
        campaign.refresh_from_db()
        assert campaign.state == "failed"
        assert "brought no answer" in campaign.error
        spent = campaign.spent
        is_up[0] = True
        services.enqueue(campaign=campaign)
        assert run_through(campaign, world, project, side)[-1] == "done"
        assert campaign.spent == pytest.approx(server.bill.cost(**PRICES))
        assert campaign.spent > spent


def test_a_server_that_nobody_named_is_told_at_once(few_doubtful, small_models, world, settings, tmp_path):
    from django.core.exceptions import ValidationError

    project, version, _ = few_doubtful
    settings.MODEL_SERVERS = tmp_path / "none.yaml"
    with pytest.raises(ValidationError, match="No such endpoint: scripted"):
        services.start(project=project, plan=PLAN.replace("BUDGET", "1"), version=version)
