"""Imports into a project, from every kind of file that people send and every fault that such files have."""

import csv
import gzip
import io
import json

import pytest

from annotate import presets, services
from annotate.discovery import UnknownPlugin
from annotate.models import Annotation, Rater
from curation import candidates, formats
from curation.importing import import_items
from curation.reading import UnsupportedSource
from tests.world import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(world):
    return services.create_project(
        organisation=world.organisation, name="Imports", questions=presets.get("strength").QUESTIONS, overlap=1
    )


@pytest.fixture
def take(project, tmp_path):
    """Write rows (or bytes) as a file, import it, and give the result with the rejected rows by number."""

    def run(content, name="votes.jsonl", format="votes", **more):
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content).encode()
        path = tmp_path / name
        path.write_bytes(content)
        result = import_items(
            project=project, source=path, format=format, rejected_path=tmp_path / "out" / "rejected.csv", **more
        )
        rejected = []
        if result.rejected_file:
            with open(result.rejected_file, newline="", encoding="utf-8") as file:
                rejected = [(int(row["row"]), row["reason"]) for row in csv.DictReader(file)]
        assert result.rows == result.items + result.known + result.rejected
        assert len(rejected) == result.rejected + result.answers_rejected
        return result, rejected

    return run


def row(number=1, **given):
    votes = [{"rater": "ann", "choice": "a", "seconds": 3, "reason": "It is true."}, {"rater": "bob", "choice": "b"}]
    whole = {"id": f"q{number}", "prompt": f"Question {number}", "response_a": f"A{number}", "response_b": f"B{number}"}
    return {**whole, "votes": votes, **given}


@pytest.mark.parametrize("format", sorted(formats.importers()))
def test_every_format_takes_its_own_example(take, project, format):
    module = formats.importer(format)
    parsed = module.parse(module.EXAMPLE)
    files = [*parsed.media, *(name for response in parsed.responses for name in response.media)]
    result, rejected = take([module.EXAMPLE], format=format)
    if files:  # which do not lie beside the imported file here
        assert rejected == [(1, f"The media file {formats.clip(files[0])} is not in the folder of the imported file.")]
        return
    assert result.items == 1
    # Answers to what this form does not ask.
    assert all("fit the form" in reason or "no task shows" in reason for _, reason in rejected), rejected
    item = project.items.get()
    assert item.responses.count() == len(parsed.responses)
    assert result.answers == Annotation.objects.filter(task__item=item).count()


def test_votes_become_annotations_with_reason_and_time(take, project):
    result, _ = take([row()])
    assert (result.items, result.answers) == (1, 2)
    ann = Annotation.objects.get(rater__name="ann")
    a, _ = project.items.get().responses.all()
    assert ann.answers["preference"]["overall"]["chosen"] == a.key
    assert ann.answers["reason"]["overall"]["text"] == "It is true."
    assert (ann.seconds, ann.status, ann.rater.kind) == (3, "counted", Rater.Kind.IMPORT)
    task = ann.task
    assert (task.answered, task.taken, task.overlap) == (2, 2, 2)


def test_the_same_file_twice_changes_nothing(take, project):
    rows = [row(number) for number in range(3)]
    take(rows)
    result, _ = take(rows)
    assert (result.items, result.known, result.answers, result.answers_known) == (0, 3, 0, 6)
    assert (project.items.count(), project.tasks.count(), Annotation.objects.count()) == (3, 3, 6)


def test_an_item_without_id_is_known_by_its_content(take, project):
    rows = [row(id=None, prompt="P"), row(id=None, prompt="P"), row(id=None, prompt="other")]
    result, _ = take(rows)
    assert (result.items, result.known) == (2, 1)


def test_one_row_a_vote(take, project):
    flat = {"id": "q", "prompt": "P", "response_a": "A", "response_b": "B"}
    result, _ = take([{**flat, "rater": rater, "choice": "a"} for rater in ("ann", "bob", "cy")])
    assert (result.items, result.known, result.answers) == (1, 2, 3)


def test_a_known_id_with_other_responses_is_refused(take, project):
    """Else its votes would go to responses that nobody saw."""
    take([row(1)])
    result, rejected = take([row(1, response_a="quite another"), row(2), row(2, response_b="also another")])
    assert (result.items, result.rejected, result.answers) == (1, 2, 2)
    assert [number for number, _ in rejected] == [1, 3]
    assert "known already, with other responses" in rejected[0][1]


def test_rejected_rows_are_listed_and_the_others_taken(take):
    result, rejected = take(
        json.dumps(row(1)).encode() + b"\nnot json\n" + json.dumps({"id": "x", "prompt": "P"}).encode() + b"\n"
        + json.dumps(row(2)).encode() + b"\n"
    )  # fmt: skip
    assert (result.rows, result.items, result.rejected) == (4, 2, 2)
    assert [number for number, _ in rejected] == [2, 3]
    assert "not JSON" in rejected[0][1]
    assert "response_a" in rejected[1][1]


def test_a_vote_that_the_form_does_not_know_is_listed_without_its_row(take):
    votes = [{"rater": "ann", "choice": "a", "dimension": "style"}, {"rater": "bob", "choice": "b"}]
    result, rejected = take([row(votes=votes)])
    assert (result.items, result.rejected, result.answers, result.answers_rejected) == (1, 0, 1, 1)
    assert rejected[0][0] == 1
    assert "ann" in rejected[0][1]


def test_a_truncated_gzip_keeps_what_came_before(take):
    lines = b"".join(json.dumps(row(number, response_a=f"{number}" * 200)).encode() + b"\n" for number in range(2000))
    result, rejected = take(gzip.compress(lines)[:-2000], name="votes.jsonl.gz")
    assert 0 < result.items < 2000
    assert "truncated" in rejected[-1][1]


def test_invalid_utf8_loses_one_row(take):
    bad = json.dumps(row(2, prompt="?")).encode().replace(b"?", b"\xff")
    result, rejected = take(json.dumps(row(1)).encode() + b"\n" + bad + b"\n" + json.dumps(row(3)).encode())
    assert (result.items, result.rejected) == (2, 1)
    assert "UTF-8" in rejected[0][1]


def test_a_csv_without_a_column_says_which(take):
    result, rejected = take(b"id,prompt,response_a\n1,P,A\n2,P,B\n", name="votes.csv")
    assert (result.items, result.rejected) == (0, 2)
    assert "response_b" in rejected[0][1]


def test_a_csv_with_all_columns(take):
    text = "id,prompt,response_a,response_b,rater,choice\n1,P,A,B,ann,a\n1,P,A,B,bob,tie\n"
    result, _ = take(text.encode(), name="votes.csv")
    assert (result.items, result.known, result.answers) == (1, 1, 2)


def test_parquet(take, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"prompt": ["P"], "chosen": ["A"], "rejected": ["B"]}), buffer)
    result, _ = take(buffer.getvalue(), name="pairs.parquet", format="trl")
    assert (result.items, result.answers) == (1, 1)


def test_empty_responses(take):
    both, one = row(1, response_a="", response_b=" "), row(2, response_a="")
    result, rejected = take([both, one])
    assert (result.items, result.rejected) == (1, 1)
    assert "empty" in rejected[0][1]


def test_a_megabyte_of_text(take, project):
    text = "x" * 1024**2
    take([row(response_a=text)])
    assert project.items.get().responses.first().text == text


def test_nul_and_half_surrogates_are_refused(take):
    content = json.dumps(row(1, response_a="a\0b")) + "\n" + json.dumps(row(2, response_a="\ud800")) + "\n"
    result, rejected = take(content.encode())
    assert result.rejected == 2
    assert "NUL" in rejected[0][1]
    assert "surrogate" in rejected[1][1]


def test_html_and_script_stay_as_they_are(take, project, world):
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    take([row(prompt=nasty, response_a=nasty, group=nasty, votes=[{"rater": nasty, "choice": "a", "reason": nasty}])])
    item = project.items.get()
    assert (item.prompt[0]["content"], item.responses.first().text, item.group) == (nasty, nasty, nasty)
    page = world.client(world.owner).get(f"/projects/{project.pk}/tasks/{project.tasks.get().pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_formula_in_the_list_of_rejected_rows_is_disarmed(take):
    _, rejected = take([row(votes=[{"rater": "=cmd()", "choice": "a", "dimension": "no"}])])
    assert not rejected[0][1].startswith("=")


def test_group_by(take, project):
    take([row(1, topic="tea"), row(2, topic="coffee")], group_by="topic")
    assert sorted(project.items.values_list("group", flat=True)) == ["coffee", "tea"]
    _, rejected = take([row(3)], group_by="topic")
    assert "topic" in rejected[0][1]


def test_an_unknown_format_lists_those_that_exist(take):
    with pytest.raises(UnknownPlugin) as error:
        take([row()], format="nonsense")
    assert all(name in str(error.value) for name in formats.importers())


def test_what_is_no_data_at_all(take):
    with pytest.raises(UnsupportedSource):
        take(b"%PDF-1.7\n\0\1\2", name="a.pdf")


def test_pictures_beside_the_file(take, project, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(png("green"))
    given = row(response_a={"text": "", "media": ["pictures/a.png"]}, media=["pictures/a.png"])
    _, rejected = take([given])
    assert rejected == []
    item = project.items.get()
    assert item.media == item.responses.first().media
    assert item.media[0].startswith("sha256:")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/etc/passwd",
        "https://example.org/a.png",
        "no.png",
        "link.png",
        "x" * 5000,
        "sha256:" + "0" * 64,
    ],
)
def test_pictures_elsewhere_are_never_read(take, tmp_path, name):
    (tmp_path.parent / "secret.png").write_bytes(png())
    (tmp_path / "link.png").symlink_to(tmp_path.parent / "secret.png")
    result, rejected = take([row(media=[name]), row(2)])
    assert (result.items, result.rejected) == (1, 1)
    assert rejected[0][0] == 1


def test_a_picture_that_is_none(take, tmp_path):
    (tmp_path / "a.png").write_bytes(b"<svg onload='alert(1)'/>")
    _, rejected = take([row(media=["a.png"])])
    assert "SVG is not accepted" in rejected[0][1]


def test_media_of_every_type_beside_the_file(take, project, tmp_path):
    from annotate.media.selectors import shown
    from tests.annotate.media.making import clip, glb
    from tests.world import pdf, tone

    files = {"a.webm": clip(".webm"), "b.wav": tone(), "c.glb": glb(), "d.pdf": pdf(), "e.mp4": clip(".mp4")[:400]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    result, rejected = take([row(n, response_a={"text": "", "media": [name]}) for n, name in enumerate(files, 1)])
    assert (result.items, result.rejected, rejected[0][0]) == (4, 1, 5)
    assert "e.mp4: This MP4 is damaged" in rejected[0][1]
    refs = [ref for item in project.items.all() for response in item.responses.all() for ref in response.media]
    found = shown(project.organisation_id, refs)
    assert sorted(file["type"] for file in found.values()) == ["audio", "document", "model", "video"]


def test_a_stored_picture_of_another_organisation_is_unknown(take, world):
    from annotate.media.services import store

    theirs = store(organisation=world.elsewhere, content=png("purple"))
    _, rejected = take([row(media=[theirs.ref])])
    assert "no stored file" in rejected[0][1]


def test_nobody_answers_in_a_persons_name(take, world):
    world.rater(world.owner)
    take([row(votes=[{"rater": world.owner.email, "choice": "a"}])])
    assert Annotation.objects.get().rater.kind == Rater.Kind.IMPORT


def test_the_pair_table_of_an_import(take, project):
    take([row(1, gold="a"), row(2, gold="tie", votes=[]), row(3, response_a="C", response_b="C")])
    table = candidates.pair_table(project, question="preference").to_pylist()
    assert {entry["item"] for entry in table} == {"q1", "q3"}
    first = next(entry for entry in table if entry["item"] == "q1")
    assert (first["gold"], first["n_votes"]) == ("a", 2)
    assert [vote["outcome"] for vote in first["votes"]] == ["a", "b"]
    assert [vote["level"] for vote in first["votes"]] == [1, -1]


def test_three_responses_give_every_pair_a_task(take, project):
    votes = [{"rater": "ann", "choice": "b", "between": [2, 0]}]
    given = {"id": "q", "prompt": "P", "responses": ["A", "B", "C"], "votes": votes}
    result, rejected = take([given])
    assert (project.tasks.count(), result.answers, rejected) == (3, 1, [])
    a, _, c = project.items.get().responses.all()
    answered = Annotation.objects.get()
    assert answered.task.responses == [a.key, c.key]
    assert answered.answers["preference"]["overall"]["chosen"] == a.key  # the second of [2, 0]


def test_gold_is_told_in_the_order_of_the_pair(world):
    """A ranking's pairs stand in the order of their keys, gold in that of the item."""
    import uuid

    from annotate import queue

    ranked = services.create_project(
        organisation=world.organisation, name="Ranked", overlap=1,
        questions=[{"name": "order", "kind": "ranking", "title": "Rank them"}],
    )  # fmt: skip
    world.add_items(4, project=ranked)
    for _ in range(4):
        lease = world.lease(project=ranked)
        ranks = {key: place for place, key in enumerate(reversed(lease.task.responses), 1)}
        answer = {"order": ranks}
        queue.submit(task=lease.task, rater=lease.rater, answers=answer, submission=uuid.uuid4())
    for entry in candidates.pair_table(ranked, question="order").to_pylist():
        better = entry["response_b" if entry["gold"] == "b" else "response_a"]
        assert better.startswith("second")  # gold is "b", the item's second response
        assert entry["votes"][0]["outcome"] == entry["gold"]


def test_the_order_on_the_screen_is_kept_where_the_file_knows_it(take, project):
    votes = [{"rater": "ann", "choice": "a", "first": 1}, {"rater": "ben", "choice": "a"}]
    take([row(votes=votes)])
    keys = list(project.items.get().responses.values_list("key", flat=True))
    shown = dict(Annotation.objects.values_list("rater__name", "shown"))
    assert shown == {"ann": keys[::-1], "ben": []}


def test_what_was_shown_first_must_be_one_of_the_two(take):
    _, rejected = take([row(votes=[{"rater": "ann", "choice": "a", "first": 2}])])
    assert "shown first" in rejected[0][1]


# ---- answers of every kind, as records ----


def item(number=1, responses=("A", "B"), **given):
    return {"id": f"q{number}", "prompt": f"Question {number}", "responses": list(responses), **given}


def answer(*said, rater="ann", **given):
    return {"rater": rater, "records": list(said), **given}


PREFERENCE = {"record": "preference", "a": "0", "b": "1", "outcome": "a"}
VERDICT = {"record": "verdict", "response": "0", "good": True}
CRITIQUE = {"record": "critique", "response": "1", "text": "Wrong."}
RANKING = {"record": "ranking", "ranks": {"0": 1, "1": 2, "2": 2}}


@pytest.fixture
def asking(world, tmp_path):
    """Import rows of records into a new project that asks questions of these kinds; gives project, result, faults."""

    def run(kinds, rows, **settings):
        questions = [
            {"name": f"q-{kind}", "kind": kind, "title": kind, "required": False, "settings": settings.get(kind, {})}
            for kind in kinds
        ]
        made = services.create_project(organisation=world.organisation, name="Asks", questions=questions, overlap=1)
        path = tmp_path / "items.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        options = {"project": made, "source": path, "format": "touchstone"}
        result = import_items(**options, rejected_path=tmp_path / "rejected.csv")
        faults = []
        if result.rejected_file:
            with open(result.rejected_file, newline="", encoding="utf-8") as file:
                faults = [(int(row["row"]), row["reason"]) for row in csv.DictReader(file)]
        again = import_items(**options, rejected_path=tmp_path / "rejected.csv")
        assert (again.items, again.answers, again.answers_known) == (0, 0, result.answers)
        return made, result, faults

    return run


def test_every_record_goes_to_the_question_that_asks_for_it(asking):
    _, result, faults = asking(["pairwise", "critique"], [item(answers=[answer(PREFERENCE, CRITIQUE)])])
    assert (result.answers, result.left_out, faults) == (1, {}, [])
    given = Annotation.objects.get()
    a, b = given.task.responses
    assert given.answers["q-pairwise"]["overall"]["chosen"] == a
    assert given.answers["q-critique"] == {a: {"text": ""}, b: {"text": "Wrong."}}


def test_what_the_form_does_not_ask_is_counted_and_nothing_else_lost(asking):
    rows = [item(n, answers=[answer(PREFERENCE, VERDICT, CRITIQUE)]) for n in range(3)]
    _, result, faults = asking(["pairwise"], rows)
    assert (result.answers, faults) == (3, [])
    assert result.left_out == {
        "The form has no question for a verdict.": 3,
        "The form has no question for a critique.": 3,
    }


def test_a_form_about_single_responses_gets_an_answer_for_each(asking):
    said = [VERDICT, {**VERDICT, "response": "1", "good": False}]
    _, result, _ = asking(["binary"], [item(answers=[answer(*said)])])
    assert result.answers == 2
    given = Annotation.objects.order_by("task")
    assert [list(one.answers["q-binary"].values()) for one in given] == [["good"], ["bad"]]


def test_a_form_about_pairs_gets_an_answer_for_each_pair(asking):
    said = [PREFERENCE, {**PREFERENCE, "a": "1", "b": "2", "outcome": "b"}]
    made, result, _ = asking(["pairwise"], [item(responses="ABC", answers=[answer(*said)])])
    assert (result.answers, made.tasks.count()) == (2, 3)


def test_answers_about_some_of_the_responses_get_a_task_of_their_own(asking):
    rows = [item(responses="ABC", answers=[answer({**CRITIQUE, "response": "2"}, responses=[0, 2], shown=[2, 0])])]
    made, result, faults = asking(["critique"], rows)
    assert (result.answers, faults, made.tasks.count()) == (1, [], 2)
    given = Annotation.objects.get()
    keys = list(made.items.get().responses.values_list("key", flat=True))
    assert (given.task.responses, given.shown) == ([keys[0], keys[2]], [keys[2], keys[0]])


def test_a_ranking_in_a_form_about_pairs_is_counted(asking):
    _, result, faults = asking(["pairwise"], [item(responses="ABC", answers=[answer(RANKING)])])
    assert (result.items, result.answers, faults) == (1, 0, [])
    assert result.left_out == {"The form has no question for a ranking.": 1}


def test_an_answer_about_one_response_in_a_form_about_pairs_is_listed(asking):
    rows = [item(responses="ABC", answers=[answer({**CRITIQUE, "response": "2"}, responses=[2])])]
    _, result, faults = asking(["pairwise", "critique"], rows)
    assert (result.items, result.answers) == (1, 0)
    assert faults == [(1, "The answer of 'ann' is about responses that no task shows together.")]


def test_an_answer_that_does_not_fit_is_listed_and_the_rest_of_it_kept(asking):
    bad = {**PREFERENCE, "dimension": "style"}
    _, result, faults = asking(["pairwise", "critique"], [item(answers=[answer(bad, CRITIQUE)])])
    assert (result.answers, result.answers_rejected) == (1, 1)
    assert faults[0][0] == 1
    assert "q-pairwise" in faults[0][1]
    assert list(Annotation.objects.get().answers) == ["q-critique"]


def test_questions_take_the_records_of_their_own_dimensions(world, tmp_path):
    questions = [
        {
            "name": name,
            "kind": "pairwise",
            "title": name,
            "settings": {"dimensions": [{"name": name}]},
        }
        for name in ("safe", "true")
    ]
    made = services.create_project(organisation=world.organisation, name="Two", questions=questions, overlap=1)
    said = [{**PREFERENCE, "dimension": "true"}, {**PREFERENCE, "dimension": "safe", "outcome": "b"}]
    only = answer({**PREFERENCE, "dimension": "true"}, rater="bob")
    path = tmp_path / "items.jsonl"
    path.write_text(json.dumps(item(answers=[answer(*said), only])))
    result = import_items(project=made, source=path, format="touchstone", rejected_path=tmp_path / "rejected.csv")
    assert (result.answers, result.answers_rejected, result.left_out) == (2, 0, {})
    given = {one.rater.name: one.answers for one in Annotation.objects.select_related("rater")}
    assert {who: list(answers) for who, answers in given.items()} == {"ann": ["safe", "true"], "bob": ["true"]}
    assert list(given["ann"]["safe"]) == ["safe"]


def test_a_record_may_name_its_question(asking):
    other = {**CRITIQUE, "question": "no-such"}
    _, result, _ = asking(["critique"], [item(answers=[answer({**CRITIQUE, "question": "q-critique"}, other)])])
    assert result.answers == 1
    assert result.left_out == {"The form has no question for a critique.": 1}


@pytest.mark.parametrize(
    "bad",
    [
        {"record": "preference", "a": "0", "b": "1", "outcome": "a", "scale": 0},
        {"record": "span", "response": "0", "start": 0, "end": 99, "category": "error"},
        {"record": "span", "response": "0", "start": 0, "end": 1, "category": "no such"},
        {"record": "ranking", "ranks": {"0": 1}},
    ],
)
def test_hostile_records_are_listed_and_the_next_row_taken(asking, bad):
    kind = {"preference": "pairwise"}.get(bad["record"], bad["record"])
    good = item(2, answers=[answer(CRITIQUE)])
    _, result, faults = asking([kind, "critique"], [item(answers=[answer(bad)]), good])
    assert (result.items, result.rejected, result.answers_rejected) == (2, 0, len(faults))
    assert result.answers + len(faults) == 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([{"record": "nonsense"}], "Unknown record"),
        ([{**VERDICT, "good": "yes"}], "true or false"),
        ([{**VERDICT, "response": "7"}], "does not have"),
        ([], "says nothing"),
    ],
)
def test_records_that_make_no_sense_reject_their_row(asking, said, reason):
    _, result, faults = asking(["critique"], [item(answers=[answer(*said)])])
    assert result.rejected == 1
    assert reason in faults[0][1]
