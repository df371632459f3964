"""Noise review: what a person sees before and after an answer, and that each is a normal one and counts once."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from annotate import queue, services
from annotate.access.models import Role
from annotate.models import Annotation, Lease, Skip, Task
from curation.asking import answers, reviewing
from curation.asking.services import Wanted, select
from tests.world import World

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{x}}"


@pytest.fixture
def batch(answered):
    return select(project=answered.project, wanted=Wanted("suspicion", size=4, random_share=0.25))


@pytest.fixture
def reviewer(answered):
    return answered.client(answered.members[Role.REVIEWER])


def at(name, batch, *more):
    return reverse(name, args=[batch.project_id, batch.pk, *more])


def give(client, entry, choice, submission=None):
    body = {"choice": choice, "submission": str(submission or uuid.uuid4()), "seconds": 3}
    return client.post(at("review_answer", entry.selection, entry.pk), body, content_type="application/json")


def test_the_label_is_not_on_the_page_before_the_answer(batch, reviewer):
    entry = batch.entries.first()
    before = reviewer.get(at("review", batch)).content.decode()
    assert f'data-pair="{entry.pk}"' in before
    assert "Its label is likely wrong." in before
    assert "label: " not in before
    shown = reviewer.get(at("review", batch), {"label": "shown"}).content.decode()
    assert "label: " in shown
    reply = give(reviewer, entry, "a:1").json()
    assert reply["label"] in ("A", "B", "a tie")
    assert reply["progress"] == {"done": 1, "total": 4}


def test_an_answer_is_a_counted_annotation_in_the_order_that_was_shown(batch, reviewer, answered):
    entry = batch.entries.first()
    taken = Task.objects.get(pk=entry.task_id).answered
    rater = answered.rater(answered.members[Role.REVIEWER])
    left, right = queue.shown_order(task=entry.task, rater=rater)
    submission = uuid.uuid4()
    assert give(reviewer, entry, "b:2", submission).status_code == 200
    assert give(reviewer, entry, "b:2", submission).status_code == 200, "sent twice, it counts once"
    annotation = Annotation.objects.get(task=entry.task, rater=rater)
    assert annotation.answers == {"preference": {"overall": {"chosen": right, "strength": 2}}}
    assert (annotation.status, annotation.shown, annotation.seconds) == ("counted", [left, right], 3)
    assert Task.objects.get(pk=entry.task_id).answered == taken + 1
    assert not Lease.objects.filter(task=entry.task, rater=rater, end="").exists()
    give(reviewer, entry, "a:1")
    assert Task.objects.get(pk=entry.task_id).answered == taken + 1, "a changed answer is a revision"
    assert Annotation.objects.get(task=entry.task, rater=rater, is_current=True).revision == 2
    said = answers.of(batch)[0]
    assert said.outcomes == ("a" if entry.key_a == left else "b",)


def test_looking_takes_nothing_from_the_queue(batch, reviewer):
    before = list(Task.objects.order_by("pk").values_list("taken", "overlap"))
    reviewer.get(at("review", batch))
    reviewer.get(at("review_next", batch))
    assert list(Task.objects.order_by("pk").values_list("taken", "overlap")) == before
    assert not Lease.objects.filter(end="").exists()


def test_the_next_pair_is_none_of_those_at_hand(batch, reviewer):
    pks = list(batch.entries.values_list("pk", flat=True))
    for number in range(4):
        page = reviewer.get(at("review_next", batch), {"after": pks[:number]}).content.decode()
        assert f'data-pair="{pks[number]}"' in page
    assert reviewer.get(at("review_next", batch), {"after": pks}).status_code == 204
    assert reviewer.get(at("review_next", batch), {"after": ["x", "9" * 30]}).status_code == 200


def test_skipping_leaves_it_to_others(batch, reviewer, answered):
    entry = batch.entries.first()
    assert reviewer.post(at("review_skip", batch, entry.pk), {}, content_type="application/json").status_code == 200
    assert Skip.objects.filter(task=entry.task).exists()
    assert not Lease.objects.filter(end="").exists()
    assert f'data-pair="{entry.pk}"' not in reviewer.get(at("review", batch)).content.decode()
    assert f'data-pair="{entry.pk}"' in answered.client(answered.owner).get(at("review", batch)).content.decode()
    give(reviewer, entry, "tie:0")
    assert reviewer.post(at("review_skip", batch, entry.pk), {}, content_type="application/json").status_code == 200
    assert answers.of(batch)[0].outcomes == ("tie",), "what was answered stays answered"


def test_filters_narrow_the_walk(batch, reviewer):
    random = batch.entries.get(slice="random")
    page = reviewer.get(at("review", batch), {"slice": "random"}).content.decode()
    assert f'data-pair="{random.pk}"' in page
    assert "Random slice" in page
    assert '<b data-done>0</b> <span class="muted">of <span data-total>1</span>' in page
    assert "Nothing left here" in reviewer.get(at("review", batch), {"reason": "no such"}).content.decode()


@pytest.mark.parametrize(
    "body",
    [
        {"choice": "c:1", "submission": str(uuid.uuid4())},
        {"choice": "a:9", "submission": str(uuid.uuid4())},
        {"choice": "a:1", "submission": "1"},
        {"choice": "a:1", "submission": str(uuid.uuid4()), "seconds": True},
    ],
)
def test_what_is_no_answer_is_refused(batch, reviewer, body):
    entry = batch.entries.first()
    answer = reviewer.post(at("review_answer", batch, entry.pk), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not answers.of(batch)[0].outcomes


def test_steps_run_from_a_to_b():
    from annotate.models import Question

    question = Question(kind="pairwise", settings={"labels": ["slightly", "far"], "tie": True, "both_bad": True})
    steps = reviewing.steps(question)
    assert [step.name for step in steps] == ["a:2", "a:1", "tie:0", "b:1", "b:2", "both_bad:0"]
    assert [step.keys for step in steps] == [("1",), ("a", "2"), ("t", "3"), ("b", "4"), ("5",), ("x", "6")]
    with pytest.raises(ValidationError):
        reviewing.answer(None, question, None, choice="a:3", submission=uuid.uuid4(), seconds=None)


def test_a_form_that_asks_for_more_is_answered_in_the_workbench(answered, batch, reviewer):
    questions = [
        {"name": "preference", "kind": "pairwise", "title": "Which?", "settings": {"tie": True}},
        {"name": "reason", "kind": "critique", "title": "Why?", "settings": {"about": "overall"}},
    ]
    services.create_form(project=answered.project, questions=questions)
    page = reviewer.get(at("review", batch)).content.decode()
    assert "One key cannot answer this form" in page
    assert give(reviewer, batch.entries.first(), "a:1").status_code == 404


def test_nothing_typed_becomes_markup(db, models, settings, tmp_path):
    from tests.curated import answer_everything

    settings.MEDIA_ROOT = tmp_path
    world = World(lambda words: f"{words} {NASTY}")
    answer_everything(world)
    batch = select(project=world.project, wanted=Wanted("random", size=3))
    for name in ("selections", "new_selection"):
        assert NASTY not in world.client(world.owner).get(reverse(name, args=[world.project.pk])).content.decode()
    for name in ("selection", "review"):
        page = world.client(world.owner).get(at(name, batch)).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
