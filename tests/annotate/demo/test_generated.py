"""Generated questions: right answers are right, wrong ones are not, and length tells little."""

import contextlib
import io
import random
import re

import pytest

from annotate import discovery
from annotate.demo import OVERALL, generated
from annotate.demo.generated import definitions, units, word_problems

FAMILIES = discovery.load_all("annotate.demo.generated")


def drawn(family, count=200):
    rng = random.Random("test")
    return [FAMILIES[family].make(rng) for _ in range(count)]


def test_families_are_found():
    assert set(FAMILIES) == {"definitions", "programs", "units", "word_problems"}


@pytest.mark.parametrize("family", FAMILIES)
def test_right_and_wrong_differ(family):
    for problem in drawn(family):
        assert problem.answer in problem.right, problem
        assert problem.answer not in problem.wrong, problem
        assert problem.flaw
        assert problem.template


def test_programs_print_what_the_right_answer_says():
    for problem in drawn("programs"):
        code = re.search(r"```python\n(.*)\n```", problem.prompt, re.S)[1]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(code, {})  # our own few lines
        assert f"`{output.getvalue().strip()}`" == problem.answer, problem


def equations(text):
    """The equations in a text, each as the values of its sides: units dropped, computed anew."""
    text = re.sub(r"(?<=\d) (€|%|g|kg|km|m|cm|mm|m²|cm²|ml|minutes|hours|days|visitors)(?!\w)", "", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r" ?([×÷−+=]) ?", r"\1", text).translate(str.maketrans("×÷−", "*/-"))
    for word in text.split():
        if "=" in word:
            yield [eval(side, {}) for side in word.rstrip(".,").split("=")]  # digits and operators of our own


@pytest.mark.parametrize("family", ["word_problems", "units"])
def test_sums_are_right(family):
    found = [sides for problem in drawn(family) for sides in equations(problem.right.replace("`", ""))]
    assert len(found) >= 100
    for first, *others in found:
        assert others == [pytest.approx(first, rel=1e-3)] * len(others)


def test_word_problems_cover_every_template():
    assert {problem.template for problem in drawn("word_problems")} == {
        make.__name__.removeprefix("_") for make in word_problems.TEMPLATES
    }


def test_conversions_have_a_slip_that_matters():
    for *_, factor, slip, flaw in units.CONVERSIONS:
        assert factor != slip
        assert flaw


def test_definitions_are_complete():
    names = [entry["term"] for entry in definitions.terms()]
    assert len(set(names)) == len(names) == 50
    for entry in definitions.terms():
        assert entry.keys() == {"term", "brief", "right", "more", "wrong", "flaw"}
        assert entry["right"] != entry["wrong"]


def test_samples_are_pairs_of_known_quality():
    samples = generated.samples()
    assert len(samples) == generated.PAIRS == 400
    assert len({sample.prompt for sample in samples}) == 400
    assert len({sample.group for sample in samples}) > 60, "enough groups to split by"
    decided = 0
    for sample in samples:
        better, worse = sample.candidates
        assert better.text != worse.text
        assert all(0 <= value <= 3 for c in sample.candidates for value in c.grades.values())
        assert better.grades[OVERALL] >= worse.grades[OVERALL]
        assert all(bool(c.flaw) == bool(c.kind) == (c.grades[OVERALL] < 3) for c in sample.candidates)
        decided += better.grades[OVERALL] > worse.grades[OVERALL]
    assert decided > 380


def test_longer_is_not_better():
    pairs = [sample.candidates for sample in generated.samples()]
    hits = [len(a.text) > len(b.text) for a, b in pairs if a.grades[OVERALL] > b.grades[OVERALL]]
    assert 0.40 <= sum(hits) / len(hits) <= 0.62


def test_same_every_time():
    first = generated.samples(40)
    generated.samples.cache_clear()
    assert generated.samples(40) == first
    assert generated.samples()[:40] == first, "more of them begin with the same ones"
