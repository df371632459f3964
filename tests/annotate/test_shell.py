"""What every page carries: tabs and menus by role, and error pages that say what is wrong."""

import re

import pytest
from django.urls import reverse

from annotate.access.models import Role
from annotate.navigation import tabs


def tab_titles(page):
    nav = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", nav[0]) if nav else []


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        (Role.OWNER, {"Dashboard", "Label", "Tasks", "Jobs", "Settings"}, set()),
        (Role.REVIEWER, {"Dashboard", "Label", "Tasks", "Jobs"}, {"Settings", "Import"}),
        (Role.VIEWER, {"Dashboard", "Jobs"}, {"Label", "Tasks", "Settings", "Import"}),
    ],
)
def test_tabs_are_those_that_one_may_open(world, role, seen, hidden):
    client = world.client(world.members[role])
    titles = set(tab_titles(client.get(reverse("dashboard", args=[world.project.pk])).content.decode()))
    assert seen <= titles
    assert not hidden & titles
    page = client.get(reverse("dashboard", args=[world.project.pk])).content.decode()
    for url in re.findall(r'href="([^"]+)"', re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)[0]):
        assert client.get(url).status_code == 200, "no tab leads to a wall"


@pytest.mark.parametrize(
    ("path", "active"), [("", "Dashboard"), ("tasks/", "Tasks"), ("tasks/7/", "Tasks"), ("settings/", "Settings")]
)
def test_the_longest_path_lights_its_tab(world, rf, path, active):
    request = rf.get(f"/projects/{world.project.pk}/{path}")
    request.project, request.permissions = world.project, {"view", "review", "manage", "label"}
    assert [tab["title"] for tab in tabs(request) if tab["active"]] == [active]


def test_the_switcher_leads_everybody_to_a_page_of_theirs(world):
    for role in (Role.OWNER, Role.ANNOTATOR, Role.VIEWER):
        client = world.client(world.members[role])
        page = client.get("/").content.decode()
        menu = re.search(r'<details class="menu switch">.*?</details>', page, re.DOTALL)[0]
        for url in re.findall(r'href="([^"]+)"', menu):
            assert client.get(url).status_code == 200


def test_a_fragment_does_not_ask_for_the_menus(world, django_assert_max_num_queries):
    client = world.client(world.owner)
    client.get("/")
    with django_assert_max_num_queries(4):
        client.get(reverse("guidelines", args=[world.project.pk]))


def test_error_pages(world):
    client = world.client(world.owner)
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert "Which answer helps" in answer.content.decode(), "with the menu to get away"
    answer = world.client(world.members[Role.ANNOTATOR]).get(reverse("tasks", args=[world.project.pk]))
    assert answer.status_code == 403
    assert "You may not open this page" in answer.content.decode()
    assert world.client(None).get("/no/such/page").status_code == 404
    answer = world.client(None).get("/api/v1/no/such/path/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_a_project_in_the_address_of_another_stays_hidden(world):
    """An object's number under the address of a project that it does not belong to is not found."""
    other = world.make_project("other")
    client = world.client(world.owner)
    for url in (
        reverse("task", args=[other.pk, world.annotation.task_id]),
        reverse("own_task", args=[other.pk, world.annotation.task_id]),
        f"/api/v1/projects/{other.pk}/tasks/{world.annotation.task_id}/",
        f"/api/v1/projects/{other.pk}/annotations/{world.annotation.pk}/",
        f"/api/v1/projects/{other.pk}/items/{world.annotation.task.item_id}/",
    ):
        assert client.get(url).status_code == 404
