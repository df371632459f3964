"""What the pages of managers and reviewers do."""

import json
import re

import pytest
from django.urls import reverse

from annotate import services
from annotate.access.models import ApiToken, Role, User
from annotate.models import Annotation, Project
from tests.world import QUESTIONS


@pytest.fixture
def client(world):
    return world.client(world.owner)


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# ---- home and projects ----


def test_home_shows_projects_with_progress(world, client):
    world.annotation  # noqa: B018
    page = client.get("/").content.decode()
    assert "Which answer helps" in page
    assert "1 of 12" in page
    assert "You have answered 1 task." in page


def test_home_of_an_annotator_leads_to_the_work_and_tells_nothing_of_others(world):
    world.annotation  # noqa: B018
    page = world.client(world.members[Role.ANNOTATOR]).get("/").content.decode()
    assert reverse("workbench", args=[world.project.pk]) in page
    assert reverse("tasks", args=[world.project.pk]) not in page
    assert "1 of 12" not in page
    assert "New project" not in page


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("outsider", "Make the first project"),
        ("nobody", "You belong to no organisation"),
        ("viewer", "Nothing has been"),
    ],
)
def test_empty_home_says_what_to_do(world, who, said):
    world.project.delete()
    user = {
        "outsider": world.outsider,
        "nobody": User.objects.create_user("n@x.example"),
        "viewer": world.members["viewer"],
    }[who]
    assert said in world.client(user).get("/").content.decode()


def test_a_project_from_a_preset(world, client):
    given = {
        "organisation": world.organisation.pk,
        "name": "Edits",
        "preset": "edits",
        "overlap": 4,
        "guidelines": "# G",
    }
    answer = client.post(reverse("new_project"), given)
    project = Project.objects.get(name="Edits")
    assert answer["Location"] == reverse("dashboard", args=[project.pk])
    assert (project.overlap, project.guidelines, project.form.questions.first().kind) == (4, "# G", "pairwise")
    assert len(project.form.questions.first().settings["dimensions"]) == 3
    assert "Nothing to judge yet" in client.get(answer["Location"]).content.decode()


def test_a_project_with_questions_of_its_own(world, client):
    given = {"organisation": world.organisation.pk, "name": "Own", "preset": "plain", "overlap": 1}
    client.post(reverse("new_project"), {**given, "questions": json.dumps(QUESTIONS)})
    assert Project.objects.get(name="Own").form.questions.count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Which answer helps"}, "already exists"),
        ({"overlap": 0}, "greater than or equal to 1"),
        ({"questions": "{"}, "valid JSON"),
        ({"questions": "{}"}, "list of questions"),
        ({"questions": '[{"name": "a", "kind": "telepathy", "title": "?"}]'}, "telepathy"),
        ({"preset": "none"}, "valid choice"),
    ],
)
def test_a_wrong_project_is_refused_at_its_field(world, client, wrong, said):
    given = {"organisation": world.organisation.pk, "name": "New", "preset": "plain", "overlap": 1}
    answer = client.post(reverse("new_project"), given | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Project.objects.count() == 1


def test_no_project_in_somebody_elses_organisation(world, client):
    given = {"organisation": world.elsewhere.pk, "name": "New", "preset": "plain", "overlap": 1}
    assert client.post(reverse("new_project"), given).status_code == 422
    assert not world.elsewhere.projects.exists()


def test_settings_are_saved(world, client):
    url = reverse("project_settings", args=[world.project.pk])
    given = {"name": "Renamed", "overlap": 3, "lease_minutes": 5, "guidelines": "New", "shuffle": "on"}
    assert client.post(url, given).status_code == 302
    project = Project.objects.get()
    assert (project.name, project.lease_minutes, project.blind, project.shuffle) == ("Renamed", 5, False, True)
    assert set(project.tasks.values_list("overlap", flat=True)) == {3}
    answer = client.post(url, given | {"overlap": 1000})
    assert answer.status_code == 422
    assert "Renamed" in answer.content.decode()


def test_a_new_form_by_page(world, client):
    url = reverse("project_form", args=[world.project.pk])
    assert client.post(url, {"questions": json.dumps(QUESTIONS[:1])}).status_code == 302
    assert world.project.form.version == 2
    answer = client.post(url, {"questions": '[{"name": "b", "kind": "binary", "title": "?"}]'})
    assert answer.status_code == 422
    assert "2 responses each" in answer.content.decode()


def test_pause_and_open_again(world, client):
    url = reverse("pause_project", args=[world.project.pk])
    client.post(url, {"paused": 1})
    assert Project.objects.get().is_paused
    assert "This project is paused" in client.get(reverse("workbench", args=[world.project.pk])).content.decode()
    client.post(url, {"paused": 0})
    assert not Project.objects.get().is_paused


# ---- tasks ----


def listed(client, world, **query):
    answer = client.get(reverse("tasks", args=[world.project.pk]), query)
    assert answer.status_code == 200
    return [
        int(pk)
        for pk in re.findall(r'<th scope="row" class="shrink"><a href="[^"]*/tasks/(\d+)/"', answer.content.decode())
    ]


def test_filters(world, client):
    tasks = list(world.project.tasks.order_by("pk").values_list("pk", flat=True))
    world.annotation, world.late  # noqa: B018
    world.flag  # noqa: B018
    first = tasks[0]
    world.answer(world.members[Role.REVIEWER])
    assert listed(client, world) == tasks
    assert listed(client, world, state="finished") == [first]
    assert listed(client, world, state="waiting") == tasks[1:]
    assert listed(client, world, flagged=1) == [first]
    assert listed(client, world, late=1) == [first]
    assert listed(client, world, check=1) == tasks[-1:]
    assert listed(client, world, rater=world.owner.email) == [first]
    assert listed(client, world, rater="nobody") == []
    assert listed(client, world, q="Question 3") == [tasks[3]]
    assert listed(client, world, q="second 2") == [tasks[2]]
    assert listed(client, world, q="ITEM-4") == [tasks[4]]
    assert listed(client, world, sort="-task") == tasks[::-1]
    assert listed(client, world, sort="-answers")[0] == first
    assert listed(client, world, q="Question", state="waiting", sort="-item") == tasks[:0:-1]


def test_search_finds_words_outside_of_ascii(world, client):
    services.add_items(
        project=world.project,
        items=[
            services.NewItem(
                external_id="ü",
                prompt=[{"role": "user", "content": "Wie groß ist die Erde? 地球"}],
                responses=(services.NewResponse(text="a"), services.NewResponse(text="b")),
            )
        ],
    )
    (task,) = world.project.tasks.filter(item__external_id="ü").values_list("pk", flat=True)
    assert listed(client, world, q="groß") == [task]
    assert listed(client, world, q="地球") == [task]


@pytest.mark.parametrize(
    "query", ["state=odd", "sort=password", "page=99", "page=x", "flagged=maybe", "raters=one", "q=%00"]
)
def test_odd_queries_are_no_fault(world, client, query):
    assert client.get(f"{reverse('tasks', args=[world.project.pk])}?{query}").status_code == 200


def test_the_filter_survives_in_links(world, client):
    world.add_items(60, start=100)
    page = client.get(reverse("tasks", args=[world.project.pk]), {"q": "Question", "sort": "-task"}).content.decode()
    assert "?q=Question&amp;sort=-task&amp;page=2" in page


def test_where_two_raters_differ(world, client):
    """The click through from a cell of the agreement matrix; names may hold a comma."""
    tasks = list(world.project.tasks.order_by("pk"))
    raters = services.raters(
        organisation=world.organisation, kind="language_model", names=["judge, the first", "other"]
    )
    places = {"judge, the first": [0, 0, 1, 0], "other": [0, 1, 0, 0]}
    for name, rater in raters.items():
        services.add_annotations(
            form=world.project.form,
            annotations=[
                services.NewAnnotation(task=task, rater=rater, answers=world.answers(task, place))
                for task, place in zip(tasks, places[name], strict=False)
            ],
            status="unasked",
        )
    both = {"raters": "judge, the first,other"}
    assert listed(client, world, **both) == [task.pk for task in tasks[:4]]
    assert listed(client, world, **both, differ=1) == [tasks[1].pk, tasks[2].pk]
    assert listed(client, world, **both, differ=1, question="preference") == [tasks[1].pk, tasks[2].pk]
    assert listed(client, world, **both, differ=1, question="reason") == []
    assert listed(client, world, raters="judge, the first,nobody", differ=1) == []


def test_a_reviewer_sees_all_answers_with_models_and_revisions(world, client):
    annotation = world.annotation
    from annotate import queue

    queue.submit(
        task=annotation.task,
        rater=annotation.rater,
        answers={"preference": {"overall": {"chosen": "tie", "strength": 0}}},
        submission="6f0c2f9e-8b67-4d51-9d6c-4e3a3b4f6a10",
    )
    said = text_of(client.get(reverse("task", args=[world.project.pk, annotation.task_id])))
    assert "model-one" in said
    assert "Owner person revision 2" in said
    assert "Which is better? tie" in said
    assert "1 earlier Revision 1" in said
    assert "A better" in said
    assert "gold: b" in said


def test_count_a_late_answer_and_resolve_a_flag_by_page(world, client):
    late = world.late
    answer = client.post(reverse("count_late", args=[world.project.pk, late.pk]))
    assert answer["Location"] == reverse("task", args=[world.project.pk, late.task_id])
    assert Annotation.objects.get(pk=late.pk).status == "counted"
    client.post(reverse("resolve_flag", args=[world.project.pk, world.flag.pk]))
    world.flag.refresh_from_db()
    assert world.flag.resolved_by == world.owner
    other = world.make_project("other")
    assert client.post(reverse("count_late", args=[other.pk, late.pk])).status_code == 404
    assert client.post(reverse("resolve_flag", args=[other.pk, world.flag.pk])).status_code == 404


def test_pages_of_ten_thousand_tasks_take_few_queries(world, client, django_assert_max_num_queries):
    world.add_items(120, start=1000)
    with django_assert_max_num_queries(20):
        client.get(reverse("tasks", args=[world.project.pk]))


# ---- jobs ----


def test_a_live_job_polls_and_the_end_refreshes_the_page(world, client):
    status = reverse("job_status", args=[world.job.pk])
    answer = client.get(status)
    assert "hx-get" in answer.content.decode()
    assert "HX-Refresh" not in answer
    world.job.state = "done"
    world.job.save()
    assert client.get(status)["HX-Refresh"] == "true"
    assert reverse("tasks", args=[world.project.pk]) in client.get(status).content.decode(), "where it leads to"


def test_cancel_by_page(world, client):
    assert "Stopping" in client.post(reverse("job_cancel", args=[world.job.pk])).content.decode()
    world.job.refresh_from_db()
    assert world.job.cancel_requested
    viewer = world.client(world.members["viewer"])
    assert (
        reverse("job_cancel", args=[world.job.pk])
        not in viewer.get(reverse("job_status", args=[world.job.pk])).content.decode()
    )


def test_a_traceback_is_for_managers(world, client):
    world.job.state, world.job.result = "failed", {"traceback": "line 7 of secret.py", "rows": 3}
    world.job.save()
    url = reverse("job", args=[world.job.pk])
    assert "secret.py" in client.get(url).content.decode()
    viewers = world.client(world.members["viewer"]).get(url).content.decode()
    assert "secret.py" not in viewers
    assert "rows" in viewers


# ---- people, tokens, passwords ----


def test_somebody_new_chooses_a_password_before_anything_else(world, client):
    add = reverse("add_person", args=[world.organisation.pk])
    answer = client.post(add, {"email": "new@quarry.example", "role": "annotator"})
    password = re.search(r'class="secret">([^<]+)<', answer.content.decode())[1]
    assert answer["Cache-Control"] == "no-store"
    assert password not in client.get(reverse("people", args=[world.organisation.pk])).content.decode()

    new = world.client(None)
    new.post(reverse("login"), {"username": "new@quarry.example", "password": password})
    page = reverse("password")
    for url in ("/", reverse("workbench", args=[world.project.pk]), "/api/v1/projects/"):
        assert new.get(url)["Location"] == page
    own = "a-word-of-my-own-7"
    new.post(page, {"old_password": password, "new_password1": own, "new_password2": own})
    assert new.get("/").status_code == 200
    assert not User.objects.get(email="new@quarry.example").must_change_password


def test_roles_by_page(world, client):
    membership = world.organisation.memberships.get(user=world.members["viewer"])
    client.post(reverse("change_role", args=[world.organisation.pk, membership.pk]), {"role": "reviewer"})
    membership.refresh_from_db()
    assert membership.role == "reviewer"
    answer = client.post(
        reverse("change_role", args=[world.organisation.pk, membership.pk]), {"role": "king"}, follow=True
    )
    assert "There is no role" in answer.content.decode()
    client.post(reverse("remove_person", args=[world.organisation.pk, membership.pk]))
    assert not world.organisation.memberships.filter(pk=membership.pk).exists()


def test_a_member_elsewhere_cannot_be_changed_from_here(world, client):
    theirs = world.elsewhere.memberships.get()
    for name in ("change_role", "remove_person"):
        assert client.post(reverse(name, args=[world.organisation.pk, theirs.pk])).status_code == 404
    assert world.elsewhere.memberships.get().role == "owner"


def test_a_token_is_shown_once_and_works_until_it_is_revoked(world):
    client = world.client(world.members[Role.ANNOTATOR])
    page = client.post(reverse("add_token", args=[world.organisation.pk]), {"name": "mine"}).content.decode()
    plain = re.search(r'class="secret">(ts_[^<]+)<', page)[1]
    assert plain not in client.get(reverse("people", args=[world.organisation.pk])).content.decode()
    program, headers = world.client(None), {"Authorization": f"Bearer {plain}"}
    assert program.get("/api/v1/projects/", headers=headers).json()["count"] == 1
    token = ApiToken.objects.get()
    client.post(reverse("revoke_token", args=[world.organisation.pk, token.pk]))
    assert program.get("/api/v1/projects/", headers=headers).status_code == 401


def test_a_token_cannot_have_scopes_that_its_maker_lacks(world):
    client = world.client(world.members[Role.ANNOTATOR])
    answer = client.post(reverse("add_token", args=[world.organisation.pk]), {"name": "more", "scopes": ["administer"]})
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_annotators_do_not_see_who_else_is_there(world):
    page = world.client(world.members[Role.ANNOTATOR]).get(reverse("people", args=[world.organisation.pk]))
    for user in (world.owner, world.members["viewer"]):
        assert user.email not in page.content.decode()


def test_signing_in_does_not_mind_capitals(world):
    client = world.client(None)
    answer = client.post(reverse("login"), {"username": "Owner@Quarry.Example", "password": "right-horse"})
    assert answer["Location"] == "/"
    again = world.client(None).post(
        reverse("login") + "?next=https://evil.example/",
        {"username": "owner@quarry.example", "password": "right-horse"},
    )
    assert again["Location"] == "/"


def test_nothing_is_changed_without_a_csrf_token(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    for url, args in (("pause_project", [world.project.pk]), ("add_token", [world.organisation.pk])):
        assert client.post(reverse(url, args=args), {"paused": 1, "name": "x"}).status_code == 403
    task = world.held.task_id
    url = reverse("submit", args=[world.project.pk, task])
    assert client.post(url, "{}", content_type="application/json").status_code == 403
