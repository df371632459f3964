"""Votes to aggregate: small ones by hand, a simulated crowd, and the real one."""

import gzip
import json
from dataclasses import dataclass

import numpy as np
import pytest

from annotate.feedback import Reading
from curation.aggregation import Votes


@pytest.fixture(scope="session")
def votes_of():
    """Votes from rows (unit, rater, category) or (unit, rater, category, "side a", "side b")."""

    def build(rows, categories=("a", "b", "tie")):
        names = {}
        readings = []
        for unit, rater, category, *sides in rows:
            names.update({(unit, f"{unit}-{end}"): side for end, side in zip("ab", sides, strict=False)})
            readings.append(Reading(unit, f"{unit}-a:{unit}-b", "", rater, category))
        return Votes.from_readings(readings, categories, lambda item, key: names.get((item, key), key))

    return build


@dataclass(frozen=True)
class Crowd:
    votes: Votes
    truth_U: np.ndarray
    knows_R: np.ndarray


@pytest.fixture(scope="session")
def crowd():
    """MACE's own world: raters who know the answer with a chance of their own, or guess evenly."""
    rng = np.random.default_rng(7)
    U, R, C = 600, 30, 3
    knows_R = np.where(np.arange(R) < 18, 0.05, 0.9)  # most are spammers
    truth_U = rng.integers(0, C, U)
    rater_UV = np.array([rng.choice(R, 7, replace=False) for _ in range(U)])
    guess_UV = rng.integers(0, C, rater_UV.shape)
    vote_UV = np.where(rng.random(rater_UV.shape) < knows_R[rater_UV], truth_U[:, None], guess_UV)
    units = tuple((f"u{u}", "r", "") for u in range(U))
    unit_V = np.repeat(np.arange(U), 7)
    votes = Votes(units, tuple(f"w{r}" for r in range(R)), ("x", "y", "z"), unit_V, rater_UV.ravel(), vote_UV.ravel())
    return Crowd(votes, truth_U, knows_R)


@dataclass(frozen=True)
class Arguments:
    votes: Votes
    gold_U: np.ndarray  # index of the released gold, -1 where there is none


@pytest.fixture(scope="session")
def convarg(real_data):
    """69,075 votes on 13,845 pairs of arguments (Habernal and Gurevych 2016)."""
    with gzip.open(real_data / "convarg" / "pairs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    text = {(row["id"], side): row[f"response_{side}"] for row in rows for side in "ab"}
    prompt = {row["id"]: row["prompt"] for row in rows}
    readings = [Reading(row["id"], "a:b", "", vote["rater"], vote["choice"]) for row in rows for vote in row["votes"]]
    votes = Votes.from_readings(readings, ("a", "b", "tie"), lambda item, side: prompt[item] + "\n" + text[item, side])
    return Arguments(votes, np.array([votes.categories.index(row["gold"]) if row["gold"] else -1 for row in rows]))
