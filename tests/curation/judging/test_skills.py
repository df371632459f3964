"""A library grows by what helps on cases set apart, for the cases that a skill is for, and by nothing else."""

from curation.judging.gold import Stopped
from curation.judging.skills import Skill, category_of, grow, prompt_with, relevant, words_of
from tests.curation.judging.scripted import Judge, Meta, gold

HELPS = {"name": "Work the sum", "when": "sums of numbers", "instruction": "Do the ARITHMETIC yourself."}
USELESS = {"name": "Smile", "when": "always", "instruction": "Smile."}
KINDS = {"category": lambda number: ("maths", "poems")[number // 2 % 2]}


def by_skill(prompt, case):
    return 0.95 if category_of(case) == "poems" or "ARITHMETIC" in prompt else 0.4


def test_a_skill_that_helps_is_kept_and_its_library_is_real():
    cases = gold(200, **KINDS)
    library = grow(cases, "Judge.", Judge(cases, by_skill), Meta(USELESS, HELPS), tries=3)
    assert [skill.name for skill in library.skills] == ["Work the sum"]
    (skill,) = library.skills
    assert skill.category == "maths", "it was born from failures of that kind"
    assert skill.evidence["righted"] - skill.evidence["wronged"] >= 2
    assert [row["kept"] for row in library.tries][:2] == [False, True]
    assert library.verdict == "real"
    assert library.last["low"] > 0
    assert library.sizes == (100, 50, 50)


def test_a_skill_is_given_where_it_fits():
    cases = [one.case for one in gold(4, **KINDS)]
    skill = Skill(**HELPS, category="maths")
    assert [prompt_with("Judge.", [skill], case) != "Judge." for case in cases] == [True, True, False, False]
    assert "Do the ARITHMETIC yourself." in prompt_with("Judge.", [skill], cases[0])


def test_without_categories_words_find_it():
    cases = [
        one.case for one in gold(2, lambda number: ("add seven numbers quickly", "write a poem on spring")[number])
    ]
    skills = [
        Skill("sums", "", "Add.", words=words_of("add three numbers together")),
        Skill("poems", "", "Rhyme.", words=words_of("a poem about love and spring")),
    ]
    assert [[skill.name for skill in relevant(skills, case)] for case in cases] == [["sums"], ["poems"]]
    many = [Skill(str(place), "", "x", words=words_of("numbers quickly seven")) for place in range(9)]
    assert len(relevant(many, cases[0])) == 3


def test_nothing_is_kept_of_what_does_not_help():
    cases = gold(100)
    library = grow(
        cases, "Judge.", Judge(cases, lambda prompt, case: 0.7), Meta(USELESS, "no JSON", {"name": ""}), tries=3
    )
    assert library.skills == []
    assert (library.verdict, library.last) == ("no evidence", None)
    assert [bool(row["error"]) for row in library.tries] == [False, True, True]
    assert library.tries[0]["righted"] == 0


def test_the_last_part_births_and_checks_nothing():
    cases = gold(120, **KINDS)
    judge = Judge(cases, by_skill)
    grow(cases, "Judge.", judge, Meta(USELESS), tries=2)
    assert len(set(judge.judged)) == 90, "without a skill to compare, a quarter is never judged"


def test_a_budget_that_is_spent_keeps_what_was_found():
    cases = gold(200, **KINDS)
    library = grow(cases, "Judge.", Judge(cases, by_skill), Meta(HELPS, Stopped("The budget is spent.")), tries=3)
    assert (library.verdict, len(library.skills)) == ("stopped", 1)
