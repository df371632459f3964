"""The pages of prompts and skills: empty, started, with a verdict, switched, refused; nothing becomes markup."""

import pytest
from django.urls import reverse

from annotate.access.models import Role
from annotate.jobs.models import Job
from curation.judging import services, trials
from curation.models import JudgingSkill, Trial
from tests.judge_server import JudgeServer

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{x}}"
HELD_OUT = {
    "n": 60, "before": 0.6, "after": 0.9, "difference": 0.3, "low": 0.2, "high": 0.4, "righted": 20, "wronged": 2,
    "p": 0.001, "verdict": "real",
}  # fmt: skip


@pytest.fixture
def judge(world, settings, tmp_path):
    settings.MODEL_SERVERS = tmp_path / "servers.yaml"
    with JudgeServer() as server:
        settings.MODEL_SERVERS.write_text(
            f"endpoints: [{{name: scripted, client: openai_compatible, url: '{server.url}', model: m}}]"
        )
        yield services.create_judge(
            organisation=world.organisation,
            name="asks",
            method="pairwise",
            endpoint="scripted",
            prompt=f"Judge. {NASTY}",
        )


def finished(world, judge, what):
    trial = trials.start(what=what, judge=judge, project=world.project, question="preference")
    row = {"kept": True, "error": ""}
    if what == "prompt":
        rounds = [row | {"prompt": NASTY, "why": NASTY, "development": 0.9}]
        trial.figures = {"rounds": rounds, "before": 0.6, "n_development": 60, "held_out": HELD_OUT, "reason": ""}
    else:
        given = {"name": NASTY[:60], "when": NASTY, "instruction": NASTY, "category": NASTY}
        trial.figures = {"tries": [row | given | {"righted": 3, "wronged": 0}], "sizes": [50, 25, 25], "last": HELD_OUT}
        evidence = {"n": 25, "righted": 3, "wronged": 0}
        JudgingSkill.objects.create(judge=judge, trial=trial, evidence=evidence, **given)
    trial.verdict = "real"
    trial.save()
    return trial


def page(world, user, name="trials", *args):
    return world.client(user).get(reverse(name, args=[world.project.pk, *args]))


def test_a_trial_is_started_by_form(world, judge):
    shown = page(world, world.owner).content.decode()
    assert "No trials yet" in shown
    assert "asks v1" in shown
    given = {"what": "prompt", "judge": judge.pk, "question": "preference", "budget": "1.5", "rounds": "2"}
    start = reverse("start_trial", args=[world.project.pk])
    answer = world.client(world.owner).post(start, given)
    trial = Trial.objects.get()
    assert answer["Location"] == reverse("trial", args=[world.project.pk, trial.pk])
    assert (trial.settings, trial.run.budget, trial.meta_endpoint) == ({"rounds": 2}, 1.5, "scripted")
    assert "Rounds" in page(world, world.owner, "trial", trial.pk).content.decode()
    Job.objects.all().delete()
    refused = world.client(world.owner).post(start, given | {"budget": "-1", "judge": 10**6})
    assert refused.status_code == 200
    assert set(refused.context["form"].errors) == {"budget", "judge"}
    assert not Job.objects.exists()


@pytest.mark.parametrize("what", ["prompt", "skills"])
def test_what_a_model_wrote_stays_text(world, judge, what):
    trial = finished(world, judge, what)
    for answer in (page(world, world.owner), page(world, world.owner, "trial", trial.pk)):
        shown = answer.content.decode()
        assert "a real gain" in shown
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
    assert "[0.200, 0.400]" in shown


def test_skills_are_switched_by_those_who_manage(world, judge):
    finished(world, judge, "skills")
    skill = JudgingSkill.objects.get()
    switch = reverse("switch_skill", args=[world.project.pk, skill.pk])
    world.client(world.owner).post(switch, {"on": "1"})
    skill.refresh_from_db()
    assert skill.is_on
    assert switch not in page(world, world.members[Role.VIEWER]).content.decode()
    world.client(world.owner).post(switch, {"on": "0"})
    skill.refresh_from_db()
    assert not skill.is_on
    other = world.make_project("Other")
    assert world.client(world.owner).post(reverse("switch_skill", args=[other.pk, skill.pk])).status_code == 404


def test_by_api(world, judge):
    call = {"headers": world.token(world.owner), "content_type": "application/json"}
    client = world.client(None)
    address = reverse("api-judge-trial-list", args=[world.project.pk])
    for wrong, field in (
        ({"judge": 10**6}, "judge"),
        ({"question": "magic"}, "question"),
        ({"meta_endpoint": "x"}, "meta_endpoint"),
    ):
        answer = client.post(address, {"judge": judge.pk, "question": "preference"} | wrong, **call)
        assert (answer.status_code, list(answer.json())) == (400, [field])
    made = client.post(address, {"judge": judge.pk, "question": "preference", "what": "skills"}, **call)
    assert made.status_code == 202
    assert Trial.objects.get().what == "skills"
