"""Every feedback kind keeps the contract: schema, checks, records both ways, readings, template and script."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate import feedback, records
from annotate.feedback import Asked, InvalidAnswer

ROOT = Path(__file__).parents[3]
KINDS = feedback.names()
# What the structured-output modes of model providers know in common; anything else is left to `check`.
KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "description"),
    *("minimum", "maximum", "minItems", "maxItems"),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def example(kind):
    asked, answer = feedback.get(kind).example()
    return asked.stamped(item="i1", rater="ann", annotation="7", seconds=2.5, shown_first=asked.responses[-1]), answer


def subschemas(schema):
    """Every schema inside a schema, itself included."""
    yield schema
    for inside in (*schema.get("properties", {}).values(), schema.get("items")):
        if inside:
            yield from subschemas(inside)


def answers(schema):
    """Values that fit a schema with the keywords above."""
    if isinstance(schema["type"], list):
        return st.one_of([answers({**schema, "type": one}) for one in schema["type"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "object":
        return st.fixed_dictionaries({name: answers(part) for name, part in schema["properties"].items()})
    if schema["type"] == "array":
        return st.lists(answers(schema["items"]), max_size=4)
    simple = {
        "string": st.text(max_size=20),
        "integer": st.integers(schema.get("minimum", -3), schema.get("maximum", 3)),
        "null": st.none(),
        "number": st.floats(schema.get("minimum", -3), schema.get("maximum", 3)),
    }
    return simple[schema["type"]]


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path, value


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def test_describes_itself(kind):
    module = feedback.get(kind)
    assert module.TITLE
    assert module.SUMMARY
    assert module.SUMMARY.endswith(".")
    assert module.ARITY in (None, 1, 2)
    assert module.MEASURES
    assert all(measure in ("nominal", "ordinal", "interval") or callable(measure) for measure in module.MEASURES)
    assert module.__doc__.endswith("Pure: knows no Django.\n")


def test_settings_schema_is_valid_closed_and_has_defaults(kind):
    schema = feedback.get(kind).SETTINGS
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    for name, part in schema["properties"].items():
        assert {"default", "title"} <= part.keys(), name
    defaults = feedback.settings_with_defaults(kind, {})
    assert defaults.keys() == schema["properties"].keys()
    assert feedback.settings_with_defaults(kind, defaults) == defaults


def test_presets_are_settings(kind):
    for preset in feedback.get(kind).PRESETS.values():
        feedback.settings_with_defaults(kind, preset)


def test_unknown_settings_are_refused(kind):
    with pytest.raises(InvalidAnswer, match="no_such_setting"):
        feedback.settings_with_defaults(kind, {"no_such_setting": 1})


def test_answer_schema_is_valid_closed_and_fit_for_structured_output(kind, example):
    asked, _ = example
    schema = feedback.get(kind).schema(asked)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    for part in subschemas(schema):
        assert part.keys() <= KEYWORDS
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
    assert json.loads(json.dumps(schema)) == schema


def test_example_is_valid(kind, example):
    asked, answer = example
    assert feedback.settings_with_defaults(kind, asked.settings) == asked.settings
    feedback.validate(kind, answer, asked)
    assert json.loads(json.dumps(answer)) == answer


def test_example_goes_to_records_and_back(kind, example):
    asked, answer = example
    module = feedback.get(kind)
    made = list(module.to_records(answer, asked))
    assert made
    for record in made:
        assert (record.item, record.rater, record.question) == ("i1", "ann", asked.question)
        assert (record.annotation, record.seconds, record.shown_first) == ("7", 2.5, asked.responses[-1])
    assert list(records.from_table(records.to_table(made))) == made
    assert module.from_records(made, asked) == answer
    assert module.from_records(reversed(made), asked) is not None


def test_its_records_are_of_the_types_that_its_settings_say(kind, example):
    asked, answer = example
    module = feedback.get(kind)
    assert {type(record) for record in module.to_records(answer, asked)} <= set(module.says(asked.settings))
    for preset in module.PRESETS.values():
        said = module.says(feedback.settings_with_defaults(kind, preset))
        assert said
        assert set(said) <= set(records.TYPES.values())


def test_records_of_other_questions_and_types_are_passed_over(kind, example):
    asked, answer = example
    module = feedback.get(kind)
    made = list(module.to_records(answer, asked))
    elsewhere = Asked("elsewhere", asked.settings, asked.responses, asked.texts, asked.criteria, asked.stamp)
    foreign = records.Score(item="i1", rater="ann", question=asked.question, response="r1", value=0.5)
    assert module.from_records(made, elsewhere) is None
    assert module.from_records([foreign], asked) is None
    assert module.from_records([foreign, *made, *module.to_records(answer, elsewhere)], asked) == answer
    assert list(module.readings([foreign])) == []
    assert module.from_records([], asked) is None


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_any_answer_is_refused_or_survives_the_records(name, data):
    module = feedback.get(name)
    asked, _ = module.example()
    answer = data.draw(answers(module.schema(asked)))
    try:
        feedback.validate(name, answer, asked)
    except InvalidAnswer:
        return
    made = list(module.to_records(answer, asked))
    assert module.from_records(made, asked) == answer
    for reading in module.readings(made):
        assert reading.category or reading.level is not None or reading.content is not None


def test_readings_have_what_the_measures_compare(kind, example):
    asked, answer = example
    module = feedback.get(kind)
    readings = list(module.readings(module.to_records(answer, asked)))
    assert {(r.item, r.rater) for r in readings} == {("i1", "ann")}
    assert len({(r.subject, r.dimension) for r in readings}) == len(readings)
    for measure in module.MEASURES:
        if measure == "nominal":
            assert any(r.category for r in readings)
        elif callable(measure):
            contents = [r.content for r in readings if r.content is not None]
            assert contents
            for x in contents:
                assert measure(x, x) == 0
                for y in contents:
                    assert 0 <= measure(x, y) == measure(y, x) <= 1
        else:
            assert any(r.level is not None for r in readings)


def test_readings_of_two_raters_meet_on_the_same_units(kind, example):
    asked, answer = example
    module = feedback.get(kind)
    both = [*module.to_records(answer, asked), *module.to_records(answer, asked.stamped(rater="bob"))]
    readings = list(module.readings(both))
    of = {who: {r[:3] + r[4:] for r in readings if r.rater == who} for who in ("ann", "bob")}
    assert of["ann"] == of["bob"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
@pytest.mark.parametrize("name", KINDS)
def test_scores_give_a_valid_answer_or_none(name, data):
    module = feedback.get(name)
    asked, _ = module.example()
    keys = st.sampled_from([*asked.responses, "elsewhere"])
    scores = data.draw(st.dictionaries(keys, st.floats() | st.sampled_from([0.0, 1.0])))
    answer = module.from_scores(scores, asked)
    if answer is not None:
        feedback.validate(name, answer, asked)
        assert scores.keys() >= set(asked.responses)


def test_not_a_number_gives_no_answer(kind, example):
    asked, _ = example
    assert feedback.get(kind).from_scores(dict.fromkeys(asked.responses, math.nan), asked) is None


@pytest.mark.parametrize("bad", [None, [], "r1", 1, True, {}, {"r1": {}}, {"no such": {}}])
def test_what_is_no_answer_is_refused(kind, example, bad):
    with pytest.raises(InvalidAnswer):
        feedback.validate(kind, bad, example[0])


def test_a_bad_leaf_is_refused_with_its_path(kind, example):
    asked, answer = example
    for path, _ in leaves(answer):
        for bad in (["list"], {"an": "object"}, 1e9, "\ud800"):
            with pytest.raises(InvalidAnswer) as caught:
                feedback.validate(kind, replaced(answer, path, bad), asked)
            assert str(caught.value)
            assert "/".join(map(str, path)).startswith(caught.value.path)
            assert caught.value.path, path


def test_an_extra_or_missing_property_is_refused(kind, example):
    asked, answer = example
    with pytest.raises(InvalidAnswer, match="hidden_default"):
        feedback.validate(kind, {**answer, "hidden_default": 1}, asked)
    with pytest.raises(InvalidAnswer, match="required"):
        feedback.validate(kind, dict(list(answer.items())[1:]), asked)


def test_messages_stay_short(kind, example):
    asked, answer = example
    path, _ = next(leaves(answer))
    with pytest.raises(InvalidAnswer) as caught:
        feedback.validate(kind, replaced(answer, path, ["x" * 100_000]), asked)
    assert len(str(caught.value)) < 400


def test_text_that_no_database_stores_is_refused():
    asked, answer = feedback.get("critique").example()
    for bad in ("a\0b", "\ud83c"):
        with pytest.raises(InvalidAnswer, match="no text") as caught:
            feedback.validate("critique", {**answer, "r1": {**answer["r1"], "strengths": bad}}, asked)
        assert caught.value.path == "r1/strengths"


def test_defaults_are_filled_at_every_depth_and_names_are_unique():
    dimensions = [{"name": "vq"}, {"name": "mq", "title": "Motion"}]
    given = {"dimensions": dimensions}
    filled = feedback.settings_with_defaults("pairwise", given)
    assert filled["dimensions"] == [
        {"name": "vq", "title": "", "help": ""},
        {"name": "mq", "title": "Motion", "help": ""},
    ]
    assert given == {"dimensions": [{"name": "vq"}, {"name": "mq", "title": "Motion"}]}
    with pytest.raises(InvalidAnswer, match="'vq' is there twice") as caught:
        feedback.settings_with_defaults("pairwise", {"dimensions": [*dimensions, {"name": "vq"}]})
    assert caught.value.path == "dimensions"


# ---- the face: a template and a script of the same name ----


class Page(HTMLParser):
    """Tags and attributes of some HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, name):
        return [attrs[name] for _, attrs in self.tags if name in attrs]


def rendered(kind, asked, **question):
    from django.template.loader import render_to_string

    responses = [{"key": key, "label": "AB CDEF"[i]} for i, key in enumerate(reversed(asked.responses))]
    question = {"name": asked.question, "title": "Title", "help": "Help", "required": True, "kind": kind, **question}
    question |= {"settings": asked.settings, "steps": asked.steps, "drawn": asked.drawn}
    context = {"question": question, "responses": responses, "criteria": asked.criteria}
    return render_to_string(f"annotate/feedback/{kind}.html", context)


def test_has_a_template(kind, example):
    asked, answer = example
    page = Page(rendered(kind, asked))
    tag, root = page.tags[0]
    assert (tag, root["data-feedback"], root["data-question"]) == ("div", kind, asked.question)
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    referred = {
        part for name in ("for", "aria-labelledby", "aria-describedby") for v in page.all(name) for part in v.split()
    }
    assert referred <= set(ids)
    assert "checked" not in {name for _, attrs in page.tags for name in attrs}, "an untouched control is no answer"
    values = {value for _, attrs in page.tags for value in attrs.values()}
    assert set(asked.responses) <= values or "overall" in answer


def test_template_has_no_script_and_escapes_what_people_wrote(kind, example):
    asked, _ = example
    nasty = "\"'><script>alert(1)</script><b onclick=x>"
    hostile = Asked(
        asked.question,
        poisoned(asked.settings, nasty),
        asked.responses,
        asked.texts,
        tuple(poisoned(list(asked.criteria), nasty)),
    )
    html = rendered(kind, hostile, title=nasty, help=nasty)
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "&lt;script&gt;" in html


def poisoned(value, nasty):
    """The value with every text that is shown, but no name, made hostile."""
    if isinstance(value, dict):
        return {name: part if name == "name" else poisoned(part, nasty) for name, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, nasty) for part in value]
    return nasty if isinstance(value, str) and value not in ("each", "overall") else value


def test_template_without_help_or_requirement(kind, example):
    html = rendered(kind, example[0], help="", required=False)
    assert "optional" in html
    assert 'aria-describedby=""' not in html


def test_has_a_script(kind):
    script = (ROOT / "static/annotate/feedback" / f"{kind}.js").read_text()
    assert re.search(r"^export function mount\(root, \{", script, re.MULTILINE)
    assert not re.search(r"innerHTML|insertAdjacentHTML|\beval\b|new Function", script)
    for name in ("value", "draft", "set", "keys"):
        assert re.search(rf"^    {name}\b", script, re.MULTILINE), name


def test_every_template_and_script_belongs_to_a_kind():
    for folder, suffix in (("templates/annotate/feedback", "html"), ("static/annotate/feedback", "js")):
        files = {path.stem for path in (ROOT / folder).glob(f"*.{suffix}") if not path.name.startswith("_")}
        assert files == set(KINDS)
    assert {path.stem for path in (ROOT / "static/annotate/feedback").glob("*.css")} <= set(KINDS)
