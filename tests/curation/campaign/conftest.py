"""A pool of real debates with labels flipped on purpose, people who know better, and models that fit at once."""

import gzip
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs
from curation.campaign import Tools, plan
from curation.campaign.desk import Desk
from curation.campaign.files import Files
from curation.campaign.source import Source
from curation.ports import Models

WIDTH = 96
PLAN = """\
name: debates
seed: 3
rounds: 2
seed_pairs: {people: 40, models: 60}
per_round: {people: 10, models: 30}
budget: {people: 60}
similar_by: pair
labelling: {use: votes}
"""


@pytest.fixture(scope="session")
def debates(real_data):
    """(pool of 300 pairs, true side of each): a third of the labels is flipped; three models voted, mostly right."""
    rng = np.random.default_rng(5)
    rows, truth = [], []
    with gzip.open(real_data / "convarg" / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            votes = Counter(vote["choice"] for vote in row["votes"])
            if max(votes["a"], votes["b"]) < 4 or row["response_a"] == row["response_b"]:
                continue
            side = 1 if votes["a"] > votes["b"] else -1
            label = -side if rng.random() < 0.33 else side
            prompt = pairs.canonical_json([{"role": "user", "content": row["prompt"]}])
            texts = row["response_a"], row["response_b"]
            said = [side if rng.random() < 0.85 else -side for _ in range(3)]
            rows.append(
                {
                    "row_id": pairs.row_id(prompt, *texts), "item": f"pair {len(rows)}", "question": "preference",
                    "dimension": "", "group": row["topic"], "prompt": prompt, "response_a": texts[0],
                    "response_b": texts[1], "key_a": "x", "key_b": "y", "model_a": "", "model_b": "", "media_a": [],
                    "media_b": [], "p_a": float(label > 0), "p_tie": 0.0, "p_b": float(label < 0), "p_both_bad": 0.0,
                    "strength": float(label), "margin": 0.0, "weight": 1.0, "n_votes": 3, "gold": None,
                    "votes": [
                        {"rater": f"model {number}", "kind": "language_model", "outcome": "a" if one > 0 else "b",
                         "level": float(one), "p_a": None, "seconds": None}
                        for number, one in enumerate(said)
                    ],
                    "metadata": "{}",
                }
            )  # fmt: skip
            truth.append(side)
            if len(rows) == 300:
                break
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA), np.array(truth, np.int8)


def features(texts):
    """Hashed words and the length; unit vectors."""
    found = np.zeros((len(texts), WIDTH))
    for row, text in enumerate(texts):
        words = text.lower().split()
        for word in words:
            found[row, zlib.crc32(word.encode()) % (WIDTH - 1)] += 1
        found[row, -1] = np.log1p(len(words)) * 3
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


@dataclass
class Fits:
    """Ridge regression on differences of features, at two strengths, as if they were moments of a training."""

    calls: int = 0

    def __call__(self, train, others, settings):
        self.calls += 1
        differ = [
            features(table["response_a"].to_pylist()) - features(table["response_b"].to_pylist())
            for table in (train, others)
        ]
        target = train["p_a"].to_numpy() - train["p_b"].to_numpy()
        margins = []
        for ridge in (3.0, 0.3):
            weights = np.linalg.solve(differ[0].T @ differ[0] + ridge * np.eye(WIDTH), differ[0].T @ target)
            margins.append(4 * differ[1] @ weights)
        return np.array(margins)[:, None, :]


@dataclass
class Everybody:
    """People who answer at once, rightly, except those pairs that they are told to leave or cannot decide."""

    truth: dict
    absent: set = field(default_factory=set)
    asked: dict = field(default_factory=dict)

    def ask(self, table, described, round_):
        for id_, attributes in zip(table["row_id"].to_pylist(), described, strict=True):
            self.asked.setdefault(id_, (round_, attributes))

    def answers(self, row_ids):
        return {id_: votes(self.truth[id_]) for id_ in row_ids if id_ in self.asked and id_ not in self.absent}


def votes(side):
    outcome = {1: "a", -1: "b", 0: "tie"}[side]
    return [{"rater": "ann", "kind": "person", "outcome": outcome, "level": float(side), "p_a": None, "seconds": 2.0}]


@pytest.fixture
def make_desk(debates, tmp_path):
    """``make_desk(yaml, …)``: a campaign on the debates; the same folder again is the same campaign."""
    table, truth = debates
    known = dict(zip(table["row_id"].to_pylist(), truth.tolist(), strict=True))

    def make(text=PLAN, *, folder="one", people=None, fit=None, pool=table, **more):
        people = people or Everybody(known)
        tools = Tools(models=Models(fit=fit or Fits(), embed=features), people=people)
        source = Source.of(pool, "pool", shard=70)
        return Desk(plan.parse(text), source, Files(tmp_path / folder), tools, **more)

    return make
