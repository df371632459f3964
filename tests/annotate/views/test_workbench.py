"""The annotator's requests, and that none of their answers tells what a rater must not know."""

import json
import re
import uuid

import pytest

from annotate import queue, services
from annotate.access.models import Role
from annotate.models import Annotation, Draft, Flag, Response, Skip, Task


@pytest.fixture
def annotator(world):
    return world.members[Role.ANNOTATOR]


@pytest.fixture
def client(world, annotator):
    return world.client(annotator)


@pytest.fixture
def base(world):
    return f"/projects/{world.project.pk}/annotate/"


def post(client, url, **body):
    return client.post(url, json.dumps(body), content_type="application/json")


def task_in(answer):
    found = re.search(r'data-task="(\d+)"', answer.content.decode())
    return Task.objects.get(pk=found[1]) if found else None


# ---- the work ----


def test_the_page_holds_the_first_task_and_leases_it(world, client, base, annotator):
    answer = client.get(base)
    assert answer.status_code == 200
    task = task_in(answer)
    assert task.leases.get().rater == world.rater(annotator)
    assert (
        '<b data-progress-done>0</b> <span class="muted">of <span data-progress-total>6</span>'
        in answer.content.decode()
    )


def test_next_leaves_out_what_is_on_the_screen_and_ends_with_204(world, client, base):
    first = task_in(client.get(base))
    second = task_in(client.get(f"{base}next?after={first.pk}&after=nonsense"))
    assert second.pk != first.pk
    assert client.get(f"{base}next?after={first.pk}&after={second.pk}").status_code == 204
    assert task_in(client.get(f"{base}next?after={second.pk}")) == first


def test_submit_counts_and_tells_the_progress(world, client, base):
    task = task_in(client.get(base))
    body = {"submission": str(uuid.uuid4()), "answers": world.answers(task), "seconds": 9.5, "shown": ["what", "ever"]}
    for _ in range(2):
        answer = post(client, f"{base}tasks/{task.pk}/submit", **body)
        assert answer.json() == {
            "ok": True, "status": "counted", "revision": 1, "progress": {"done": 1, "total": 6}
        }  # fmt: skip
    annotation = Annotation.objects.get()
    assert annotation.seconds == 9.5
    assert sorted(annotation.shown) == sorted(task.responses), "what the browser says was shown is not believed"


def test_an_answer_that_does_not_fit_names_the_question(world, client, base):
    task = task_in(client.get(base))
    wrong = {"preference": {"overall": {"chosen": "nobody", "strength": 1}}}
    answer = post(client, f"{base}tasks/{task.pk}/submit", submission=str(uuid.uuid4()), answers=wrong)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"preference"}
    assert set(answer.json()["errors"]["preference"]) == {"path", "message"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"submission": "7", "answers": {}}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": []}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": {}, "seconds": "long"}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": {}, "seconds": true}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": {}, "seconds": NaN}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": {"a": "\\u0000"}}',
        b'{"submission": "00000000-0000-0000-0000-000000000001", "answers": {"a\\ud800": 1}}',
        b'{"answers": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"answers": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}",
        b'{"answers": {"a": "' + b"x" * (4 * 1024**2) + b'"}}',
    ],
    ids=lambda body: body[:40].decode(),
)
def test_bad_bodies_get_a_reason(world, client, base, body):
    task = task_in(client.get(base))
    for action in ("submit", "draft"):
        answer = client.post(f"{base}tasks/{task.pk}/{action}", body, content_type="application/json")
        if action == "draft" and b'"answers": {}' in body and b"NaN" not in body:
            continue  # all that a draft needs is there
        assert answer.status_code == 400
        assert answer.json()["detail"]
    assert not Annotation.objects.exists()


def test_a_reload_brings_the_draft_back(world, client, base):
    task = task_in(client.get(base))
    draft = {"reason": {"overall": {"text": "half a sent"}}}
    assert post(client, f"{base}tasks/{task.pk}/draft", answers=draft).json() == {"ok": True, "live": True}
    assert "half a sent" in client.get(base).content.decode()
    assert Draft.objects.get().answers == draft


def test_an_earlier_answer_opens_again_and_becomes_a_revision(world, client, base):
    task = task_in(client.get(base))
    url = f"{base}tasks/{task.pk}"
    assert "data-revision" not in client.get(url).content.decode()
    post(client, f"{url}/submit", submission=str(uuid.uuid4()), answers=world.answers(task))
    page = client.get(url).content.decode()
    assert "data-revision" in page
    assert "Because" in page
    answer = post(client, f"{url}/submit", submission=str(uuid.uuid4()), answers=world.answers(task, place=1))
    assert (answer.json()["revision"], answer.json()["progress"]["done"]) == (2, 1)
    history = client.get(f"{base}history").content.decode()
    assert history.count("data-open-task") == 1
    assert "revised" in history


def test_skip_flag_and_heartbeat(world, client, base):
    task = task_in(client.get(base))
    url = f"{base}tasks/{task.pk}"
    assert post(client, f"{url}/heartbeat").json() == {"ok": True, "live": True}
    assert post(client, f"{url}/flag", reason=" ").status_code == 400
    assert post(client, f"{url}/flag", reason="broken").json() == {"ok": True}
    assert post(client, f"{url}/skip", reason="too hard").json() == {"ok": True, "progress": {"done": 0, "total": 5}}
    assert (Flag.objects.get().reason, Skip.objects.get().reason) == ("broken", "too hard")
    assert post(client, f"{url}/heartbeat").json() == {"ok": True, "live": False}
    assert task_in(client.get(base)) != task


def test_a_late_answer_is_kept_and_said_to_be_late(world, client, base):
    task = task_in(client.get(base))
    world.let_expire(task.leases.get())
    answer = post(client, f"{base}tasks/{task.pk}/submit", submission=str(uuid.uuid4()), answers=world.answers(task))
    assert answer.json()["status"] == "late"
    assert "late" in client.get(f"{base}history").content.decode()


def test_somebody_elses_task_is_refused_with_a_reason(world, client, base):
    task = world.lease(world.owner).task
    for action in ("submit", "draft", "skip", "flag"):
        body = {"submission": str(uuid.uuid4()), "answers": world.answers(task), "reason": "x"}
        answer = post(client, f"{base}tasks/{task.pk}/{action}", **body)
        assert (answer.status_code, answer.json()) == (403, {"detail": "This task was not given to you."})
    assert client.get(f"{base}tasks/{task.pk}").status_code == 403
    other = world.make_project("other")
    world.add_items(1, project=other, start=90)
    assert client.get(f"{base}tasks/{other.tasks.get().pk}").status_code == 404


def test_done_and_total_add_up_until_the_end(world, client, base):
    for done in range(6):
        task = task_in(client.get(base))
        progress = post(
            client, f"{base}tasks/{task.pk}/submit", submission=str(uuid.uuid4()), answers=world.answers(task)
        ).json()["progress"]
        assert progress == {"done": done + 1, "total": 6}
    page = client.get(base)
    assert task_in(page) is None
    assert "Nothing left for you here" in page.content.decode()


def test_the_total_counts_what_is_left_for_this_rater(world, client, base, annotator):
    world.answer(world.owner)
    full = world.answer(world.members[Role.ADMIN]).task  # the first task is now full
    queue.skip(task=world.lease(annotator).task, rater=world.rater(annotator))
    page = client.get(base).content.decode()
    assert "<span data-progress-total>4</span>" in page, "six less the full and the skipped one"
    assert full.answered + 1 == full.overlap or Task.objects.get(pk=full.pk).answered == full.overlap


# ---- blindness ----


def everything_shown(client, base, world):
    """All that the annotator's requests answer, over a whole working day."""
    seen = [client.get(base)]
    while (task := task_in(seen[-1])) is not None:
        url = f"{base}tasks/{task.pk}"
        seen.append(post(client, f"{url}/draft", answers={}))
        body = {"submission": str(uuid.uuid4()), "answers": world.answers(task)}
        seen.append(post(client, f"{url}/submit", **body))
        seen.append(client.get(url))
        seen.append(client.get(f"{base}history"))
        seen.append(client.get(f"{base}next"))
    return seen


def test_nothing_tells_the_model_the_item_or_anybody_else(world, client, base, annotator):
    other = world.rater(world.owner)
    for _ in range(3):
        world.answer(world.owner, place=1)
    judge = services.raters(organisation=world.organisation, kind="language_model", names=["judge-7"])["judge-7"]
    task = world.project.tasks.first()
    services.add_annotations(
        form=world.project.form,
        annotations=[services.NewAnnotation(task=task, rater=judge, answers=world.answers(task))],
        status="unasked",
    )
    seen = everything_shown(client, base, world)
    assert len(seen) == 1 + 6 * 5
    for answer in seen:
        said = answer.content.decode() + str(answer.headers)
        for secret in ("model-one", "model-two", "item-", "judge-7", other.name, "gold", "expected", "group"):
            if secret in ("gold", "group"):  # words of our own style sheets and roles, too
                assert f'"{secret}"' not in said.replace('role="group"', "")
            else:
                assert secret not in said, f"{secret} in {answer.request['PATH_INFO']}"


def test_the_order_on_the_page_is_the_raters_own_only(world, client, base, annotator):
    """Keys stand in the order shown wherever they stand: no attribute, script or list has the item's own order."""
    swapped = 0
    for answer in everything_shown(client, base, world):
        task = task_in(answer)
        if task is None:
            continue
        page = answer.content.decode()
        shown = queue.shown_order(task=task, rater=world.rater(annotator))
        swapped += shown != task.responses
        mentions = re.findall("|".join(task.responses), page)
        payload = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])
        assert [response["key"] for response in payload["responses"]] == shown
        firsts = [mentions.index(key) for key in shown]
        assert firsts == sorted(firsts)
        assert "index" not in str(payload)
    assert swapped


def test_keys_do_not_follow_the_items_order(world):
    """Sorting by key tells nothing either."""
    world.add_items(60, start=100)
    in_order = 0
    for item in world.project.items.all():
        keys = list(Response.objects.filter(item=item).values_list("key", flat=True))
        in_order += keys == sorted(keys)
    assert 12 < in_order < 54  # of 66 fair coins; outside once in 5 million times


def test_models_are_shown_where_the_project_is_not_blind(world, client, base):
    services.update_project(project=world.project, blind=False)
    page = client.get(base).content.decode()
    assert "model-one" in page
    assert "model-two" in page


def test_a_check_task_looks_like_any_other(world, client, base):
    check = world.project.tasks.get(expected__isnull=False)
    plain = world.project.tasks.exclude(pk=check.pk).first()
    pages = {}
    for task in (plain, check):
        Task.objects.filter(pk=task.pk).update(priority=9)
        answer = client.get(base)
        assert task_in(answer) == task
        shown = json.loads(
            re.search(r'<script type="application/json">(.*?)</script>', answer.content.decode(), re.DOTALL)[1]
        )
        pages[task] = sorted(shown) + sorted(shown["responses"][0])
        queue.skip(task=task, rater=world.lease(world.members[Role.ANNOTATOR]).rater)
    assert pages[plain] == pages[check]
