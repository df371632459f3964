"""Steps: where they come from, labels and first errors and progress, records both ways, and the real traces."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import step
from annotate.records import StepLabel
from annotate.steps import steps_of

TASKS = ("dyck_languages", "logical_deduction", "multistep_arithmetic", "tracking_shuffled_objects", "word_sorting")


@pytest.fixture
def ask(ask):
    """A question about responses of so many steps: ``ask(2, 3, mode="progress")``."""

    def asked(*counts, **settings):
        keys = [f"r{i}" for i in range(1, len(counts) + 1)]
        texts = {key: "\n\n".join(f"Step {i}" for i in range(count)) for key, count in zip(keys, counts, strict=True)}
        base = ask("step", keys, texts, **settings)
        steps = {key: steps_of(text, {}, split=base.settings["split"]) for key, text in texts.items()}
        return replace(base, texts=texts, steps=steps)

    return asked


def texts_of(*args, **more):
    return [part.text for one in steps_of(*args, **more) for part in one.parts]


# ---- where steps come from ----


@pytest.mark.parametrize(
    ("split", "text", "pieces"),
    [
        ("paragraphs", "One\nline.\n\n \nTwo.\r\n\r\nThree.\n", ["One\nline.", "Two.", "Three."]),
        ("lines", "One.\n\nTwo.\n", ["One.", "Two."]),
        ("step_n", "Plan.\nStep 1: a\nb\n**Step 2** c", ["Plan.", "Step 1: a\nb", "**Step 2** c"]),
        ("marker", "Step 1: a ки\nStep 2: b ки", ["Step 1: a", "Step 2: b"]),
        ("paragraphs", "", [""]),
    ],
)
def test_a_text_is_cut_as_the_setting_says(split, text, pieces):
    assert texts_of(text, {}, split=split, marker="ки") == pieces


def test_the_responses_own_steps_come_first():
    assert texts_of("ignored", {"steps": ["a\n\nb", "c"]}, split="paragraphs") == ["a\n\nb", "c"]
    for nothing in ([], None, "no list", 3):
        assert texts_of("a\n\nb", {"steps": nothing}, split="paragraphs") == ["a", "b"]


def test_what_tools_and_users_say_belongs_to_the_step_before():
    call = {"name": "find", "arguments": '{"q": 1}'}
    made = steps_of(
        "",
        {
            "steps": [
                {"role": "user", "content": "Go."},
                {"role": "assistant", "content": "I search.", "tool_calls": [{"function": call}]},
                {"role": "tool", "name": "find", "content": [{"type": "text", "text": "Found."}]},
                {"role": "assistant", "content": None, "tool_calls": [{"name": "buy", "arguments": {"id": 7}}]},
            ]
        },
        split="paragraphs",
    )  # fmt: skip
    assert [[(part.what, part.name, part.text) for part in one.parts] for one in made] == [
        [("user", "", "Go."), ("text", "", "I search."), ("call", "find", '{"q": 1}'), ("result", "find", "Found.")],
        [("call", "buy", '{"id": 7}')],
    ]


FIELDS = st.sampled_from(["role", "content", "tool_calls", "function", "name", "arguments", "text"])
ENTRY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner),
    max_leaves=8,
)


@given(st.lists(ENTRY))
def test_no_metadata_breaks_it(entries):
    made = steps_of("text", {"steps": entries}, split="lines")
    assert made
    assert all(isinstance(part.text, str) and isinstance(part.name, str) for one in made for part in one.parts)


# ---- what is allowed ----


def test_every_step_is_judged(ask, refused):
    feedback.validate("step", {"r1": ["right", "unsure"], "r2": ["neutral"]}, ask(2, 1))
    for bad in (["right"], ["right"] * 3, ["right", None], ["right", "good"]):
        assert refused("step", {"r1": bad, "r2": ["right"]}, ask(2, 1))[0].startswith("r1")


def test_labels_that_are_not_offered_are_refused(ask, refused):
    for label in ("neutral", "unsure"):
        assert refused("step", {"r1": [label]}, ask(1, **{label: False}))[0] == "r1/0"


@pytest.mark.parametrize("settings", [{"until_error": True}, {"mode": "first_error"}])
def test_the_first_error_ends_it(ask, refused, settings):
    asked = ask(3, **settings)
    for good in (["right", "wrong"], ["wrong"], ["right", "right", "wrong"], ["right"] * 3):
        feedback.validate("step", {"r1": good}, asked)
    assert refused("step", {"r1": ["wrong", "right"]}, asked)[0] == "r1/1"
    assert refused("step", {"r1": ["right"]}, asked) == ("r1/0", "There are more steps, and none of these is wrong.")
    assert refused("step", {"r1": []}, asked)[0] == "r1"


def test_progress_is_a_percentage(ask, refused):
    asked = ask(2, mode="progress")
    feedback.validate("step", {"r1": [0, 100]}, asked)
    for bad in (101, -1, 0.5, "10", None, True):
        assert refused("step", {"r1": [10, bad]}, asked)[0] == "r1/1"


def test_a_judge_is_told_the_steps(ask):
    assert "1: Step 0; 2: Step 1" in step.schema(ask(2))["properties"]["r1"]["description"]


# ---- records, both ways ----


def test_records_of_labels(ask):
    asked = ask(4)
    answer = {"r1": ["right", "neutral", "wrong", "unsure"]}
    made = list(step.to_records(answer, asked))
    assert [(r.response, r.step, r.value, r.dimension) for r in made] == [
        ("r1", 0, 1, ""), ("r1", 1, 0, ""), ("r1", 2, -1, ""), ("r1", 3, None, ""),
    ]  # fmt: skip
    assert step.from_records(reversed(made), asked) == answer


def test_records_of_the_first_error(ask):
    asked = ask(4, mode="first_error")
    made = list(step.to_records({"r1": ["right", "wrong"]}, asked))
    assert [r.value for r in made] == [1, -1], "what comes after it is not labelled"
    assert [r.value for r in step.to_records({"r1": ["right"] * 4}, asked)] == [1] * 4


def test_records_of_progress_stand_in_a_dimension_of_their_own(ask):
    asked = ask(3, mode="progress")
    answer = {"r1": [0, 35, 100]}
    made = list(step.to_records(answer, asked))
    assert [(r.value, r.dimension) for r in made] == [(0, "progress"), (35, "progress"), (100, "progress")]
    assert step.from_records(made, asked) == answer
    assert step.from_records(made, ask(3)) is None


def test_labels_of_every_step_answer_a_question_for_the_first_error(ask):
    made = [*step.to_records({"r1": ["right", "wrong", "wrong"]}, ask(3))]
    assert step.from_records(made, ask(3, mode="first_error")) == {"r1": ["right", "wrong"]}


def test_an_import_with_gaps_is_reported(ask, refused):
    asked = ask(3)
    late = StepLabel(item="i1", rater="ann", question="q", response="r1", step=2, value=1.0)
    answer = step.from_records([late], asked)
    assert answer == {"r1": [None, None, "right"]}
    assert refused("step", answer, asked)[0] == "r1/0"


@given(st.data())
def test_any_valid_answer_survives_in_every_mode(data):
    mode = data.draw(st.sampled_from(["labels", "first_error", "progress"]))
    settings = feedback.settings_with_defaults("step", {"mode": mode, "until_error": data.draw(st.booleans())})
    steps = {"r1": steps_of("a\n\nb\n\nc", {}, split="paragraphs"), "r2": steps_of("a", {}, split="paragraphs")}
    asked = feedback.Asked("q", settings, ("r1", "r2"), steps=steps)
    one = st.integers(0, 100) if mode == "progress" else st.sampled_from(["right", "neutral", "wrong", "unsure"])
    answer = {key: data.draw(st.lists(one, min_size=1, max_size=len(own))) for key, own in steps.items()}
    try:
        feedback.validate("step", answer, asked)
    except feedback.InvalidAnswer:
        return
    assert step.from_records(step.to_records(answer, asked), asked) == answer


def test_readings_give_each_step_and_the_first_error(ask):
    made = list(step.to_records({"r1": ["right", "wrong", "wrong"], "r2": ["neutral"]}, ask(3, 1)))
    readings = list(step.readings(made))
    assert [(r.subject, r.category, r.level) for r in readings if not r.dimension] == [
        ("r1#0", "right", 1), ("r1#1", "wrong", -1), ("r1#2", "wrong", -1), ("r2#0", "neutral", 0),
    ]  # fmt: skip
    assert {r.subject: r.category for r in readings if r.dimension == "first_error"} == {"r1": "1", "r2": "none"}
    progress = list(step.readings(step.to_records({"r1": [10, 90]}, ask(2, mode="progress"))))
    assert [(r.subject, r.dimension, r.level) for r in progress] == [("r1#0", "progress", 10), ("r1#1", "progress", 90)]


# ---- real traces ----


def test_the_first_errors_of_big_bench_mistake_to_records_and_back(real_data):
    """Its 2,186 traces: 478 without a mistake, the others with the index that its file states."""
    settings = feedback.settings_with_defaults("step", step.PRESETS["big_bench_mistake"])
    seen, clean = 0, 0
    for task in TASKS:
        for line in (real_data / "big_bench_mistake" / f"{task}.jsonl").read_text().splitlines():
            row = json.loads(line)
            own = steps_of("\n".join(row["steps"]), row, split="lines")
            assert len(own) == len(row["steps"])
            wrong = row["mistake_index"]
            given = ["right"] * len(own) if wrong is None else ["right"] * wrong + ["wrong"]
            asked = feedback.Asked(
                "q", settings, ("r1",), stamp={"item": str(seen), "rater": "them"}, steps={"r1": own}
            )
            feedback.validate("step", {"r1": given}, asked)
            made = list(step.to_records({"r1": given}, asked))
            assert step.from_records(made, asked) == {"r1": given}
            (first,) = [r.category for r in step.readings(made) if r.dimension == "first_error"]
            assert first == ("none" if wrong is None else str(wrong))
            assert len(made) == (len(own) if wrong is None else wrong + 1)
            seen, clean = seen + 1, clean + (wrong is None)
    assert (seen, clean) == (2186, 478)
