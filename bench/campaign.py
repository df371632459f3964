"""How much better a campaign's dataset trains a reward model than the doubtful pool that it began with.

Data: the debates of `bench._convarg`, 40 % of the labels flipped at random; unflipped labels stand for people, who may
label 5 % of the pairs. No language model takes part: models learn from the pool's own labels and from people's, so
what is measured is error-driven asking, the gold model, the consistency rule and recycling.

Arms, all training the same head on the same vectors, tested on debates that were left out whole:

    pool        the flipped labels as they are
    people      the pool, with the same number of labels by people, of pairs drawn by lot
    random      the campaign, whose rounds fetch pairs by lot instead of around errors
    discarding  the campaign, without recycling
    campaign    as a new campaign without model servers has it by default
    clean       no label flipped

Intervals draw debates and seeds whole, the same for all arms. ``python -m bench.campaign`` also prints each funnel.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench import Figure, script
from bench._convarg import Debates, flips, folds, interval, load
from curation.campaign import Tools, defaults, plan, running
from curation.campaign.desk import Desk
from curation.campaign.files import Files
from curation.campaign.source import Source
from curation.pairs import with_columns
from curation.ports import Models

RATE, SHARE, SEEDS = 0.4, 0.05, 3
ARMS = ("pool", "people", "random", "discarding", "campaign", "clean")


@dataclass
class Oracle:
    """People who answer with the unflipped label."""

    debates: Debates

    def __post_init__(self) -> None:
        rows = self.debates.rows
        self.side = dict(zip(rows["row_id"].to_pylist(), self.debates.clean_P.tolist(), strict=True))

    def ask(self, table: pa.Table, described: object, round_: int) -> None:
        """They need no asking."""

    def answers(self, row_ids: list[str]) -> dict[str, list[dict[str, object]]]:
        vote = {"rater": "people", "kind": "person", "p_a": None, "seconds": None}
        return {
            id_: [{**vote, "outcome": "a" if self.side[id_] else "b", "level": 1.0 if self.side[id_] else -1.0}]
            for id_ in row_ids
        }


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Accuracy of each arm, gains over the pool, and what became of the pairs."""
    debates = load(seed, topics=4 if quick else None)
    right, funnels, wrong = [], Counter[str](), Counter[str]()
    for number in range(1 if quick else SEEDS):
        counts = np.zeros((debates.topics, len(ARMS), 2))
        for train_P, test_P in folds(debates, seed + number, count=2 if quick else 5):
            flipped_P = flips(debates, RATE, seed + number)
            pool = debates.table(train_P, debates.clean_P != flipped_P)
            tables = {
                "pool": pool,
                "people": with_people(debates, pool, seed + number),
                "clean": debates.table(train_P, debates.clean_P),
            }
            for arm, changes in {
                "campaign": {},
                "random": {"retrieving": {"use": "random"}},
                "discarding": {"recycle": "none"},
            }.items():
                ended = campaign(debates, pool, seed + number, changes)
                tables[arm] = ended.result.table
                if arm == "campaign":
                    funnels.update(ended.figures["fates"])
            for arm, table in tables.items():
                place_P = debates.places(table)
                said_P = table["p_a"].to_numpy() > 0.5
                wrong[arm] += int((said_P != debates.clean_P[place_P]).sum())
                wrong[f"{arm} n"] += table.num_rows
                reward_S = debates.trained(table, seed + number)
                counts[:, ARMS.index(arm)] += debates.right(reward_S, test_P)
        right.append(counts)
        print(f"seed {seed + number}: " + ", ".join(f"{arm} {_accuracy(counts, arm):.3f}" for arm in ARMS), flush=True)
    whole = np.stack(right)
    pairs_ = int(whole[:, :, 0, 1].sum())
    figures = [
        Figure(f"{arm}: accuracy on unseen debates", *interval(whole, lambda a, i=place: a[i], seed), n=pairs_)
        for place, arm in enumerate(ARMS)
    ]
    at = {arm: place for place, arm in enumerate(ARMS)}
    for arm, base in (("campaign", "pool"), ("campaign", "people"), ("campaign", "random"), ("campaign", "discarding")):
        gain = interval(whole, lambda a, x=arm, y=base: a[at[x]] - a[at[y]], seed)
        figures.append(Figure(f"{arm} less {base}", *gain, n=pairs_))
        if base == "pool":
            figures.append(Figure("campaign less pool, low end", gain[1], bar=None if quick else 0.0))
    gap = interval(whole, lambda a: (a[at["campaign"]] - a[at["pool"]]) / (a[at["clean"]] - a[at["pool"]]), seed)
    figures.append(Figure("share of the gap to clean labels that is closed", *gap, n=pairs_))
    figures += [Figure(f"wrong labels, {arm}", wrong[arm] / wrong[f"{arm} n"], n=wrong[f"{arm} n"]) for arm in ARMS]
    total = sum(funnels.values())
    return figures + [Figure(f"funnel: {fate}", rows / total, n=rows) for fate, rows in funnels.items()]


def _accuracy(counts: np.ndarray, arm: str) -> float:
    right, n = counts[:, ARMS.index(arm)].sum(axis=0)
    return float(right / n)


def with_people(debates: Debates, pool: pa.Table, seed: int) -> pa.Table:
    """The pool with as many labels by people as a campaign gets, of pairs drawn by lot."""
    asked = np.random.default_rng([seed, 7]).permutation(pool.num_rows)[: round(SHARE * pool.num_rows)]
    p_a = pool["p_a"].to_numpy().copy()
    p_a[asked] = debates.clean_P[debates.places(pool)[asked]]
    return with_columns(pool, {"p_a": p_a, "p_b": 1 - p_a, "strength": 2 * p_a - 1})


def campaign(debates: Debates, pool: pa.Table, seed: int, changes: dict) -> running.Ended:
    """A campaign without model servers, as the form for a new one has it, with 5 % of the pairs for people."""
    wanted = plan.parse(defaults.plan(name="debates", question="", rows=pool.num_rows, endpoints=[])).to_dict()
    budget = round(SHARE * pool.num_rows)
    own = {
        "seed": seed,
        "similar_by": "pair",
        "budget": {"people": budget},
        "seed_pairs": {"people": budget // 2, "models": 0},
        "per_round": {"people": budget // 8, "models": 0},
        "patience": 0,
    }

    def fit(train: pa.Table, others: pa.Table, settings: object) -> np.ndarray:
        reward_S = debates.trained(train, seed)
        place_N = debates.places(others)
        return (reward_S[debates.first_P[place_N]] - reward_S[debates.second_P[place_N]])[None, None, :]

    def embed(texts: list[str]) -> np.ndarray:
        """What the head sees of both responses; pairs come in the pool's own order."""
        place_N = debates.places(pool)
        both_ND = debates.vector_SD[np.stack([debates.first_P[place_N], debates.second_P[place_N]])].sum(axis=0)
        assert len(texts) == len(both_ND)
        return both_ND / np.linalg.norm(both_ND, axis=1, keepdims=True)

    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(models=Models(fit=fit, embed=embed), people=Oracle(debates))
        source = Source.of(pool, "pool", shard=pool.num_rows)
        return running.run(Desk(plan.from_dict({**wanted, **own, **changes}), source, Files(Path(folder)), tools))


if __name__ == "__main__":
    script(measure)
