"""Choosing a batch by page, API and command, and what each says where the wish is wrong."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.models import Item
from curation.asking.services import Wanted, select
from curation.models import Selection

pytestmark = pytest.mark.django_db
WISH = {"source": "answered", "question": "preference", "strategy": "suspicion", "size": 3, "random_share": 0.34}


@pytest.fixture
def owner(answered):
    return answered.client(answered.owner)


def url(name, world, *more):
    return reverse(name, args=[world.project.pk, *more])


def do(handler):
    job = Job.objects.get(handler=handler)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def test_from_preview_to_answers_to_gold(answered, owner):
    assert "Nothing was chosen yet" in owner.get(url("selections", answered)).content.decode()
    assert "D-optimal design" in owner.get(url("new_selection", answered)).content.decode()
    answer = owner.post(url("new_selection", answered), {**WISH, "preview": "1"})
    job = do("preview_selection")
    assert answer["Location"] == url("selection_preview", answered, job.pk)
    page = owner.get(answer["Location"]).content.decode()
    assert "Nothing has been asked yet" in page
    assert "Its label is likely wrong." in page
    assert not Selection.objects.exists()
    owner.post(url("new_selection", answered), WISH)
    job = do("select")
    made = Selection.objects.get()
    assert (made.created_by, made.job, made.size) == (answered.owner, job, 3)
    assert url("selection", answered, made.pk) in owner.get(reverse("job", args=[job.pk])).content.decode()
    Item.objects.filter(project=answered.project).update(gold="")
    for entry in made.entries.all():
        owner.post(
            url("review_answer", answered, made.pk, entry.pk),
            {"choice": "a:1", "submission": f"00000000-0000-0000-0000-{entry.pk:012}"},
            content_type="application/json",
        )
    page = owner.get(url("selection", answered, made.pk)).content.decode()
    assert "Keep 3 verified labels as gold" in page
    owner.post(url("keep_gold", answered, made.pk))
    assert Item.objects.filter(project=answered.project).exclude(gold="").count() == 3
    assert "3 of 3" in owner.get(url("selections", answered)).content.decode()
    viewer = answered.client(answered.members["viewer"]).get(url("selection", answered, made.pk)).content.decode()
    assert "Review by keyboard" not in viewer
    assert reverse("task", args=[answered.project.pk, made.entries.first().task_id]) not in viewer


@pytest.mark.parametrize(
    ("strategy", "says"),
    [("random", "Drawn by lot too: this holds for all"), ("suspicion", "Chosen by the strategy, not by lot")],
)
def test_what_a_batch_tells_of_the_other_pairs(answered, owner, strategy, says):
    made = select(project=answered.project, wanted=Wanted(strategy=strategy, question="preference", size=6))
    for entry in made.entries.all():
        owner.post(
            url("review_answer", answered, made.pk, entry.pk),
            {"choice": "a:1", "submission": f"00000000-0000-0000-0000-{entry.pk:012}"},
            content_type="application/json",
        )
    assert says in owner.get(url("selection", answered, made.pk)).content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": "{"}, "cannot be used"),
        ({"settings": "[]"}, "write an object"),
        ({"settings": '{"magic": 1}'}, "magic"),
        ({"source": "version"}, "Choose the version"),
        ({"size": 0}, "greater than or equal to 1"),
        ({"random_share": 2}, "less than or equal to 1"),
        ({"source": "pool"}, "not one of the available choices"),
    ],
)
def test_a_form_that_is_wrong_stays(answered, owner, change, message):
    page = owner.post(url("new_selection", answered), {**WISH, **change})
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not Job.objects.exists()


def test_a_version_leads_to_its_review(answered, owner):
    page = owner.get(url("new_selection", answered), {"source": "version", "strategy": "suspicion"}).content.decode()
    assert '<option value="version" selected>' in page


def test_by_api(answered, owner):
    listed = url("api-selection-list", answered)
    made = owner.post(listed, {"strategy": "margin", "size": 2, "seed": 3}, content_type="application/json")
    assert made.status_code == 202
    do("select")
    (row,) = owner.get(listed).json()["results"]
    assert (row["strategy"], row["size"], row["seed"], row["progress"]["asked"]) == ("margin", 2, 3, 2)
    entries = owner.get(url("api-selection-entries", answered, row["id"])).json()["results"]
    assert [entry["place"] for entry in entries] == [0, 1]
    for body, field in (
        ({"strategy": "magic"}, "strategy"),
        ({"strategy": "random", "settings": {"x": 1}}, "settings"),
        ({"strategy": "random", "source": "version"}, "version"),
        ({"strategy": "random", "source": "version", "version": 10**6}, "version"),
        ({"strategy": "random", "question": "colour"}, "question"),
        ({"strategy": "random", "size": 10**6}, "size"),
    ):
        refused = owner.post(listed, body, content_type="application/json")
        assert refused.status_code == 400, body
        assert field in refused.json()


def test_by_command(answered):
    out = io.StringIO()
    call_command("ask_next", str(answered.project.pk), "--strategy", "margin", "--size", "2", "--json", stdout=out)
    assert json.loads(out.getvalue())["asked"] == 2
    out = io.StringIO()
    call_command("ask_next", str(answered.project.pk), "--preview", "--size", "2", "--json", stdout=out)
    assert len(json.loads(out.getvalue())["rows"]) == 2
    for wrong, message in ((["--strategy", "magic"], "infomax"), (["--random-share", "3"], "between 0 and 1")):
        with pytest.raises(CommandError, match=message):
            call_command("ask_next", str(answered.project.pk), *wrong)
    with pytest.raises(CommandError, match="Expecting"):
        call_command("ask_next", str(answered.project.pk), "--settings-json", "{")


def test_a_strategy_that_is_gone_keeps_its_history(answered, owner):
    made = select(project=answered.project, wanted=Wanted("random", size=2))
    Selection.objects.filter(pk=made.pk).update(strategy="long_gone")
    for name, more in (("selections", ()), ("selection", (made.pk,)), ("review", (made.pk,))):
        assert owner.get(url(name, answered, *more)).status_code == 200
