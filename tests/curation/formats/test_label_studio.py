"""Label Studio's tasks in and out."""

import json
from collections import Counter
from random import Random
from xml.etree import ElementTree

import pytest

from annotate import records
from bench import label_studio as bench
from curation import formats
from curation.formats import Parsed, ParsedResponse, RowError, label_studio

ROW = label_studio.EXAMPLE
OPTIONS = formats.filled_options(label_studio.OPTIONS, {})


def task(data, *results, **annotation):
    return {"id": 1, "data": data, "annotations": [{"id": 5, "completed_by": 3, "result": [*results], **annotation}]}


def result(kind, to_name, name="c", **value):
    return {"from_name": name, "to_name": to_name, "type": kind, "value": value}


def only(row):
    (answer,) = label_studio.parse(row).answers
    (record,) = answer.records
    return record


def test_pairwise_and_reason_of_a_template():
    parsed = label_studio.parse(ROW)
    assert [response.text for response in parsed.responses] == ["The Elbe.", "Rome."]
    assert parsed.prompt == [{"role": "user", "content": "Name a river."}]
    (vote,) = parsed.votes
    assert (vote.rater, vote.outcome, vote.seconds) == ("3", "a", 12.5)
    assert vote.submitted_at == "2026-11-20T09:30:00Z"
    assert [record.text for record in parsed.answers[0].records] == ["Rome is a city."]
    assert parsed.external_id == "7"


@pytest.mark.parametrize(
    "data",
    [
        {"items": [{"id": "m1", "title": "One"}, {"id": "m2", "body": "Two"}]},
        {"responses": ["One", "Two"]},
        {"text1": "One", "text2": "Two"},
        {"response_a": "One", "response_b": "Two"},
        {"left": "One", "right": "Two"},
    ],
)
def test_responses_under_the_usual_names(data):
    parsed = label_studio.parse(
        task({"question": "Q", "source_id": 4, **data}, result("pairwise", "c", selected="right"))
    )
    assert [response.text for response in parsed.responses] == ["One", "Two"]
    assert parsed.votes[0].outcome == "b"
    assert parsed.metadata == {"source_id": 4}


def test_files_are_media():
    parsed = label_studio.parse(task({"prompt": "Q", "image1": "/data/a.png", "image2": "/data/b.png"}))
    assert [response.media for response in parsed.responses] == [("/data/a.png",), ("/data/b.png",)]


def test_one_text_alone_is_the_response():
    assert label_studio.parse(task({"text": "Only this."})).responses[0].text == "Only this."
    assert label_studio.parse(task({"prompt": "Only this."})).responses[0].text == "Only this."


ONE = {"prompt": "Q", "text": "🌍 goes round"}
PICTURE = {"image": "a.png"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (result("choices", "text", choices=["Good"]), {"good": True, "response": "0"}),
        (result("choices", "text", choices=["spam", "rude"]), None),
        (result("taxonomy", "text", taxonomy=[["Animal", "Bird"]]), {"text": "Animal > Bird", "aspect": "c"}),
        (result("rating", "text", rating=4), {"value": 4, "low": 1, "high": 5}),
        (result("labels", "text", start=2, end=6, labels=["verb"], text="goes"), {"start": 2, "end": 6}),
        (result("labels", "text", start=3, end=7, labels=["verb"], text="goes"), {"start": 2, "end": 6}),  # UTF-16
    ],
)
def test_results_become_records(given, expected):
    if expected is None:
        (answer,) = label_studio.parse(task(ONE, given)).answers
        assert [record.text for record in answer.records] == ["spam", "rude"]
        return
    record = only(task(ONE, given))
    assert {name: getattr(record, name) for name in expected} == expected


def test_choices_about_both_may_say_what_pairwise_cannot():
    data = {"prompt": "Q", "answer1": "a", "answer2": "b"}
    for said, outcome in (("Tie", "tie"), ("both bad", "both_bad"), ("left", "a"), ("B", "b")):
        assert label_studio.parse(task(data, result("choices", "prompt", choices=[said]))).votes[0].outcome == outcome


@pytest.mark.parametrize(
    ("ranker", "ranks"),
    [
        ({"rank": ["m2", "m1", "m3"]}, {"1": 1, "0": 2, "2": 3}),
        ({"good": ["m2"], "bad": ["m1", "m3"]}, {"1": 1, "0": 2, "2": 2}),
        ({"rank-2": ["m1"], "rank-1": ["m2", "m3"], "_": []}, {"1": 1, "2": 1, "0": 2}),
        ({"good": ["m2"], "_": ["m1", "m3"]}, {"1": 1}),
    ],
)
def test_rankers_keep_ties_and_what_was_put_aside(ranker, ranks):
    items = [{"id": name, "title": name, "body": name} for name in ("m1", "m2", "m3")]
    assert only(task({"prompt": "Q", "items": items}, result("ranker", "items", ranker=ranker))).ranks == ranks


def test_boxes_and_polygons_are_fractions():
    box = result("rectanglelabels", "image", x=10, y=20, width=30, height=80.5, rotation=0, rectanglelabels=["dog"])
    record = only(task({"image": "a.png"}, box))
    assert record.points_xy == pytest.approx((0.1, 0.2, 0.4, 1.0))
    assert (record.shape, record.category, record.response) == ("box", "dog", "0")
    points = [[0, 0], [50, 0], [50, 100]]
    polygon = only(task({"image": "a.png"}, result("polygonlabels", "image", points=points, polygonlabels=["cat"])))
    assert polygon.points_xy == (0, 0, 0.5, 0, 0.5, 1)


def test_labels_on_sound_are_time_ranges():
    stretch = result("labels", "audio", start=0.5, end=2.25, labels=["noise"])
    record = only(task({"audio": "a.wav"}, stretch))
    assert (record.begin, record.finish, record.category) == (0.5, 2.25, "noise")


def test_what_is_not_read_is_counted():
    rotated = result("rectanglelabels", "image", x=1, y=1, width=1, height=1, rotation=30, rectanglelabels=["a"])
    row = task(
        {"image": "a.png"},
        rotated,
        result("brushlabels", "image", rle=[0], brushlabels=["a"]),
        result("number", "image", number=3),
    )
    parsed = label_studio.parse(row)
    assert parsed.metadata == {"unread": {"rotated box": 1, "brushlabels": 1, "number": 1}}


def test_cancelled_annotations_and_earlier_ones_do_not_count():
    good, bad = (result("choices", "text", choices=[word]) for word in ("good", "bad"))
    row = task(ONE, good)
    row["annotations"].append({"completed_by": 3, "result": [bad]})
    row["annotations"].append({"completed_by": {"id": 9, "email": "x@y.z"}, "was_cancelled": True, "result": [good]})
    row["predictions"] = [{"model_version": "m-1", "score": 0.5, "result": [good]}]
    parsed = label_studio.parse(row)
    assert [(answer.rater, answer.records[0].good) for answer in parsed.answers] == [("3", False), ("m-1", True)]
    assert parsed.metadata == {"cancelled": ["x@y.z"]}


def test_ground_truth_is_gold():
    row = json.loads(json.dumps(ROW))
    row["annotations"][0]["ground_truth"] = True
    assert label_studio.parse(row).gold == "a"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"data": "x"}, "data is 'x'"),
        (task({"id": 3}), "No responses were found"),
        (task({"items": [3]}), "Entry 1 of items is 3"),
        (task(ONE, result("pairwise", "c", selected="left")), "left or right of two"),
        (task(ONE, result("labels", "text", start=5, end=99, labels=["x"])), "lies outside its text of 12 characters"),
        (task(ONE, result("rating", "text", rating=11)), "rating of 'c' is 11"),
        (task(ONE, result("rating", "text", rating="many")), "a number is expected"),
        (task(ONE, result("textarea", "text", text=[3])), "texts are expected"),
        (task({"items": ["a", "b"]}, result("ranker", "items", ranker={"x": ["m9"]})), "names 'm9', which is no item"),
        (task(PICTURE, result("rectanglelabels", "image", x=200, y=1, rectanglelabels=[])), "x of 'c' is 200"),
        (task(PICTURE, result("polygonlabels", "image", points=[[1, 1]], polygonlabels=["a"])), "three or more"),
        (task(ONE, lead_time=-1.0), None),
        (task(ONE, result("textarea", "text", text=["x"]), lead_time=-1.0), "negative"),
    ],
)  # fmt: skip
def test_bad_rows(row, message):
    if message is None:
        assert label_studio.parse(row).answers == ()
        return
    with pytest.raises(RowError, match=message):
        label_studio.parse(row)


def test_what_is_written_reads_back_as_the_same_records():
    options = {"responses": 3, "pictures": True}
    left_out = Counter()
    for item in bench.project(Random(1), 20):
        again = label_studio.parse(
            json.loads(json.dumps(label_studio.export_item(item, bench.form(), options, left_out)))
        )
        assert bench.said(again) == bench.said(item)
        assert (again.prompt, again.responses, again.media) == (item.prompt, item.responses, item.media)
        assert again.external_id == item.external_id
    assert not left_out


def test_every_result_names_a_control_of_the_configuration():
    options = {"responses": 3, "pictures": True}
    view = ElementTree.fromstring(label_studio.files(bench.form(), options)["label_config.xml"])
    controls = {tag.get("name"): tag for tag in view.iter() if tag.get("toName")}
    objects = {tag.get("name"): tag.get("value") for tag in view.iter() if str(tag.get("value")).startswith("$")}
    for item in bench.project(Random(2), 5):
        made = label_studio.export_item(item, bench.form(), options, Counter())
        assert all(value.removeprefix("$") in made["data"] for name, value in objects.items() if name)
        for one in (one for annotation in made["annotations"] for one in annotation["result"]):
            control = controls[one["from_name"]]
            assert control.tag.lower() == one["type"]
            assert one["to_name"] in (control.get("toName"), one["from_name"])


def test_what_it_cannot_say_is_counted(item, record, question):
    spoken = [
        record("preference", a="0", b="1", outcome="tie", strength=0),
        record("preference", a="0", b="1", outcome="a", strength=1, scale=3),
        record("step_label", response="0", step=0, value=1),
        record("check", "rubric", response="0", criterion="own", met=True, points=1),
        record("check", "rubric", response="0", criterion="c1", met=False, points=1, credit=0.5),
        record("region", response="0", shape="brush", points_xy=(0.1, 0.1), category="x", thickness=0.1),
        record("region", response="0", shape="box", points_xy=(0, 0, 1, 1), category="x"),
        record("time_range", response="0", begin=0, finish=1, category="x"),
        record("span", response="0", start=0, end=0, category="missing"),
        record("verdict", "elsewhere", response="0", good=True),
    ]
    form = [question("pairwise"), question("rubric", "rubric", criteria=[{"name": "c1", "text": "x"}])]
    left_out = Counter()
    made = label_studio.export_item(item({"ann": spoken}), form, OPTIONS, left_out)
    assert made["annotations"] == []
    assert left_out == {
        "tie": 1, "strength": 1, "step_label": 1, "check": 1, "credit": 1, "brush": 1, "more_pictures": 1,
        "time_range": 1, "span_note": 1, "no_question": 1,
    }  # fmt: skip
    many = Parsed([], tuple(ParsedResponse(str(place)) for place in range(3)))
    assert label_studio.export_item(many, form, OPTIONS, left_out) is None
    assert left_out["too_many_responses"] == 1


def test_bench_form_covers_every_record_that_can_be_said():
    said = {record for item in bench.project(Random(0), 3) for record, *_ in bench.said(item)}
    assert said == set(records.TYPES) - {"time_range", "step_label", "score"}
