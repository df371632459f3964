"""Judges that were made with a known fault are found to have just that fault, and people's ceiling is theirs."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs
from curation.judging import biases, standing
from curation.judging.standing import Compared, Facts
from tests.curation.conftest import make_row, make_vote

N, EACH, PEOPLE = 3000, 4, 5  # pairs, pairs a prompt, people a pair
RIGHT = 0.8  # of a person


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


class Simulated:
    """People and one judge: it leans to people's verdict, and to the longer response by ``odds`` a doubling."""

    def __init__(self, *, odds: float = 1.0, own: float = 0.0, seed: int = 0) -> None:
        draw = np.random.default_rng(seed)
        self.length = np.round(np.exp(draw.normal(4, 0.5, (N, 2)))).astype(int) + 1
        gap = np.log2(self.length[:, 0] / self.length[:, 1])
        truth = draw.random(N) < 0.5
        self.votes = np.where(draw.random((N, PEOPLE)) < RIGHT, truth[:, None], ~truth[:, None])  # whether a
        people = self.votes.sum(axis=1) > PEOPLE / 2
        p = sigmoid(np.where(people, 1.2, -1.2) + np.log(odds) * gap)
        said = draw.random(N) < p
        mine = draw.random(N) < 0.5  # a is of the judge's family, else b
        said = np.where(draw.random(N) < own, mine, said)
        self.said, self.people, self.mine, self.p = said, people, mine, p

    def table(self) -> pa.Table:
        rows = []
        for n in range(N):
            votes = [{**make_vote(f"r{i}", "a" if a else "b"), "kind": "person"} for i, a in enumerate(self.votes[n])]
            judge = make_vote("judge", "a" if self.said[n] else "b")
            votes.append({**judge, "kind": "language_model", "p_a": float(self.p[n])})
            models = ("gpt-4", "llama-3") if self.mine[n] else ("llama-3", "gpt-4")
            texts = ["x" * length for length in self.length[n]]
            given = {"votes": votes, "model_a": models[0], "model_b": models[1]}
            rows.append(make_row(n, prompt=f"prompt {n // EACH}", response_a=texts[0], response_b=texts[1], **given))
        return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


def judged(made: Simulated, **facts: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    found = standing.report(Compared.of(made.table()), {"judge": Facts("language_model", "gpt", **facts)})
    return found, found["judges"][0]


@pytest.fixture(scope="module")
def faulty() -> tuple[Simulated, dict[str, Any], dict[str, Any]]:
    made = Simulated(odds=1.8)
    return made, *judged(made, labels=N, refused=100, cost=20.0, seconds=2.0 * N)


def test_the_ceiling_is_how_often_a_person_says_what_the_others_do(faulty):
    made, found, _ = faulty
    others = made.votes.sum(axis=1, keepdims=True) - made.votes
    credit = np.where(others * 2 == PEOPLE - 1, 0.5, (others * 2 > PEOPLE - 1) == made.votes)
    people = found["people"]
    assert people["value"] == pytest.approx(credit.mean())
    assert people["n"] == N * PEOPLE
    assert people["clusters"] == N // EACH
    assert people["low"] < people["value"] < people["high"]
    assert people["kappa"] == pytest.approx(2 * credit.mean() - 1, abs=0.01)


def test_agreement_and_what_it_costs(faulty):
    made, found, judge = faulty
    share = (made.said == made.people).mean()
    assert judge["agreement"]["value"] == pytest.approx(share)
    assert judge["agreement"]["low"] < share < judge["agreement"]["high"]
    assert judge["beside"]["value"] < judge["beside"]["high"] < 0, "worse than a person"
    assert judge["cost"]["label"] == pytest.approx(20 / N)
    assert judge["cost"]["right"] == pytest.approx(20 / N / share)
    assert judge["cost"]["seconds"] == pytest.approx(2)
    assert (judge["coverage"]["answered"], judge["coverage"]["refused"], judge["coverage"]["asked"]) == (
        N,
        100,
        N + 100,
    )
    assert found["known"] == N
    json.dumps(found, allow_nan=False)


def test_length_bias_is_recovered_within_ten_percent(faulty):
    _, _, judge = faulty
    found = judge["length"]
    assert found["odds"] == pytest.approx(1.8, rel=0.1)
    assert found["odds_low"] < 1.8 < found["odds_high"]
    assert found["low"] > 0, "it chooses the longer one oftener than people do"
    steep = [row["judge"] for row in found["curve"] if row["n"] > 100]
    assert steep == sorted(steep)
    assert all(abs(row["people"] - 0.5) < 0.1 for row in found["curve"] if row["n"] > 300)


def test_self_preference_is_recovered_within_two_points():
    # It takes its own family's response in .2 of all pairs; elsewhere that wins half of the time.
    made = Simulated(own=0.2)
    _, judge = judged(made)
    assert judge["own"]["excess"] == pytest.approx(0.1, abs=0.02)
    assert judge["own"]["low"] > 0
    assert judge["own"]["n"] == N


def test_a_fair_judge_is_not_accused():
    made = Simulated(seed=1)
    _, judge = judged(made)
    assert judge["length"]["odds_low"] < 1 < judge["length"]["odds_high"]
    assert judge["own"]["low"] < 0 < judge["own"]["high"]


def test_position_bias_is_recovered_within_two_points():
    draw = np.random.default_rng(0)
    follows, fair = draw.random(4000) < 0.3, draw.random(4000) < 0.5
    shown = [biases.Shown(f"item {n // 2}", bool(first)) for n, first in enumerate(follows | fair)]
    found = biases.position(shown)
    assert found["value"] == pytest.approx(0.3 + 0.7 / 2, abs=0.02)
    assert found["low"] > 0.5
    assert found["clusters"] == 2000


def test_gold_goes_before_people_and_ties_of_people_are_no_reference(pair_table):
    def vote(outcome):
        return {**make_vote("judge", outcome), "kind": "language_model"}

    def person(name, outcome):
        return {**make_vote(name, outcome), "kind": "person"}

    table = pair_table(
        {"votes": [person("x", "a"), vote("b")], "gold": "b"},
        {"votes": [person("x", "a"), person("y", "b"), vote("a")]},
        {"votes": [vote("a")]},
        {"votes": [person("x", "tie"), vote("tie")]},
    )
    compared = Compared.of(table, method="majority")
    assert compared.people_N.tolist() == [1, -1, -1, 2]
    found = standing.report(compared, {})
    assert (found["known"], found["gold"]) == (2, 1)
    (judge,) = found["judges"]
    assert (judge["agreement"]["n"], judge["agreement"]["value"]) == (2, 1.0)
    assert judge["agreement"]["low"] is None, "two prompts give no interval"
    assert judge["calibration"] == {"n": 0}
    assert judge["cost"] == {"total": None, "label": None, "right": None, "seconds": None}


def test_nobody_to_compare_with(pair_table):
    found = standing.report(Compared.of(pair_table({"votes": "aab"}), method="majority"), {})
    assert found["judges"] == []
    assert found["people"]["n"] == 3
    empty = standing.report(Compared.of(pairs.SCHEMA.empty_table()), {})
    assert (empty["pairs"], empty["people"]["value"]) == (0, None)
    json.dumps(empty, allow_nan=False)


@pytest.mark.parametrize(
    ("model", "family"),
    [("gpt-4o", "gpt"), ("text_davinci_003", "gpt"), ("o3-mini", "gpt"), ("claude-2", "claude"), ("", ""), ("42", "")],
)
def test_families(model, family):
    assert biases.family_of(model) == family
