"""The hand-written prompts: shape, grades, and that length alone is no guide to quality."""

import ast
import re
from itertools import combinations

import pytest
import yaml

from annotate.demo import OVERALL, TOP, Sample, prompts

KINDS = {
    "arithmetic", "bug", "curt", "factual", "format", "instruction", "invented", "logic", "mistranslation", "missing",
    "off_topic", "overcautious", "padding", "tone", "unsafe",
}  # fmt: skip
EVERY = [*prompts.samples(), *prompts.checks()]


def grade(candidate):
    return candidate.grades[OVERALL]


def test_there_are_enough_of_every_category():
    categories = [sample.category for sample in prompts.samples()]
    assert len(categories) == 60
    assert len(set(categories)) == 11
    assert min(categories.count(category) for category in set(categories)) >= 4


def test_ids_and_prompts_differ():
    for values in ([sample.id for sample in EVERY], [sample.prompt for sample in EVERY]):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.id)
def test_responses_are_graded_and_every_flaw_is_named(sample):
    assert 2 <= len(sample.candidates) <= 4
    assert len({candidate.text for candidate in sample.candidates}) == len(sample.candidates)
    assert max(map(grade, sample.candidates)) == TOP
    for candidate in sample.candidates:
        assert candidate.grades.keys() == {OVERALL, *prompts.DIMENSIONS}
        assert all(0 <= value <= TOP for value in candidate.grades.values())
        assert candidate.text == candidate.text.strip() != ""
        if grade(candidate) == TOP:
            assert (candidate.kind, candidate.flaw) == ("", "")
        else:
            assert candidate.kind in KINDS
            assert candidate.flaw[0].islower(), "a flaw ends a sentence that begins with It"
            assert not candidate.flaw.endswith(".")


def test_unknown_fields_would_not_go_unnoticed():
    known = {"grades", "text", "kind", "flaw"}
    for path in prompts.CONTENT.glob("*.yaml"):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert row.keys() == {"id", "prompt", "responses"}, path
            assert all(response.keys() <= known for response in row["responses"]), row["id"]


def test_longer_is_not_better():
    assert 0.40 <= longer_wins(prompts.samples()) <= 0.62
    worse = [sample for sample in prompts.samples() if grade(max(sample.candidates, key=lambda c: len(c.text))) < TOP]
    assert 0.35 <= len(worse) / 60 <= 0.50


def test_checks_are_obvious():
    assert len(prompts.checks()) >= 6
    for sample in prompts.checks():
        assert [grade(candidate) for candidate in sample.candidates] == [TOP, 0]


def test_good_python_compiles():
    blocks = [
        block
        for sample in EVERY
        for candidate in sample.candidates
        if grade(candidate) == TOP
        for block in re.findall(r"```python\n(.*?)```", candidate.text, re.S)
    ]
    assert len(blocks) >= 3
    for block in blocks:
        ast.parse(block)


def test_fences_and_formulas_are_closed():
    for sample in EVERY:
        for text in (sample.prompt, *(candidate.text for candidate in sample.candidates)):
            assert text.count("```") % 2 == 0, sample.id
            if sample.category == "maths":
                assert re.sub(r"\\\$", "", text).count("$") % 2 == 0, sample.id


def longer_wins(samples: tuple[Sample, ...]) -> float:
    """How often the longer of two candidates of different grades is the better one."""
    hits = [
        (grade(a) > grade(b)) == (len(a.text) > len(b.text))
        for sample in samples
        for a, b in combinations(sample.candidates, 2)
        if grade(a) != grade(b)
    ]
    return sum(hits) / len(hits)
