"""Judges, their versions and runs, against a scripted server."""

import json

import pytest
from django.core.exceptions import ValidationError

from annotate.models import Annotation
from curation.candidates import pair_table
from curation.judging import services
from curation.models import JudgeCall, Refusal
from tests.curation.judging.conftest import chooses
from tests.judge_server import JudgeServer, Say

pytestmark = pytest.mark.django_db


def test_a_run_answers_every_task_as_one_more_rater(world, endpoint_file, start):
    with JudgeServer(
        lambda call: chooses(call, 0 if "first" in call.text.split("response_1")[-1][:60] else 1)
    ) as server:
        endpoint_file(server)
        run = services.run_judge(run=start())
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    rows = list(Annotation.objects.filter(rater=run.judge.rater))
    assert {row.status for row in rows} == {"unasked"}
    metadata = rows[0].metadata
    assert (metadata["judge"], metadata["version"], metadata["endpoint"], metadata["model"]) == (
        "tester", 1, "scripted", "m",
    )  # fmt: skip
    assert len(metadata["samples"]) == 2, "both orders"
    assert {sample["call"] for sample in metadata["samples"]} <= set(
        JudgeCall.objects.values_list("request_hash", flat=True)
    )
    assert run.spent == pytest.approx(server.bill.cost(1, 3))
    assert run.spent_tokens == server.bill.input_tokens + server.bill.output_tokens
    assert sum(row.metadata["cost"] for row in rows) == pytest.approx(run.spent)
    (vote,) = pair_table(world.project, question="preference").to_pylist()[0]["votes"]
    assert vote["kind"] == "language_model"
    assert vote["p_a"] is not None


def test_what_does_not_parse_is_kept_as_it_came_and_counted(world, endpoint_file, start):
    def behave(call):
        return (
            Say("I'd rather not.\0\ud800" if "Question 1" in call.text else '{"overall": {}}')
            if ("Question 1" in call.text or "Question 2" in call.text)
            else chooses(call)
        )

    with JudgeServer(behave) as server:
        endpoint_file(server)
        run = services.run_judge(run=start())
    assert run.counts == {"tasks": 6, "answered": 4, "unparsed": 2, "cached": 0}
    first, second = Refusal.objects.order_by("task_id")
    assert first.samples[0]["raw"].startswith("I'd rather not.")
    assert first.samples[0]["answer"] is None
    assert "JSON" in first.reason
    assert second.reason
    assert Annotation.objects.filter(rater=run.judge.rater, task=first.task).count() == 0
    with JudgeServer(behave) as server:
        endpoint_file(server)
        again = services.run_judge(run=start(run.judge))
    assert again.counts["unparsed"] == 2, "asked again by another run, on another server"


def test_several_samples_where_the_server_gives_one_at_a_time(endpoint_file, make_judge, start):
    with JudgeServer(lambda call: chooses(call, call.body.get("seed", 0) % 2)) as server:
        endpoint_file(server, without=["n"])
        judge = make_judge("votes", settings={"samples": 3, "max_tokens": 64})
        run = services.run_judge(run=start(judge, most_tasks=1))
    assert run.counts["answered"] == 1
    assert server.bill.requests == 6
    assert {call.body["seed"] for call in server.calls} == {0, 1, 2}
    assert all("n" not in call.body for call in server.calls)
    metadata = Annotation.objects.get(rater=judge.rater).metadata
    assert len(metadata["samples"]) == 6
    assert metadata["tokens"]["input"] == server.bill.input_tokens


def test_pictures_go_along_as_data(world, endpoint_file, start):
    with JudgeServer(chooses) as server:
        endpoint_file(server)
        services.run_judge(run=start(most_tasks=1))
    urls = [part["image_url"]["url"] for message in server.calls[0].body["messages"]
            if not isinstance(message["content"], str)
            for part in message["content"] if part["type"] == "image_url"]  # fmt: skip
    assert len(urls) == 2, "the item's own and one response's"
    assert all(url.startswith("data:image/png;base64,") for url in urls)


def test_what_a_judge_is_not_shown_it_does_not_judge(world, endpoint_file, start):
    *_, last = world.project.tasks.select_related("item").order_by("pk")
    last.item.media = [world.audio.ref]
    last.item.save()
    with JudgeServer(chooses) as server:
        endpoint_file(server)
        run = services.run_judge(run=start())
    assert run.counts["answered"] == 5
    assert not Annotation.objects.filter(rater=run.judge.rater, task=last).exists()
    world.project.items.update(media=[world.audio.ref])
    with pytest.raises(ValidationError, match="media of type audio"):
        start(run.judge)


def test_only_gold_or_only_some_tasks(world, endpoint_file, start):
    world.items and world.project.items.filter(external_id="item-0").update(gold="")
    with JudgeServer(chooses) as server:
        endpoint_file(server)
        gold = start(only_gold=True)
        services.run_judge(run=gold)
        assert gold.counts["tasks"] == 5
        task = world.project.tasks.get(item__external_id="item-0")
        some = services.run_judge(run=start(gold.judge, tasks=[task.pk]))
    assert some.counts["tasks"] == 1


def test_all_questions_of_a_form_make_one_annotation(world, endpoint_file, make_judge, start):
    def behave(call):
        if "strength" in json.dumps(call.schema):
            return chooses(call)
        return Say(json.dumps({"overall": {"text": "It says more."}}))

    with JudgeServer(behave) as server:
        endpoint_file(server)
        run = services.run_judge(run=start(question="", most_tasks=2))
    rows = Annotation.objects.filter(rater=run.judge.rater)
    assert rows.count() == 2
    assert {"preference"} <= set(rows[0].answers)


def test_what_a_judges_own_answers_leave_unasked_does_not_count(world, endpoint_file, start):
    """Which is shorter, only where it is a tie: a model is asked everything at once."""
    from annotate.services import create_form

    tie = {"question": "preference", "path": "overall/chosen", "in": ["tie"]}
    first, _ = world.project.form.spec
    second = {**first, "name": "shorter", "title": "Which is shorter?", "condition": tie}
    create_form(project=world.project, questions=[first, second])

    def behave(call):
        if "Question 1" in call.text:
            return Say(json.dumps({"overall": {"chosen": "tie", "strength": 0}}))
        return chooses(call, 0 if "first" in call.text.split("response_1")[-1][:60] else 1)

    with JudgeServer(behave) as server:
        endpoint_file(server)
        run = services.run_judge(run=start(question=""))
    rows = Annotation.objects.filter(rater=run.judge.rater)
    asked = {row.task.item.external_id: set(row.answers) for row in rows}
    assert asked.pop("item-1") == {"preference", "shorter"}
    assert len(asked) == 5
    assert set(map(frozenset, asked.values())) == {frozenset({"preference"})}


def test_a_cancelled_run_keeps_what_it_has_and_waits_for_what_is_under_way(endpoint_file, start):
    from annotate.jobs.registry import Cancelled
    from tests.judge_server import Slow

    def progress(done, total=None, message=""):
        if done >= 2:
            raise Cancelled

    with JudgeServer(lambda call: Slow(0.05, chooses(call))) as server:
        endpoint_file(server, concurrency=2)
        run = start()
        with pytest.raises(Cancelled):
            services.run_judge(run=run, progress=progress)
        assert run.end == "cancelled"
        assert not run.calls.filter(state="reserved").exists()
        assert run.spent == pytest.approx(server.bill.cost(1, 3))
        assert Annotation.objects.filter(rater=run.judge.rater).count() == run.counts["answered"] < 6


def test_a_judge_that_cannot_work_as_it_is_set_up_ends_the_run_with_its_reason(endpoint_file, make_judge, start):
    with JudgeServer(lambda call: Say("yes")) as server:
        endpoint_file(server, without=["logprobs"])
        run = services.run_judge(run=start(make_judge("yes_probability")))
    assert run.end == "set_up"
    assert "token probabilities" in run.reason


def test_a_server_that_is_not_there_ends_the_run(endpoint_file, start):
    with JudgeServer() as server:
        endpoint_file(server, concurrency=2)
    run = services.run_judge(run=start(), patience=0.0)
    assert (run.end, run.spent) == ("server", 0)
    assert "cannot be reached" in run.reason


def test_versions_are_immutable_and_each_is_a_rater(world, endpoint_file, make_judge):
    with JudgeServer() as server:
        endpoint_file(server)
        first = make_judge(prompt="Be fair.")
        second = services.new_version(judge=first, prompt="Be strict.", note="stricter", user=world.owner)
    assert (second.version, second.parent, second.prompt, first.prompt) == (2, first, "Be strict.", "Be fair.")
    assert first.rater != second.rater
    assert second.rater.title == "tester v2"
    with pytest.raises(TypeError, match="make another"):
        first.save()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"method": "oracle"}, "method"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "elsewhere"}, "endpoint"),
        ({"settings": {"samples": "many"}}, "settings"),
        ({"method": "panel", "endpoint": "", "settings": {"endpoints": ["scripted", "nowhere"]}}, "settings"),
        ({"method": "length"}, "endpoint"),
        ({"name": ""}, "name"),
    ],
    ids=str,
)
def test_a_judge_that_is_wrong_is_refused_by_field(endpoint_file, make_judge, given, field):
    with JudgeServer() as server:
        endpoint_file(server)
        with pytest.raises(ValidationError) as refused:
            make_judge(**given)
    assert field in refused.value.message_dict


def test_a_run_that_is_wrong_is_refused(world, endpoint_file, make_judge, start):
    with JudgeServer() as server:
        endpoint_file(server)
        judge = make_judge()
        for given in ({"budget": -1}, {"budget": "much"}, {"question": "colour"}, {"budget_tokens": 0}):
            with pytest.raises(ValidationError):
                start(judge, **given)
        theirs = services.create_judge(organisation=world.elsewhere, name="x", method="length")
        with pytest.raises(ValidationError, match="no such judge"):
            start(theirs)
