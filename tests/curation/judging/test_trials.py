"""Trials over the database and a scripted server: a new version where a rewrite helps, skills, and the budget."""

import json

import pytest
from django.core.exceptions import ValidationError

from annotate.models import Annotation
from curation.judging import library, services, trials
from curation.models import Judge, JudgeCall, JudgingSkill, Trial
from tests.judge_server import Call, JudgeServer, Say
from tests.judged import judged

pytestmark = pytest.mark.django_db
PHRASE = "the second one wins"


@pytest.fixture
def decided(world):
    """Forty pairs on which people chose what was written second in the item."""
    judged(world, count=40, labelled=40)
    for row in Annotation.objects.filter(status="counted"):
        answer = {"overall": {"chosen": row.task.responses[1], "strength": 1}}
        Annotation.objects.filter(pk=row.pk).update(answers={"preference": answer})
    world.project.items.update(gold="")


def behave(call: Call, helps: bool = True) -> Say:
    """As a meta judge it says the phrase; as a judge it follows it, and else takes what is shown first."""
    if "prompt" in call.schema["properties"]:
        return Say(json.dumps({"why": "people like the second", "prompt": f"Judge the pair: {PHRASE}."}))
    if "instruction" in call.schema["properties"]:
        return Say(json.dumps({"name": "Second", "when": "question", "instruction": PHRASE}))
    texts = call.text.split("<response_")
    place = next(n for n in (0, 1) if "second" in texts[-2 + n]) if helps and PHRASE in call.text else 0
    choices = call.schema["properties"]["overall"]["properties"]["chosen"]["enum"]
    return Say(json.dumps({"overall": {"chosen": choices[place], "strength": 1}}))


def done(trial: Trial) -> Trial:
    """As its job does it, without the job's heartbeat, which would wait for the test's transaction."""
    return trials.run_trial(trial=Trial.objects.get(pk=trial.pk))


def begun(world, make_judge, what="prompt", **more):
    judge = make_judge(settings={"max_tokens": 64}, prompt="Judge the pair.")
    given = {"what": what, "judge": judge, "project": world.project, "question": "preference", "budget": 1}
    return trials.start(**(given | more))


def test_a_rewrite_that_helps_becomes_the_next_version(world, decided, endpoint_file, make_judge):
    with JudgeServer(behave) as server:
        endpoint_file(server)
        trial = done(begun(world, make_judge))
        requests = server.bill.requests
        done(trial)
        assert server.bill.requests == requests, "what was paid for is not asked again"
    assert trial.verdict == "real"
    assert trial.figures["held_out"]["low"] > 0
    assert trial.best.parent == trial.judge
    assert (trial.best.version, trial.best.prompt) == (2, f"Judge the pair: {PHRASE}.")
    assert "real" in trial.best.note
    assert Judge.objects.filter(name="tester").count() == 2
    trial.run.refresh_from_db()
    assert trial.run.end == "finished"
    assert trial.run.spent == pytest.approx(server.bill.cost(1, 3))
    assert not Annotation.objects.filter(rater=trial.judge.rater).exists(), "a trial answers no task"


def test_a_prompt_that_does_not_matter_is_no_evidence(world, decided, endpoint_file, make_judge):
    with JudgeServer(lambda call: behave(call, helps=False)) as server:
        endpoint_file(server)
        trial = done(begun(world, make_judge, rounds=1))
    assert trial.verdict == "no evidence"
    assert trial.best is None


def test_a_budget_is_never_passed(world, decided, endpoint_file, make_judge):
    with JudgeServer(behave) as server:
        endpoint_file(server)
        trial = done(begun(world, make_judge, budget="0.05"))
    assert trial.verdict == "stopped"
    trial.run.refresh_from_db()
    assert (trial.run.end, trial.best) == ("budget", None)
    assert server.bill.cost(1, 3) <= 0.05
    assert JudgeCall.objects.filter(run=trial.run).exists()


def test_skills_are_grown_and_given_to_the_judge_once_they_are_on(world, decided, endpoint_file, make_judge):
    with JudgeServer(behave) as server:
        endpoint_file(server)
        trial = done(begun(world, make_judge, what="skills", rounds=2))
        skill = JudgingSkill.objects.get()
        assert (skill.name, skill.judge, skill.is_on) == ("Second", trial.judge, False)
        assert skill.evidence["righted"] >= 2
        assert trial.figures["last"]["righted"] > 0
        library.switch(skill=skill, on=True)
        run = services.start_run(
            judge=trial.judge, project=world.project, budget=1, question="preference", most_tasks=3
        )
        services.run_judge(run=run)
    rows = Annotation.objects.filter(rater=trial.judge.rater)
    assert rows.count() == 3
    assert {row.metadata["skills"][0] for row in rows} == {"Second"}
    assert all(row.answers["preference"]["overall"]["chosen"] == row.task.responses[1] for row in rows)


def test_what_cannot_be_tried_is_refused(world, endpoint_file, make_judge):
    with JudgeServer(behave) as server:
        endpoint_file(server)
        with pytest.raises(ValidationError, match="no model endpoint"):
            begun(world, make_judge, meta_endpoint="magic")
        rule = services.create_judge(organisation=world.organisation, name="rule", method="length")
        with pytest.raises(ValidationError, match="no instruction"):
            begun(world, make_judge, judge=rule)
        with pytest.raises(ValidationError, match="no such judge"):
            begun(world, make_judge, project=elsewhere(world))


def elsewhere(world):
    from annotate.services import create_project
    from tests.world import QUESTIONS

    return create_project(organisation=world.elsewhere, name="Elsewhere", questions=QUESTIONS)
