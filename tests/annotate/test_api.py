"""The API of collection: what it says, what it takes in, and its schema. Who may do what is test_permissions'."""

import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from annotate.access.models import ApiToken, Role
from annotate.models import Annotation, Project
from tests.world import QUESTIONS, png


@pytest.fixture
def api(world):
    """Requests with a token of somebody's."""

    def request(method, path, user=None, scopes=(), **body):
        client = world.client(None)
        headers = world.token(user or world.owner, *scopes)
        more = {"data": json.dumps(body), "content_type": "application/json"} if method != "get" else {"data": body}
        return getattr(client, method)(f"/api/v1/{path}", headers=headers, **more)

    return request


def test_the_schema_is_made_without_a_warning(tmp_path):
    path = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    schema = path.read_text()
    assert "/api/v1/projects/{project_id}/tasks/next/" in schema
    assert "http" in schema
    assert "bearer" in schema


def test_the_docs_page_names_every_operation_and_loads_nothing_from_elsewhere(world):
    page = world.client(world.owner).get(reverse("api_docs")).content.decode()
    assert "/api/v1/projects/{project_id}/annotations/" in page
    assert 'src="http' not in page
    assert "cdn" not in page.lower()


def test_projects_with_their_questions(world, api):
    answer = api("get", "projects/").json()
    (project,) = answer["results"]
    assert (answer["count"], project["name"]) == (1, "Which answer helps")
    assert [question["name"] for question in project["questions"]] == ["preference", "reason"]


def test_make_and_change_a_project(world, api):
    answer = api("post", "projects/", organisation=world.organisation.pk, name="By API", questions=QUESTIONS, overlap=2)
    assert answer.status_code == 201
    project = Project.objects.get(name="By API")
    assert api("patch", f"projects/{project.pk}/", is_paused=True, organisation=world.elsewhere.pk).status_code == 200
    project.refresh_from_db()
    assert (project.is_paused, project.organisation) == (True, world.organisation), "a project stays where it is"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Which answer helps"}, "__all__"),
        ({"questions": []}, "questions"),
        ({"questions": [{"name": "a", "kind": "telepathy", "title": "?"}]}, "questions"),
        ({"questions": [{"name": "a", "kind": "pairwise", "title": "?", "settings": {"labels": []}}]}, "questions"),
        ({"questions": [{"name": "a", "kind": "pairwise", "title": "?", "settings": {"a": "\0"}}]}, "questions"),
        ({"overlap": 0}, "overlap"),
        ({"organisation": 10**6}, "organisation"),
    ],
)
def test_a_wrong_project_is_refused_by_field(world, api, body, field):
    given = {"organisation": world.organisation.pk, "name": "New", "questions": QUESTIONS} | body
    answer = api("post", "projects/", **given)
    assert answer.status_code == 400
    assert field in answer.json()
    assert Project.objects.count() == 1


def test_progress(world, api):
    world.annotation  # noqa: B018
    assert api("get", f"projects/{world.project.pk}/progress/").json()["given"] == 1


def test_items_come_in_pages(world, api):
    answer = api("get", f"projects/{world.project.pk}/items/", page_size=4).json()
    assert (answer["count"], len(answer["results"])) == (6, 4)
    item = answer["results"][0]
    assert (item["external_id"], item["gold"], item["media"]) == ("item-0", "b", [world.image.ref])
    assert [response["model"] for response in item["responses"]] == ["model-one", "model-two"]
    assert api("get", f"projects/{world.project.pk}/items/", external_id="item-3").json()["count"] == 1


def test_lists_take_as_many_queries_for_a_hundred_as_for_one(world, api, django_assert_max_num_queries):
    world.add_items(110, start=100)
    for noun in ("items", "tasks"):
        with django_assert_max_num_queries(16):
            assert len(api("get", f"projects/{world.project.pk}/{noun}/", page_size=100).json()["results"]) == 100


def test_tasks_with_the_filters_of_the_page(world, api):
    world.annotation  # noqa: B018
    path = f"projects/{world.project.pk}/tasks/"
    assert api("get", path, state="begun").json()["count"] == 1
    assert api("get", path, check=True).json()["results"][0]["expected"]
    assert api("get", path, q="Question 2").json()["count"] == 1
    assert api("get", path, state="odd").status_code == 400


def test_a_program_labels_like_a_person(world, api):
    annotator = world.members[Role.ANNOTATOR]
    path = f"projects/{world.project.pk}"
    done = 0
    while (answer := api("post", f"{path}/tasks/next/", annotator)).status_code == 200:
        task = answer.json()
        assert set(task) == {
            "id", "lease_seconds", "is_revision", "answers", "prompt", "media", "responses", "questions"
        }  # fmt: skip
        assert "model-one" not in answer.content.decode()
        assert "item-" not in answer.content.decode()
        chosen = {"preference": {"overall": {"chosen": task["responses"][0]["key"], "strength": 1}}}
        body = {"task": task["id"], "submission": str(uuid.uuid4()), "answers": chosen, "seconds": 2}
        for _ in range(2):
            answer = api("post", f"{path}/annotations/", annotator, **body)
            assert (answer.status_code, answer.json()["status"]) == (201, "counted")
        assert answer.json()["shown"] == [response["key"] for response in task["responses"]]
        done += 1
    assert (answer.status_code, done) == (204, 6)
    assert Annotation.objects.count() == 6


def test_next_beside_what_is_at_hand_and_skip(world, api):
    path = f"projects/{world.project.pk}/tasks"
    first = api("post", f"{path}/next/").json()["id"]
    second = api("post", f"{path}/next/", beside=[first]).json()["id"]
    assert second != first
    assert api("post", f"{path}/{first}/skip/", reason="hard").status_code == 204
    assert api("post", f"{path}/next/").json()["id"] == second


def test_answers_that_do_not_fit_are_422_and_strangers_403(world, api):
    path = f"projects/{world.project.pk}/annotations/"
    body = {"task": world.held.task_id, "submission": str(uuid.uuid4())}
    answer = api("post", path, **body, answers={"preference": "A"})
    assert answer.status_code == 422
    assert "preference" in answer.json()["errors"]
    answers = world.answers(world.held.task)
    assert api("post", path, world.members[Role.ANNOTATOR], **body, answers=answers).status_code == 403
    assert api("post", path, **{**body, "task": 10**9}, answers=answers).status_code == 404
    assert api("post", path, **body, answers={"reason": "\0"}).status_code == 400


def test_annotations_for_reviewers(world, api):
    world.annotation, world.late  # noqa: B018
    path = f"projects/{world.project.pk}/annotations/"
    assert api("get", path).json()["count"] == 2
    (late,) = api("get", path, status="late").json()["results"]
    assert late["rater"] == world.members[Role.ADMIN].email
    assert api("get", path, rater__name=world.owner.email).json()["count"] == 1
    assert api("post", f"{path}{late['id']}/count/").json()["status"] == "counted"


def test_jobs_and_cancel(world, api):
    world.job.result = {"traceback": "secret", "rows": 1}
    world.job.save()
    (job,) = api("get", "jobs/", project=world.project.pk).json()["results"]
    assert (job["state"], job["result"]) == ("running", {"rows": 1})
    assert api("post", f"jobs/{job['id']}/cancel/").json()["cancel_requested"] is True
    assert api("get", "jobs/", world.members[Role.ANNOTATOR]).json()["count"] == 0


def test_upload_an_image(world):
    client, headers = world.client(None), world.token(world.owner)
    url = f"/api/v1/projects/{world.project.pk}/media/"

    def upload(content, name="a.png"):
        file = io.BytesIO(content)
        file.name = name
        return client.post(url, {"file": file}, headers=headers)

    answer = upload(png("blue"))
    assert (answer.status_code, answer.json()["width"]) == (201, 8)
    assert upload(png("blue")).json()["ref"] == answer.json()["ref"]
    for content in (b"<svg onload='alert(1)'/>", b"text"):
        refused = upload(content, "<b>.png")
        assert refused.status_code == 400
        assert "ccepted" in str(refused.json())
    assert client.post(url, {}, headers=headers).status_code == 400


def test_an_address_that_needs_no_sign_in(world):
    client, headers = world.client(None), world.token(world.owner)
    url = f"/api/v1/projects/{world.project.pk}/media/{world.image.digest}/signed/"
    found = client.get(url, {"seconds": 60}, headers=headers).json()
    answer = client.get(found["url"])
    assert b"".join(answer.streaming_content) == png()
    assert datetime.fromisoformat(found["expires_at"]) - datetime.now(UTC) < timedelta(seconds=61)
    for seconds in (0, -1, 10**9, "x"):
        assert client.get(url, {"seconds": seconds}, headers=headers).status_code == 400
    elsewhere = f"/api/v1/projects/{world.project.pk}/media/{'0' * 64}/signed/"
    assert client.get(elsewhere, headers=headers).status_code == 404


# ---- tokens ----


def test_a_scope_narrows_a_token(world, api):
    path = f"projects/{world.project.pk}"
    assert api("get", f"{path}/items/", scopes=["view"]).status_code == 200
    assert api("get", f"{path}/annotations/", scopes=["view"]).status_code == 403
    assert api("patch", f"{path}/", scopes=["view", "review"], overlap=3).status_code == 403
    assert api("post", f"{path}/tasks/next/", scopes=["view"]).status_code == 403
    assert api("get", "jobs/", scopes=["label"]).json()["count"] == 0


def test_a_token_of_one_organisation_opens_nothing_of_another(world, api):
    from annotate.access.services import add_member

    add_member(organisation=world.elsewhere, user=world.owner, role=Role.OWNER)
    from annotate.services import create_project

    theirs = create_project(organisation=world.elsewhere, name="Theirs", questions=QUESTIONS)
    assert [project["name"] for project in api("get", "projects/").json()["results"]] == ["Which answer helps"]
    assert api("get", f"projects/{theirs.pk}/items/").status_code == 404
    assert api("post", "projects/", organisation=world.elsewhere.pk, name="x", questions=QUESTIONS).status_code == 404


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: {"revoked_at": timezone.now()},
        lambda token: {"expires_at": timezone.now()},
        lambda token: {"digest": "0" * 64},
    ],
    ids=["revoked", "expired", "unknown"],
)
def test_tokens_that_are_no_longer_good(world, spoil):
    headers = world.token(world.owner)
    client = world.client(None)
    assert client.get("/api/v1/projects/", headers=headers).status_code == 200
    assert ApiToken.objects.get().last_used_at
    ApiToken.objects.update(**spoil(ApiToken.objects.get()))
    answer = client.get("/api/v1/projects/", headers=headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_who_left_cannot_use_a_token(world):
    headers = world.token(world.owner)
    world.owner.is_active = False
    world.owner.save()
    assert world.client(None).get("/api/v1/projects/", headers=headers).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer ts_\xff", "Token x", "Basic YTpi", "Bearer a b"])
def test_odd_headers_are_nobody(world, header):
    answer = world.client(None).get("/api/v1/projects/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_session_needs_the_csrf_token(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    answer = client.post(f"/api/v1/projects/{world.project.pk}/tasks/next/", "{}", content_type="application/json")
    assert answer.status_code == 403


# ---- bodies ----


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("[]", 400), ('{"task": NaN}', 400), ('{"a": ' + "[" * 9000 + "]" * 9000 + "}", 400)],
)
def test_bad_bodies(world, body, status):
    client, headers = world.client(None), world.token(world.owner)
    url = f"/api/v1/projects/{world.project.pk}/annotations/"
    answer = client.post(url, body, content_type="application/json", headers=headers)
    assert answer.status_code == status


def test_a_body_that_is_too_large_is_not_read(world, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client, headers = world.client(None), world.token(world.owner)
    url = f"/api/v1/projects/{world.project.pk}/annotations/"
    answer = client.post(url, '{"a": "' + "x" * 2000 + '"}', content_type="application/json", headers=headers)
    assert answer.status_code == 413


def test_each_app_brings_its_part_of_the_api():
    root = Path(__file__).resolve().parents[2]
    included = (root / "config" / "urls.py").read_text()
    for path in root.glob("*/api_urls.py"):
        assert f'include("{path.parent.name}.api_urls")' in included
