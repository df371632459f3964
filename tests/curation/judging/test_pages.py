"""The pages, the API and the command of judges."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from annotate.jobs import services as jobs
from annotate.models import Annotation
from curation.judging.services import create_judge
from curation.models import Judge, JudgeRun
from tests.curation.judging.conftest import chooses
from tests.judge_server import JudgeServer, Say

pytestmark = pytest.mark.django_db


def url(name, world, *more):
    return reverse(name, args=[world.project.pk, *more])


@pytest.fixture
def owner(world):
    return world.client(world.owner)


def test_a_judge_is_made_changed_and_run_by_page(world, owner, endpoint_file):
    assert "No judge yet" in owner.get(url("judges", world)).content.decode()
    assert "?method=pairwise" in owner.get(url("new_judge", world)).content.decode()
    with JudgeServer(
        lambda call: Say("<script>alert(1)</script>") if call.number % 4 == 0 else chooses(call)
    ) as server:
        endpoint_file(server, concurrency=1)
        page = url("new_judge", world) + "?method=pairwise"
        assert "careful and impartial" in owner.get(page).content.decode(), "the method's own instruction"
        data = {"name": "mine", "endpoint": "scripted", "prompt": "Be fair.", "setting-samples": 1}
        data |= {"setting-temperature": 0, "setting-inconsistent": "undecided", "setting-max_tokens": 64}
        wrong = owner.post(page, data | {"setting-max_tokens": 1})
        assert wrong.status_code == 200
        assert "greater than or equal to 16" in wrong.content.decode()
        made = owner.post(page, data)
        judge = Judge.objects.get()
        assert made["Location"] == url("judge", world, judge.pk)
        assert (judge.prompt, judge.settings["max_tokens"], judge.created_by) == ("Be fair.", 64, world.owner)
        assert "There is a judge of this name" in owner.post(page, data).content.decode()

        newer = url("new_judge", world) + f"?of={judge.pk}"
        owner.post(newer, data | {"setting-max_tokens": 80, "note": "longer"})
        second = Judge.objects.get(version=2)
        assert (second.parent, second.note, second.settings["max_tokens"]) == (judge, "longer", 80)
        assert "longer" in owner.get(url("judge", world, judge.pk)).content.decode()

        fragment = owner.get(url("judge_estimate", world, judge.pk), {"budget": "0.0001", "question": "preference"})
        assert "6 tasks, 12 requests or more" in fragment.content.decode()
        assert "The budget will end it before" in fragment.content.decode()
        started = owner.post(url("start_judge", world, judge.pk), {"budget": "1", "question": "preference"})
        run = JudgeRun.objects.get()
        assert started["Location"] == url("judge_run", world, run.pk)
        assert "hx-get" in owner.get(url("judge_live", world, run.pk)).content.decode()
        jobs.run(run.job_id)
    live = owner.get(url("judge_live", world, run.pk))
    assert live["HX-Refresh"] == "true"
    assert "Finished" in live.content.decode()
    page = url("judge_run", world, run.pk)
    refused = owner.get(page, {"show": "refusals"}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in refused
    assert "<script>alert(1)" not in refused
    assert "What it said" in owner.get(page).content.decode()
    assert "What it said" not in world.client(world.members["viewer"]).get(page).content.decode(), "single answers"
    assert "mine v2" in owner.get(url("judges", world)).content.decode()


def test_a_rule_is_asked_for_no_budget(world, owner):
    settings = {"required": ["the", "and"], "whole_words": False}
    judge = create_judge(organisation=world.organisation, name="rule", method="keywords", settings=settings)
    page = owner.get(url("judge", world, judge.pk)).content.decode()
    for name in ("budget", "budget_tokens", "in_batches"):
        assert f'name="{name}"' not in page
    assert "[&quot;the&quot;, &quot;and&quot;]" in page
    assert "<dd>false</dd>" in page
    assert "no request to a model server" in owner.get(url("judge_estimate", world, judge.pk)).content.decode()
    too_many = owner.post(url("start_judge", world, judge.pk), {"most_tasks": 10**17}).content.decode()
    assert "less than or equal to 2147483647" in too_many
    owner.post(url("start_judge", world, judge.pk), {"most_tasks": 2})
    run = JudgeRun.objects.get()
    jobs.run(run.job_id)
    page = owner.get(url("judge_run", world, run.pk)).content.decode()
    assert "Go on" in page
    assert 'name="budget"' not in page
    first = run.job_id
    owner.post(url("resume_judge", world, run.pk))
    run.refresh_from_db()
    assert run.job_id != first


def test_a_run_goes_on_with_a_larger_budget_by_page(world, owner, endpoint_file, start):
    with JudgeServer(chooses) as server:
        endpoint_file(server, concurrency=1)
        run = start(budget="0.002")
        jobs.run(run.job_id)
        assert "Ended: the budget is spent" in owner.get(url("judge_run", world, run.pk)).content.decode()
        owner.post(url("resume_judge", world, run.pk), {"budget": "x"})
        owner.post(url("resume_judge", world, run.pk), {"budget": "1"})
        run.refresh_from_db()
        jobs.run(run.job_id)
    run.refresh_from_db()
    assert (run.end, run.counts["answered"]) == ("finished", 6)


@pytest.mark.parametrize("name", ["judge", "judge_estimate"])
def test_judges_of_other_organisations_are_not_found(world, owner, name):
    from curation.judging.services import create_judge

    theirs = create_judge(organisation=world.elsewhere, name="theirs", method="length")
    assert owner.get(url(name, world, theirs.pk)).status_code == 404
    assert owner.get(url("new_judge", world) + f"?of={theirs.pk}").status_code == 404
    answer = owner.post(
        url("api-judge-run-list", world), {"judge": theirs.pk, "budget": "0"}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json() == {"judge": ["There is no such judge."]} or "judge" in answer.json()


def test_a_file_of_servers_that_is_wrong_is_told_on_the_pages(world, owner, settings, tmp_path):
    settings.MODEL_SERVERS = tmp_path / "servers.yaml"
    settings.MODEL_SERVERS.write_text("endpoints: [{name: a}]")
    for page in (url("judges", world), url("new_judge", world) + "?method=pairwise"):
        shown = owner.get(page)
        assert shown.status_code == 200
        assert "is wrong at endpoints/0" in shown.content.decode()


def test_by_api(world, owner, endpoint_file):
    with JudgeServer(chooses) as server:
        endpoint_file(server)
        body = {"name": "api", "method": "pairwise", "endpoint": "scripted"}
        post = {"content_type": "application/json"}
        refused = owner.post(url("api-judge-list", world), {**body, "settings": {"samples": 0}}, **post)
        assert refused.status_code == 400
        assert "samples" in json.dumps(refused.json()["settings"])
        assert "endpoint" in owner.post(url("api-judge-list", world), {**body, "endpoint": "gpt"}, **post).json()
        made = owner.post(url("api-judge-list", world), body, **post)
        assert made.status_code == 201, made.content
        run = owner.post(
            url("api-judge-run-list", world), {"judge": made.json()["id"], "budget": "0.5", "most_tasks": 2}, **post
        )
        assert run.status_code == 202, run.content
        jobs.run(run.json()["job"])
    found = owner.get(url("api-judge-run-detail", world, run.json()["id"])).json()
    assert (found["end"], found["counts"]["tasks"], found["budget"]) == ("finished", 2, 0.5)
    assert 0 < found["spent"] < 0.5


def test_by_command(world, endpoint_file, capsys):
    project = str(world.project.pk)
    with pytest.raises(CommandError, match="--method makes one"):
        call_command("judge", project, "cli")
    with pytest.raises(CommandError, match="--with takes names"):
        call_command("judge", project, "cli", "--method", "length", "--with", "3")
    call_command("judge", project, "cli", "--method", "length", "--with", "{most: 50}", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["end"], found["spent"], found["answered"]) == ("finished", 0.0, 6)
    rater = Judge.objects.get(name="cli").rater
    assert (rater.kind, Annotation.objects.filter(rater=rater).count()) == ("rule", 6)
