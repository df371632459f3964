"""Mappings: what their values mean, and that whatever is wrong with one or with a row is said clearly."""

import contextlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.records import Preference, Rating, Span
from curation.formats import RowError
from curation.mapping import Mapped, MappingError, read, shipped
from curation.reading import Row

BASE = "prompt: q\nresponses: [{text: a}, {text: b}]\n"
ROW = {"q": "Why?", "a": "A", "b": "B"}


def parsed(text, row=ROW, folder=None):
    return Mapped(read(text), folder).parse(row)


def value(spec, row):
    """What a value of a mapping is, seen through the metadata."""
    return parsed(f"{BASE}metadata: {{x: {spec}}}", ROW | row).metadata.get("x")


@pytest.mark.parametrize(
    ("spec", "row", "expected"),
    [
        ("n", {"n": 3}, 3),
        ("deep.0.x y", {"deep": [{"x y": 1}]}, 1),
        ("{path: [deep, a.b]}", {"deep": {"a.b": 1}}, 1),
        ('"deep.*.x"', {"deep": [{"x": 1}, {"x": [2, 3]}, {}]}, [1, 2, 3]),
        ('"deep.*"', {"deep": {"k": 1, "l": 2}}, [1, 2]),
        ("deep.x", {"deep": '{"x": 5}'}, 5),  # JSON in the cell of a table
        ("7", {}, 7),
        ("{constant: n}", {"n": 3}, "n"),
        ("{path: no, default: 4}", {}, 4),
        ("{path: n, default: 4}", {"n": ""}, 4),
        ("{paths: [n, no, m], join: '; '}", {"n": "x", "m": 2}, "x; 2"),
        ("{path: n, split: '|'}", {"n": "x|y||"}, ["x", "y"]),
        ("{path: n, split: /, part: -1}", {"n": "x/y"}, "y"),
        ("{path: n, split: /, part: 5}", {"n": "x/y"}, None),
        ("{path: n, map: {1: a, null: none, true: yes}}", {"n": 1.0}, "a"),
        ("{path: n, map: {1: a, null: none}}", {"n": "1"}, "a"),
        ("{path: n, map: {1: a, null: none}}", {"n": None}, "none"),
        ("{path: n, map: {true: good, false: bad}}", {"n": True}, "good"),
        ("{path: n, map: {1: a}, otherwise: z}", {"n": 9}, "z"),
        ("{path: n, times: 2, add: -1}", {"n": "3"}, 5),
        ("{path: n, format: 'images/{}.png'}", {"n": 7}, "images/7.png"),
    ],
)
def test_values(spec, row, expected):
    assert value(spec, row) == expected


def test_a_digest_is_short_and_stable():
    one, again, other = (value("{path: n, digest: true}", {"n": text}) for text in ("x" * 999, "x" * 999, "y"))
    assert one == again != other
    assert len(one) == 24


def test_records_of_one_rater_are_one_answer_and_columns_are_raters():
    text = BASE + (
        "answers:\n"
        "  - {record: preference, each: {paths: [r1, r2, r3]}, rater: {path: '#', add: 1, format: 'r{}'},"
        " fields: {a: 0, b: 1, outcome: {path: '.', map: {1: a, 2: b, 0: tie, null: skip}}}}\n"
        "  - {record: rating, rater: {constant: r1}, seconds: s, fields: {response: 1, value: v, low: 1, high: 5}}\n"
    )
    answers = parsed(text, ROW | {"r1": 1, "r2": 0, "r3": None, "v": "4", "s": "2.5"}).answers
    assert [answer.rater for answer in answers] == ["r1", "r2"]
    preference, rating = answers[0].records
    assert (preference.outcome, preference.strength) == ("a", 1)
    assert rating == Rating(item="", rater="", question="", response="1", value=4.0, low=1.0, high=5.0)
    assert answers[1].records[0].strength == 0
    assert type(answers[1].records[0]) is Preference


def test_lists_give_spans_and_an_empty_list_says_so():
    text = BASE + (
        "answers: [{record: span, each: marks, empty: {response: 0, start: 0, end: 0, category: {constant: ''}},"
        " fields: {response: $.which, start: from, end: {path: to, add: 1}, category: kind}}]\n"
    )
    marks = [{"from": 0, "to": 0, "kind": "wrong"}, {"from": "1", "to": 4, "kind": 7}]
    spans = parsed(text, ROW | {"marks": marks, "which": 1}).answers[0].records
    assert [(s.response, s.start, s.end, s.category) for s in spans] == [("1", 0, 1, "wrong"), ("1", 1, 5, "7")]
    [nothing] = parsed(text, ROW | {"marks": []}).answers[0].records
    assert nothing == Span(item="", rater="", question="", response="0", start=0, end=0, category="")
    assert parsed(text, ROW).answers[0].records == (nothing,)


def test_responses_from_a_list_are_named_by_their_keys():
    text = (
        "prompt: q\nresponses: {list: outs, text: said, key: id, media: [pics], metadata: {score: s}}\n"
        "answers: [{record: rating, each: notes, responses: [of], fields: {response: of, value: v, low: 0, high: 1}}]\n"
    )
    outs = [{"id": "x", "said": "X", "pics": ["1.png", "2.png"]}, {"id": "y", "said": "Y", "s": 3}, {"id": "x"}]
    found = parsed(text, {"q": "Q", "outs": outs, "notes": [{"of": "y", "v": 1}, {"of": "x", "v": 0}]})
    assert [(r.text, r.media, dict(r.metadata)) for r in found.responses] == [
        ("X", ("1.png", "2.png"), {}),
        ("Y", (), {"score": 3}),
    ]
    assert [(a.responses, a.records[0].response) for a in found.answers] == [((1,), "1"), ((0,), "0")]


def test_rows_are_gathered_by_a_value():
    text = "gather: g\nprompt: g\nresponses: {list: rows, text: t}\n"
    rows = [
        Row(1, {"g": "x", "t": "1"}),
        Row(2, {"g": "y", "t": "2"}),
        Row(3, {"t": "3"}),
        Row(4, {"g": "x", "t": "4"}),
    ]
    mapped = Mapped(read(text))
    good, bad = [], []
    for row in [*mapped.rows([*rows, Row(5, None, "broken")])]:
        (bad if row.data is None else good).append(row)
    assert [[r.text for r in mapped.parse(row.data).responses] for row in good] == [["1", "4"], ["2"]]
    assert [row.number for row in bad] == [3, 5]
    assert "nothing to gather" in bad[0].error or "no 'g'" in bad[0].error


def test_a_map_from_a_file_beside(tmp_path):
    (tmp_path / "words.json").write_text(json.dumps({"Why?": "Because"}))
    text = "prompt: {path: q, map_file: words.json}\nresponses: [{text: a}]\n"
    assert parsed(text, folder=tmp_path).prompt[0]["content"] == "Because"
    (tmp_path / "list.json").write_text("[]")
    for name, folder in (
        ("words.json", None),
        ("no.json", tmp_path),
        ("list.json", tmp_path),
        ("/etc/passwd", tmp_path),
    ):
        with pytest.raises(MappingError, match="cannot be used"):
            parsed(text.replace("words.json", name), folder=folder)


def test_conversations_leave_empty_messages_out():
    said = "{role: {constant: system}, content: s}, {content: q}, {role: who, content: b}"
    text = f"prompt: [{said}]\nresponses: [{{text: a}}]\n"
    assert parsed(text, ROW | {"who": "assistant"}).prompt == [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "B"},
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not of type 'object'"),
        ("prompt: [", "line 1"),
        ("prompt: q", "'responses' is a required property"),
        (BASE + "colour: red", "colour"),
        (
            BASE + "answers: [{record: preference, fields: {winner: x}}]",
            "answers/0/fields: A preference has no 'winner'",
        ),
        (BASE + "answers: [{record: guess, fields: {}}]", "answers/0/record"),
        (BASE + "metadata: {x: {path: a, no_such: 1}}", "metadata"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("!!python/object/apply:os.system [ls]", "not YAML"),
        ("- " * 5000 + "x", "YAML|object"),
        ("x" * 200_000, "characters"),
    ],
)
def test_a_wrong_mapping_says_where_it_is_wrong(text, reason):
    with pytest.raises(MappingError, match=reason) as error:
        read(text)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("more", "row", "reason"),
    [
        ("", {"q": ""}, "nothing for the prompt at 'q'"),
        ("", {"a": ["x"]}, "text is expected"),
        ("", {"a": "", "b": ""}, "Every response is empty"),
        ("gold: g", {"g": "A"}, "Unknown outcome"),
        ("gold: {path: g, map: {1: a}}", {"g": 3}, "3 at 'g' is not in the map"),
        ("gold: {path: g, map: {1: skip}}", {"g": 1}, "leaves out"),
        ("answers: [{record: rating, fields: {response: 0, value: v, low: 1, high: 5}}]", {"v": "x"}, "a number is"),
        ("answers: [{record: rating, fields: {response: 0, value: v, low: 1, high: 5}}]", {}, "needs value"),
        ("answers: [{record: rating, fields: {response: 9, value: 1, low: 1, high: 5}}]", {}, "does not have"),
        (
            "answers: [{record: rating, responses: [9], fields: {response: 0, value: 1, low: 1, high: 5}}]",
            {},
            "not have",
        ),
        ("answers: [{record: rating, fields: {response: a, value: 1, low: 1, high: 5}}]", {}, "no response 'A'"),
        ("answers: [{record: ranking, fields: {ranks: r}}]", {"r": 3}, "a list in the order"),
        ("answers: [{record: verdict, rater: w, fields: {response: 0, good: g}}]", {"g": "yes"}, "no rater"),
        ("answers: [{record: verdict, fields: {response: 0, good: g}}]", {"g": "maybe"}, "true or false"),
        ("answers: [{record: critique, each: l, fields: {response: 0, text: '.'}}]", {"l": 3}, "a list is expected"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_a_sentence(more, row, reason):
    with pytest.raises(RowError, match=reason) as error:
        parsed(BASE + more, ROW | row)
    assert str(error.value).endswith(".")


def test_the_mapping_in_the_docs_is_right():
    docs = (Path(__file__).parents[2] / "docs" / "admins.md").read_text("utf-8")
    [text] = [block for block in re.findall(r"```yaml\n(.*?)```", docs, re.DOTALL) if "responses:" in block]
    row = {"task": "t1", "question": "Q", "answer_1": "One", "answer_2": "Two", "label": 2, "worker": "w", "choice": 1}
    found = parsed(text, row | {"seconds": 3, "errors": [{"from": 0, "to": 1, "kind": "wrong"}]})
    assert (found.external_id, found.gold) == ("t1", "b")
    [answer] = found.answers
    assert (answer.rater, answer.seconds) == ("w", 3.0)
    preference, span = answer.records
    assert (preference.outcome, span.start, span.end) == ("a", 0, 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("name", sorted(shipped()))
@settings(max_examples=40, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_whatever_stands_at_the_paths_of_a_mapping_gives_an_item_or_a_reason(name, data):
    mapping = read(shipped()[name].replace("map_file: prompts.json", "default: P"))
    row = {}
    for path in paths_of(mapping):
        part, *names = path
        here, value = row, data.draw(JSON)
        for inside in names:
            here[part] = here.get(part) if isinstance(here.get(part), dict) else {}
            here, part = here[part], inside
        here[part] = value
    with contextlib.suppress(RowError):  # anything else fails
        Mapped(mapping).parse(row)


def paths_of(part):
    """The paths that a mapping names from the row, as lists of names."""
    if isinstance(part, str) and not part.startswith((".", "#", "$")):
        yield part.split(".")
    elif isinstance(part, dict):
        for name, inside in part.items():
            if name not in ("constant", "map", "format", "join", "title", "about", "record", "missing_media"):
                yield from paths_of(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from paths_of(inside)
