"""Made-up people vote as reliably as they are said to."""

import math
from collections import Counter
from datetime import UTC, datetime

import pytest

from annotate.demo import Candidate, Sample, people
from annotate.demo.people import PEOPLE, Person, davidson, votes

MANY = 3000


def candidate(grade, text="The same length.", **more):
    return Candidate(text, {"overall": grade, "clarity": grade}, flaw="" if grade == 3 else "slips", **more)


def ballot(person, monkeypatch, *candidates, count=MANY, **more):
    """The votes of one person on ``count`` pairs that differ in name only."""
    monkeypatch.setattr(people, "PEOPLE", (person,))
    asked = {"a": 0, "b": 1, "voters": 1, "dimensions": ["overall"]} | more
    return [votes(Sample(f"s{n}", "?", candidates, "c"), **asked)[0] for n in range(count)]


def share(cast, condition):
    cast = list(cast)
    return sum(map(condition, cast)) / len(cast)


def decided(cast):
    return [vote for vote in cast if vote["choice"] in ("a", "b")]


def close(value, n):
    """Within four standard errors of a share."""
    return pytest.approx(value, abs=4 * math.sqrt(value * (1 - value) / n))


@pytest.mark.parametrize("stated", [0.6, 0.75, 0.92])
def test_accuracy_one_grade_apart(stated, monkeypatch):
    cast = decided(ballot(Person("p", stated), monkeypatch, candidate(2), candidate(1)))
    assert share(cast, lambda vote: vote["choice"] == "a") == close(stated, len(cast))


def test_accuracy_grows_with_the_grades_between(monkeypatch):
    cast = decided(ballot(Person("p", 0.75), monkeypatch, candidate(0), candidate(2)))
    assert share(cast, lambda vote: vote["choice"] == "b") == close(0.9, len(cast)), "odds of 3, squared"


def test_ties_between_equals(monkeypatch):
    cast = ballot(Person("p", 0.8, ties=0.35), monkeypatch, candidate(2), candidate(2))
    assert share(cast, lambda vote: vote["choice"] == "tie") == close(0.35, MANY)


def test_bias_of_place(monkeypatch):
    cast = decided(ballot(Person("p", 0.8, first=0.7), monkeypatch, candidate(2), candidate(2)))
    shown_first = {0: "a", 1: "b"}
    assert share(cast, lambda vote: vote["choice"] == shown_first[vote["first"]]) == close(0.7, len(cast))
    assert share(cast, lambda vote: vote["first"] == 0) == close(0.5, len(cast))


def test_bias_of_length(monkeypatch):
    long, short = candidate(2, "x" * 199), candidate(2, "x" * 99)
    cast = decided(ballot(Person("p", 0.8, longer=0.7), monkeypatch, short, long))
    assert share(cast, lambda vote: vote["choice"] == "b") == close(0.7, len(cast))


def test_the_careless_guess_and_hurry(monkeypatch):
    person = Person("p", 0.9, ties=0.2, attention=0.0)
    cast = ballot(person, monkeypatch, candidate(3, "x" * 900), candidate(0, "x" * 900))
    assert share(decided(cast), lambda vote: vote["choice"] == "a") == close(0.5, len(decided(cast)))
    assert max(vote["seconds"] for vote in cast) < 5
    assert not any("reason" in vote for vote in cast)


def test_stated_odds_are_those_of_the_votes(monkeypatch):
    person = Person("p", 0.7, ties=0.4, first=0.6, longer=0.6)
    one, two = candidate(2, "x" * 60), candidate(1, "x" * 20)
    cast = [vote for vote in ballot(person, monkeypatch, one, two) if vote["first"] == 0]
    counted = Counter(vote["choice"] for vote in cast)
    for choice, chance in zip(("a", "tie", "b"), person.odds(one, two), strict=True):
        assert counted[choice] / len(cast) == close(chance, len(cast))


def test_strength_grows_with_the_difference(monkeypatch):
    def mean(better, worse):
        cast = decided(ballot(Person("p", 0.9), monkeypatch, candidate(better), candidate(worse), count=500))
        return sum(vote["strength"] for vote in cast) / len(cast)

    assert 1 <= mean(1, 0) < mean(2, 0) < mean(3, 0) <= 3


def test_both_bad_only_where_the_form_knows_it(monkeypatch):
    bad = candidate(0), candidate(1)
    person = Person("p", 0.6, ties=0.9)
    with_it = ballot(person, monkeypatch, *bad, count=200, both_bad=True)
    without = ballot(person, monkeypatch, *bad, count=200)
    assert {"both_bad"} < {vote["choice"] for vote in with_it} <= {"a", "b", "both_bad"}
    assert {vote["choice"] for vote in without} <= {"a", "b", "tie"}
    good = ballot(person, monkeypatch, candidate(3), candidate(3), count=200, both_bad=True)
    assert {vote["choice"] for vote in good} <= {"a", "b", "tie"}


def test_reasons_name_the_flaw_of_the_loser(monkeypatch):
    cast = ballot(Person("p", 0.95, talks=1.0), monkeypatch, candidate(3), candidate(0), count=200)
    reasons = [vote["reason"] for vote in cast if vote["choice"] == "a"]
    assert reasons
    assert all("slips" in reason for reason in reasons)


def test_dimensions_share_one_sitting(monkeypatch):
    monkeypatch.setattr(people, "PEOPLE", (Person("p", 0.8),))
    sample = Sample("s", "?", (candidate(3), candidate(1)), "c")
    whole, clarity = votes(sample, a=0, b=1, voters=1, dimensions=["overall", "clarity"])
    assert "dimension" not in whole
    assert clarity["dimension"] == "clarity"
    assert "reason" not in clarity
    assert whole["seconds"] == clarity["seconds"]
    assert whole["first"] == clarity["first"]


def test_same_votes_every_time_and_dated_only_when_asked():
    sample = Sample("s", "?", (candidate(3), candidate(1)), "c")
    asked = {"a": 0, "b": 1, "voters": 3, "dimensions": ["overall"]}
    until = datetime(2026, 11, 20, tzinfo=UTC)
    assert votes(sample, **asked) == votes(sample, **asked)
    assert not any("submitted_at" in vote for vote in votes(sample, **asked))
    dated = [datetime.fromisoformat(vote["submitted_at"]) for vote in votes(sample, **asked, until=until)]
    assert all(0 < (until - moment).days + 1 <= people.DAYS + 1 for moment in dated)


def test_davidson():
    first, tie, second = davidson(math.log(4), 0.2)
    assert first + tie + second == pytest.approx(1)
    assert first / second == pytest.approx(4)
    assert davidson(0.0, 0.2) == pytest.approx((0.4, 0.2, 0.4))


def test_one_of_them_is_careless_and_their_habits_differ():
    assert len({person.name for person in PEOPLE}) == len(PEOPLE) >= 6
    assert min(person.attention for person in PEOPLE) < 0.5
    assert max(person.first for person in PEOPLE if person.attention == 1) > 0.65
    assert max(person.longer for person in PEOPLE) > 0.65
