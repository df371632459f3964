"""Argilla's records in and out."""

import json
import re
import uuid
from collections import Counter

import pytest

from annotate import records
from curation import formats
from curation.formats import ParsedResponse, RowError, argilla

ROW = argilla.EXAMPLE
FIELDS = ROW["fields"]
OPTIONS = formats.filled_options(argilla.OPTIONS, {})


def answered(**values):
    told = {name: {"value": value} for name, value in values.items()}
    return {"id": 1, "fields": FIELDS, "responses": [{"user_id": "u", "status": "submitted", "values": told}]}


def only(row):
    (answer,) = argilla.parse(row).answers
    (record,) = answer.records
    return record


def test_server_records_keep_ranks_and_ties():
    parsed = argilla.parse(ROW)
    assert parsed.external_id == "q1"
    assert [response.text for response in parsed.responses] == ["The Elbe.", "Rome."]
    (answer,) = parsed.answers
    assert answer.records[0].ranks == {"0": 1, "1": 1}
    assert [(vote.rater, vote.outcome) for vote in parsed.votes] == [("u-1", "a")]
    assert parsed.metadata == {"topic": "geography"}


def test_null_ranks_are_not_rankable():
    order = [{"value": "response_1", "rank": 1}, {"value": "response_0", "rank": None}]
    assert only(answered(order=order)).ranks == {"1": 1}


def test_an_order_without_ranks_is_strict_and_said_to_be():
    row = {"fields": FIELDS, "responses": {"order": [{"value": ["response_1", "response_0"], "user_id": "u"}]}}
    parsed = argilla.parse(row)
    assert parsed.answers[0].records[0].ranks == {"1": 1, "0": 2}
    assert parsed.metadata == {"ranks_lost": ["order"]}


def test_sdk_records_group_answers_by_user():
    row = {
        "id": "r1", "fields": FIELDS, "metadata": {},
        "responses": {
            "better": [{"value": "response_1", "user_id": "u"}, {"value": "tie", "user_id": "v"}],
            "why": [{"value": "It is a city.", "user_id": "u"}],
        },
        "suggestions": {"better": {"value": "response_0", "score": 0.8, "agent": "m-1"}},
    }  # fmt: skip
    parsed = argilla.parse(row)
    assert [(vote.rater, vote.outcome, vote.rater_kind) for vote in parsed.votes] == [
        ("u", "b", "import"), ("v", "tie", "import"), ("m-1", "a", "language_model"),
    ]  # fmt: skip
    assert [(answer.rater, answer.records[0].text) for answer in parsed.answers] == [("u", "It is a city.")]


def test_columns_of_a_dataset_on_the_hub():
    row = {
        "id": "r1", "status": "completed", "_server_id": "s", **FIELDS, "topic": "x",
        "better.responses": ["response_0", "response_1"], "better.responses.users": ["u", "v"],
        "better.responses.status": ["submitted", "draft"], "better.suggestion": "response_1",
        "better.suggestion.agent": "m", "better.suggestion.score": None,
    }  # fmt: skip
    parsed = argilla.parse(row)
    assert [(vote.rater, vote.outcome) for vote in parsed.votes] == [("u", "a"), ("m", "b")]
    assert parsed.metadata == {"topic": "x"}
    assert parsed.external_id == "r1"


def test_drafts_and_discarded_answers_do_not_count():
    row = answered(better="response_0")
    row["responses"] += [{"user_id": "v", "status": "draft", "values": {"better": {"value": "response_1"}}}]
    row["responses"] += [{"user_id": "w", "status": "discarded", "values": None}]
    row["suggestions"] = [{"question_id": "9", "value": "response_1", "agent": "m"}]
    parsed = argilla.parse(row)
    assert [vote.rater for vote in parsed.votes] == ["u"]
    assert parsed.metadata == {"draft": 1, "discarded": 1, "suggestions_without_question": 1}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("quality_response_1", 4, {"value": 4, "low": 1, "high": 5, "response": "1"}),
        ("quality_response_1", 0, {"value": 0, "low": 0, "high": 5}),
        ("quality_response_1", 8, {"value": 8, "low": 1, "high": 10}),
        ("errors_response_1", [{"label": "city", "start": 0, "end": 4}], {"start": 0, "end": 4, "category": "city"}),
        ("fine_response_0", "good", {"good": True, "response": "0"}),
        ("comment", "Both short.", {"text": "Both short.", "response": ""}),
        ("topics", ["rivers"], {"text": "rivers", "aspect": "topics"}),
    ],
)
def test_values_become_records(name, value, expected):
    record = only(answered(**{name: value}))
    assert {field: getattr(record, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (answered(errors_response_1=[{"label": "x", "start": 0, "end": 99}]), "lies outside its text of 5 characters"),
        (answered(errors_response_1=[{"label": "x", "start": "0", "end": 2}]), "lies outside"),
        (answered(order=[{"value": "response_7", "rank": 1}]), "'response_7', which is no response"),
        (answered(order=[{"value": "response_1", "rank": 0}]), "A rank of 'order' is 0"),
        (answered(quality_response_1=11), "is 11; a rating"),
        (answered(quality_response_1=-1), "is -1; a rating"),
        (answered(**{"q--overall--7": 3}), "about a response that the record does not have"),
        (answered(quality_response_1=10**400), "a rating"),
        (answered(quality=True), "text, a number or a list"),
        (answered(quality=[1, 2]), "no question of Argilla"),
        ({"fields": {"id": 3}}, "No responses were found"),
        ({"fields": "x"}, "fields is 'x'"),
        ({"fields": FIELDS, "responses": [3]}, "list of objects"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        argilla.parse(row)


@pytest.fixture
def form(question):
    rows = [{"name": "clarity"}]
    return [
        question("pairwise", "better", labels=["slightly", "much"], dimensions=rows),
        question("ranking", "order"),
        question("rating", "quality", low=0, high=4, dimensions=rows),
        question("binary", "fine"),
        question("rubric", "rubric", criteria=[{"name": "sourced", "text": "Names a source", "points": 5}]),
        question("critique", "notes", aspects=[{"name": "strengths"}]),
        question("critique", "reason", about="overall"),
        question("revision", "edit"),
        question("span", "errors", categories=[{"name": "wrong"}]),
    ]


@pytest.fixture
def said(record):
    return [
        record("preference", "better", dimension="clarity", a="0", b="1", outcome="b", strength=2, scale=2),
        record("ranking", "order", ranks={"0": 1, "1": 1}),
        record("critique", "reason", response="", text="Shorter – and right."),
        *(
            one
            for key in ("0", "1")
            for one in (
                record("rating", "quality", dimension="clarity", response=key, value=0, low=0, high=4),
                record("verdict", "fine", response=key, good=key == "0"),
                record("check", "rubric", response=key, criterion="sourced", met=None, points=5),
                record("critique", "notes", response=key, text="Kurz.", aspect="strengths"),
                record("revision", "edit", response=key, text="First, mended."),
                record("span", "errors", response=key, start=0, end=5, category="wrong"),
            )
        ),
    ]


def told(parsed):
    return Counter((answer.rater, repr(record)) for answer in parsed.answers for record in answer.records)


def normal(parsed):
    """Numbers as floats, as JSON gives them or not."""
    return Counter({(rater, re.sub(r"\b(\d+)\.0\b", r"\1", text)): n for (rater, text), n in told(parsed).items()})


def test_what_is_written_reads_back_as_the_same_records(item, form, said):
    parsed = item({"Ann": said, "bob@example.org": said}, group="g", metadata={"topic": "x"})
    left_out = Counter()
    row = json.loads(json.dumps(argilla.export_item(parsed, form, {"responses": 3}, left_out)))
    again = argilla.parse(row)
    assert not +left_out
    assert normal(again) == normal(parsed)
    assert (again.prompt, again.responses, again.group) == (parsed.prompt, parsed.responses, "g")
    assert again.metadata == {"topic": "x"}


def test_records_and_settings_are_what_the_server_takes(item, form, said):
    """Limits of argilla_server.api.schemas.v1: names, options, ratings, spans and who may answer once."""
    settings = json.loads(argilla.files(form, OPTIONS)["settings.json"])
    questions = {one["name"]: one["settings"] for one in settings["questions"]}
    for one in (*settings["questions"], *settings["fields"]):
        assert re.fullmatch(r"(?=.*[a-z0-9])[a-z0-9_-]+", one["name"])
        assert 1 <= len(one["name"]) <= 200
        assert 1 <= len(one["title"]) <= 500
    fields = {one["name"] for one in settings["fields"]}
    row = argilla.export_item(item({"Ann": said, "bob": said}), form, OPTIONS, Counter())
    assert set(row["fields"]) == fields
    assert len({response["user_id"] for response in row["responses"]}) == 2
    for response in row["responses"]:
        uuid.UUID(response["user_id"])
        assert response["status"] == "submitted"
        assert set(response["values"]) == set(questions)
        for name, own in questions.items():
            value = response["values"][name]["value"]
            options = {option["value"] for option in own.get("options", ())}
            assert len(options) == len(own.get("options", ()))
            if own["type"] == "rating":
                assert type(value) is int
                assert value in options
                assert 2 <= len(options) <= 11
                assert options <= set(range(11))
            elif own["type"] == "ranking":
                assert {entry["value"] for entry in value} == options
            elif own["type"] == "span":
                assert own["field"] in fields
                assert all(0 <= mark["start"] < mark["end"] and mark["label"] in options for mark in value)
            elif own["type"] == "label_selection":
                assert value in options
                assert len(options) >= 2
            else:
                assert own["type"] == "text"
                assert isinstance(value, str)


def test_what_it_cannot_say_is_counted(item, record, form):
    spoken = [
        record("rating", "quality", dimension="clarity", response="0", value=1.5, low=0, high=4),
        record("rating", "quality", dimension="clarity", response="1", value=1, low=1, high=5),
        record("check", "rubric", response="0", criterion="own", met=True, points=1),
        record("check", "rubric", response="0", criterion="sourced", met=False, points=5, credit=0.5),
        record("span", "errors", response="0", start=0, end=0, category="wrong"),
        record("span", "errors", response="0", start=0, end=2, category="wrong", severity="major"),
        record("step_label", "fine", response="0", step=0, value=1),
        record("region", "errors", response="0", shape="box", points_xy=(0, 0, 1, 1), category="x"),
        record("time_range", "errors", response="0", begin=0, finish=1, category="x"),
        record("verdict", "elsewhere", response="0", good=True),
    ]
    left_out = Counter()
    row = argilla.export_item(item({"ann": spoken}), form, OPTIONS, left_out)
    assert list(row["responses"][0]["values"]) == ["errors--overall--0"]
    assert left_out == {
        "scale": 2, "check": 1, "credit": 1, "span_note": 1, "about_a_span": 1, "step_label": 1, "region": 1,
        "time_range": 1, "no_question": 1,
    }  # fmt: skip
    left_out.clear()
    assert argilla.export_item(item({}, media=["a.png"]), form, OPTIONS, left_out) is None
    assert argilla.export_item(item({}, [ParsedResponse(str(n)) for n in range(3)]), form, OPTIONS, left_out) is None
    assert left_out == {"media": 1, "too_many_responses": 1}


def test_every_kind_of_record_is_written_or_named():
    written = {kind.name for kind in argilla._WRITERS}
    assert set(records.TYPES) - written == {"region", "time_range", "step_label", "score"}


def test_prompts_of_several_turns_come_back(item, said, form):
    turns = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Why?"}]
    row = argilla.export_item(item({"a": said}, prompt=turns), form, OPTIONS, Counter())
    assert row["fields"]["prompt"] == "Be short.\n\nWhy?"
    assert argilla.parse(row).prompt == turns
