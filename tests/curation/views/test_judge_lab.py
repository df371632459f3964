"""The pages of the judge lab and the budget planner: empty, computed, linked, refused; and the same by API."""

import html
import re

import pytest
from django.urls import reverse

from annotate.access.models import Role
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.models import Task
from curation.judging import lab, planning
from curation.models import CascadeStudy, StandingReport
from tests.judged import CHEAP, DEAR, judged
from tests.world import World

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{x}}"


def page(world, user, name="judge_lab", *args, **query):
    return world.client(user).get(reverse(name, args=[world.project.pk, *args]), query)


def done(handler):
    job = Job.objects.get(handler=handler)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def test_the_lab_is_empty_then_computed_then_outdated(world):
    assert "No figures yet" in page(world, world.owner).content.decode()
    judged(world)
    world.client(world.owner).post(reverse("compute_judge_lab", args=[world.project.pk]))
    done("judge_lab")
    shown = page(world, world.owner).content.decode()
    for words in ("Cheap Judge", "the ceiling", "What agreement costs", "as sure as they are right"):
        assert words in shown
    assert "have come in since" not in shown
    world.answer(world.owner)
    assert "have come in since" in page(world, world.owner).content.decode()
    assert page(world, world.owner, dimension="magic").status_code == 404
    assert page(world, world.owner, judge="magic").status_code == 200


def test_figures_open_their_pairs_for_reviewers_only(world):
    judged(world)
    lab.compute(project=world.project, question="preference")
    shown = page(world, world.owner).content.decode()
    links = {html.unescape(found) for found in re.findall(r'"(/[^"]*/judges/lab/pairs/[^"]*)"', shown)}
    assert len(links) > 5
    for link in links:
        answer = world.client(world.owner).get(link.replace("\\u0026", "&"))
        assert answer.status_code == 200
        assert answer.context["form"].is_valid(), link
        assert answer.context["page"].paginator.count or "show=" in link, link
    assert "/judges/lab/pairs/" not in page(world, world.members[Role.VIEWER]).content.decode()
    wrong = page(world, world.owner, "judge_lab_cases", judge=CHEAP, show="wrong")
    assert wrong.context["page"].paginator.count
    assert reverse("task", args=[world.project.pk, wrong.context["rows"][0]["task"].pk]) in wrong.content.decode()
    assert "No pairs" in page(world, world.owner, "judge_lab_cases", judge="magic").content.decode()


def test_the_planner_is_asked_what_if_and_makes_a_plan(world):
    owner = world.client(world.owner)
    assert "No cascade studied yet" in page(world, world.owner, "budget_planner").content.decode()
    judged(world)
    owner.post(reverse("study_budget", args=[world.project.pk]), {"people_cost": "2", "delta": "0.05"})
    done("cascade")
    low = page(world, world.owner, "budget_planner", promise="0.8", budget="6")
    assert low.context["promise"] == 0.8
    assert "can be promised" in low.content.decode()
    high = page(world, world.owner, "budget_planner", promise="0.99", budget="6")
    assert "cannot be promised" in high.content.decode()
    assert high.context["plan"]["to_ask"] == 40
    assert high.context["short"] == 34
    nonsense = page(world, world.owner, "budget_planner", promise="x", budget="-1")
    assert (nonsense.context["promise"], nonsense.context["budget"]) == (0.85, 200)
    assert "Shown: 85 % and 200 answers" in nonsense.content.decode()
    study = CascadeStudy.objects.get()
    apply = reverse("apply_budget", args=[world.project.pk, study.pk])
    answer = owner.post(apply, {"promise": "0.99", "budget": "6"}, follow=True)
    assert "3 tasks now come first" in answer.content.decode()
    assert answer.context["promise"] == 0.99, "the address keeps what was chosen"
    assert Task.objects.filter(priority__gt=0).count() == 3
    assert "Choose a promised agreement" in owner.post(apply, {"promise": "9"}, follow=True).content.decode()
    study.path.unlink()
    assert (
        "Study the cascade again" in owner.post(apply, {"promise": "0.8", "budget": "6"}, follow=True).content.decode()
    )


def test_a_study_that_is_wrong_is_told(world):
    judged(world, count=4, labelled=2)
    answer = world.client(world.owner).post(
        reverse("study_budget", args=[world.project.pk]),
        {"people_cost": "-1", "delta": "0.05", "judges": ["magic"]},
        follow=True,
    )
    assert "Money for one answer by people" in answer.content.decode()
    assert "magic is not one of the available choices" in answer.content.decode()
    assert not Job.objects.exists()


def test_studies_of_other_projects_are_not_found(world):
    judged(world, count=4, labelled=2)
    study = planning.study(project=world.project, question="preference")
    other = world.make_project("Other")
    assert world.client(world.owner).post(reverse("apply_budget", args=[other.pk, study.pk])).status_code == 404


def test_by_api(world):
    judged(world)
    call = {"headers": world.token(world.owner), "content_type": "application/json"}
    client = world.client(None)
    wanted = {"question": "preference"}
    assert client.post(reverse("api-judge-lab-list", args=[world.project.pk]), wanted, **call).status_code == 202
    done("judge_lab")
    report = StandingReport.objects.get()
    address = reverse("api-judge-lab-pairs", args=[world.project.pk, report.pk])
    found = client.get(address, {"judge": CHEAP, "show": "wrong"}, headers=call["headers"]).json()
    assert found["count"] == len(lab.cases(report, "", judge=CHEAP, show="wrong"))
    assert client.get(address, {"judge": CHEAP, "show": "x"}, headers=call["headers"]).status_code == 400
    cascades = reverse("api-cascade-list", args=[world.project.pk])
    refused = client.post(cascades, wanted | {"dimension": "x"}, **call)
    assert (refused.status_code, list(refused.json())) == (400, ["dimension"])
    assert client.post(cascades, wanted | {"judges": [DEAR]}, **call).status_code == 202
    done("cascade")
    study = CascadeStudy.objects.get()
    plan = reverse("api-cascade-plan", args=[world.project.pk, study.pk])
    assert client.post(plan, {"promise": 2, "budget": 1}, **call).status_code == 400
    assert client.post(plan, {"promise": 0.99, "budget": 4}, **call).json() == {"tasks": 2}


def test_hostile_texts_stay_texts(db):
    world = World(lambda words: f"{NASTY} {words}"[:100] if words != "user" else words)
    judged(world)
    lab.compute(project=world.project, question="preference")
    planning.study(project=world.project, question="preference")
    for answer in (
        page(world, world.owner), page(world, world.owner, "budget_planner"),
        page(world, world.owner, "judge_lab_cases", judge=CHEAP),
    ):  # fmt: skip
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()
