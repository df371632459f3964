"""What the form builder asks of the server: previews that leave nothing behind, and the versions that there were."""

import json

import pytest
from django.urls import reverse

from annotate import builder, feedback, services
from annotate.models import Form, Item, Project, Task
from tests.world import QUESTIONS


def asked(world, project=None, given=None, user=None):
    url = reverse("new_project_preview", args=[world.organisation.pk])
    url = reverse("project_form_preview", args=[project.pk]) if project else url
    body = {"questions": QUESTIONS if given is None else given}
    return world.client(user or world.owner).post(url, body, content_type="application/json")


def counts():
    return [model.objects.count() for model in (Project, Form, Item, Task)]


def test_a_preview_shows_the_projects_first_task_and_leaves_nothing(world):
    before, events = counts(), world.organisation.audit_events.count()
    reply = asked(world, world.project).json()
    assert reply["faults"] == []
    assert "Question 0" in reply["html"]
    assert 'data-question-name="preference"' in reply["html"]
    assert "model-one" not in reply["html"], "blind, as annotators are"
    assert [place["path"] for place in reply["places"]["preference"]] == ["overall/chosen", "overall/strength"]
    assert counts() == before
    assert world.organisation.audit_events.count() == events


@pytest.mark.parametrize("kind", feedback.names())
def test_a_preview_of_every_kind_without_items(world, kind):
    before = counts()
    for settings in ({}, *feedback.get(kind).PRESETS.values()):
        reply = asked(world, given=[{"name": "q", "kind": kind, "title": "?", "settings": settings}]).json()
        assert reply["faults"] == []
        assert f'data-feedback="{kind}"' in reply["html"]
    assert counts() == before


def test_a_preview_says_what_saving_would_say(world):
    binary = [{"name": "good", "kind": "binary", "title": "Good?"}]
    (fault,) = asked(world, world.project, binary).json()["faults"]
    assert fault["place"] == ""
    assert "2 responses each" in fault["message"]
    reply = asked(world, given=[{**QUESTIONS[0], "settings": {"labels": []}}, QUESTIONS[1]]).json()
    assert [fault["place"] for fault in reply["faults"]] == ["0/settings/labels"]
    assert list(reply["places"]) == ["reason"], "what is right so far can be spoken about"


@pytest.mark.parametrize("given", ["", {}, 3])
def test_a_preview_of_no_list_is_refused(world, given):
    assert asked(world, given=given).status_code == 400


@pytest.mark.parametrize("given", [["pairwise"], [None], [[]], [{}], [{"name": [], "kind": {}, "title": 1}]])
def test_a_preview_of_anything_else_has_faults(world, given):
    reply = asked(world, given=given).json()
    assert reply["html"] == ""
    assert reply["faults"]


def test_versions_say_what_changed_and_how_many_answered(world):
    world.answer()
    first, second = world.project.form.spec
    services.create_form(project=world.project, questions=[first, {**second, "required": True}])
    newest, oldest = builder.form_versions(world.project)
    assert (newest["answers"], newest["is_asked"]) == (0, True)
    assert [tuple(change) for change in newest["changes"]] == [("changed", "Why?", "required", "false", "true")]
    assert (oldest["answers"], oldest["is_asked"], oldest["changes"]) == (1, False, None)
    page = world.client(world.owner).get(reverse("project_form", args=[world.project.pk])).content.decode()
    assert "1 annotation" in page
    assert "asked now" in page


def test_the_page_keeps_what_was_refused(world):
    url = reverse("project_form", args=[world.project.pk])
    wrong = [{**QUESTIONS[0], "title": "", "name": "kept"}]
    answer = world.client(world.owner).post(url, {"questions": json.dumps(wrong)})
    assert answer.status_code == 422
    assert answer.context["faults"][0]["place"] == "0/title"
    assert "&quot;kept&quot;" in answer.content.decode()


def test_the_api_takes_and_gives_conditions(world):
    condition = {"question": "preference", "path": "overall/chosen", "not_in": ["tie"]}
    body = {
        "organisation": world.organisation.pk,
        "name": "By API",
        "questions": [QUESTIONS[0], {**QUESTIONS[1], "condition": condition}],
    }
    made = world.client(world.owner).post(reverse("api-project-list"), body, content_type="application/json").json()
    assert [question["condition"] for question in made["questions"]] == [{}, condition]
