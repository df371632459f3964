"""The debates with labels flipped on purpose: what the measurements of curation share.

Data: 13,845 pairs of arguments with five votes each, on 13 debates (Habernal and Gurevych 2016), in
``TOUCHSTONE_DATA/convarg``. The clean label of a pair is the likelier response by the default consensus of all its
votes, made certain, so that no flipped label betrays itself by being less sure. It is the consensus' posterior, not
its forecast: the forecast draws on the graph of all pairs, which would make flips easier to find than they are.

    debates = load(seed)
    for train_P, test_P in folds(debates, seed):
        flipped_P = flips(debates, 0.3, seed)
        table = debates.table(train_P, debates.clean_P != flipped_P)     # texts and flipped labels, nothing else
        reward_S = debates.trained(curated, seed)                        # any pair table made of it
        right_T = debates.right(reward_S, test_P)

All arms train the product's own head on the same frozen vectors, with the settings of `rewardtrain.recipe.Recipe`,
so that they differ by the labels alone. Shapes: P pairs, S distinct texts, D width, T debates, K seeds.
"""

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from annotate.feedback import Reading
from bench import Unavailable
from curation import aggregation, applying, filters, pairs
from curation.aggregation import Votes
from curation.ports import Models
from rewardtrain import ensembles, features, probe
from rewardtrain.modeling import heads, losses

FOLDS = 5
RESAMPLES = 2000
RECIPE = features.FROZEN  # on responses alone: their prompts are a debate and a side, of which training has few
_DRAW = 1.0  # log odds of a flip for each deviation of what it depends on


@dataclass(frozen=True)
class Debates:
    """The pairs that have a clean label.

    Attributes
    ----------
    rows : `pairs.SCHEMA` without votes, gold and groups; labels are the clean ones.
    first_P, second_P : the texts of responses a and b.
    clean_P : whether a is the better one.
    gold_P : 1 where the released gold says a, -1 where b, 0 where it says neither.
    topic_P : number of the debate.
    vector_SD : what the head sees of each text.
    length_S : characters.
    place_of : a text by its response.
    """

    rows: pa.Table
    first_P: np.ndarray
    second_P: np.ndarray
    clean_P: np.ndarray
    gold_P: np.ndarray
    topic_P: np.ndarray
    vector_SD: np.ndarray
    length_S: np.ndarray
    place_of: dict[str, int]

    @property
    def topics(self) -> int:
        return int(self.topic_P.max()) + 1

    def table(self, use_P: np.ndarray, a_better_P: np.ndarray) -> pa.Table:
        """The pairs of a mask with these labels, as filters see them; the mask and the labels are of all pairs."""
        labels = {"p_a": a_better_P.astype(float), "p_b": 1.0 - a_better_P, "strength": np.where(a_better_P, 1.0, -1.0)}
        return pairs.with_columns(self.rows, labels).filter(pa.array(use_P))

    def places(self, table: pa.Table) -> np.ndarray:
        """Which pair each row of a table made of `rows` is."""
        return np.array(table["item"].to_pylist(), dtype=np.int64)

    def trained(self, table: pa.Table, seed: int, *, ridge: float = RECIPE.ridge) -> np.ndarray:
        """Rewards of all texts by a head fitted to a pair table as `rewardtrain.training` fits it."""
        torch.manual_seed(seed)
        place_P, prob_P4 = self.places(table), pairs.outcome_probs(table)
        first_P, second_P = (torch.from_numpy(text_P[place_P]) for text_P in (self.first_P, self.second_P))
        target_P3 = torch.from_numpy(np.column_stack([prob_P4[:, 0], prob_P4[:, 2:].sum(axis=1), prob_P4[:, 1]]))
        margin_P, weight_P = (torch.from_numpy(table[name].to_numpy().copy()) for name in ("margin", "weight"))
        head, loss = heads.get(RECIPE.head).build(self.vector_SD.shape[1]), losses.get(RECIPE.loss)
        vector_SD = torch.from_numpy(self.vector_SD)
        share_P = (weight_P / weight_P.sum()).float()

        def loss_of(out_SK: torch.Tensor) -> torch.Tensor:
            batch = losses.PairBatch(out_SK[first_P], out_SK[second_P], target_P3.float(), margin_P.float())
            return loss.label_losses(batch, RECIPE.loss_settings) @ share_P

        probe.fit(head, vector_SD, loss_of, ridge=ridge)
        with torch.no_grad():
            return head(vector_SD)[:, 0].numpy().astype(np.float64)

    @property
    def models(self) -> Models:
        """What filters may ask: the ports as the product fulfils them, in this process, on the vectors kept here."""

        def vectors(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
            return self.vector_SD[[self.place_of[response] for response in responses]]

        return Models(features=vectors, fit=partial(ensembles.margins, vectors=vectors))

    def curated(
        self, table: pa.Table, name: str, settings: Mapping[str, Any], seed: int
    ) -> tuple[pa.Table, np.ndarray]:
        """What a filter makes of a pair table, and its score a row."""
        context = filters.Context(self.models, seed)
        decisions = filters.get(name).decide(table, filters.settings_with_defaults(name, settings), context)
        score_N = np.full(len(table), np.nan) if decisions.score_N is None else decisions.score_N
        return applying.apply(table, decisions, stage=1, filter=name)[0], score_N

    def right(self, reward_S: np.ndarray, test_P: np.ndarray) -> np.ndarray:
        """(T, 2): pairs with a gold winner that the rewards order rightly, and how many there are, by debate."""
        use_P = test_P & (self.gold_P != 0)
        ahead_P = np.sign(reward_S[self.first_P] - reward_S[self.second_P]) == self.gold_P
        counts = [np.bincount(self.topic_P[use_P], ahead_P[use_P], self.topics)]
        return np.column_stack([*counts, np.bincount(self.topic_P[use_P], minlength=self.topics)])


@lru_cache(maxsize=1)
def load(seed: int = 0, topics: int | None = None) -> Debates:
    """The debates; ``topics``: only so many of them, to see that a measurement runs."""
    table = read(seed)
    if topics:
        few = sorted(set(table["group"].to_pylist()))[:topics]
        table = table.filter(pa.array(np.isin(np.array(table["group"].to_pylist()), few)))
    p_a, p_b = (table[name].to_numpy() for name in ("p_a", "p_b"))
    same_N = np.array(table["response_a"].to_pylist()) == np.array(table["response_b"].to_pylist())
    gold = np.array([{"a": 1, "b": -1}.get(label, 0) for label in table["gold"].to_pylist()])
    use_N = (p_a != p_b) & ~same_N
    table, gold, clean_P = table.filter(pa.array(use_N)), gold[use_N], (p_a > p_b)[use_N]
    _, topic_P = np.unique(table["group"].to_pylist(), return_inverse=True)
    index: dict[tuple[str, str], int] = {}
    prompts = table["prompt"].to_pylist()
    first_P, second_P = (
        np.array([index.setdefault(key, len(index)) for key in zip(prompts, column.to_pylist(), strict=True)])
        for column in (table["response_a"], table["response_b"])
    )
    count = len(table)
    blank = {
        "item": [str(place) for place in range(count)], "group": [""] * count, "gold": [None] * count,
        "votes": [[]] * count, "n_votes": [0] * count, "p_tie": np.zeros(count), "p_both_bad": np.zeros(count),
    }  # fmt: skip
    responses = [response for _, response in index]
    debates = Debates(
        pairs.with_columns(table, blank), first_P, second_P, clean_P, gold, topic_P,
        features.vectors([""] * len(responses), responses), np.array([len(response) for response in responses]),
        {response: place for place, response in enumerate(responses)},
    )  # fmt: skip
    everything = np.ones(count, dtype=bool)
    return Debates(**{**vars(debates), "rows": debates.table(everything, clean_P)})


def folds(debates: Debates, seed: int, count: int = FOLDS) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Masks of the pairs to train on and to test on: whole debates are left out, each once."""
    topics = np.random.default_rng(seed).permutation(debates.topics)
    for fold in range(count):
        test_P = np.isin(debates.topic_P, topics[fold::count])
        yield ~test_P, test_P


def flips(debates: Debates, rate: float, seed: int, *, by: str = "") -> np.ndarray:
    """Which labels are wrong: each with probability ``rate``, or with odds that depend on length and that mean.

    ``by="effort"``: the odds grow with the log of both lengths together, as if long pairs tired those who gave the
    labels. ``by="lure"``: they grow with the log of how many times as long the worse response is, as if length itself
    had been taken for quality; then wrong labels lean to one side, and nothing in them tells that from taste.
    """
    rng = np.random.default_rng([seed, round(rate * 1000), *map(ord, by)])
    first_P, second_P = (np.log(debates.length_S[text_P]) for text_P in (debates.first_P, debates.second_P))
    odds_P = {
        "": np.zeros(len(first_P)),
        "effort": first_P + second_P,
        "lure": np.where(debates.clean_P, second_P - first_P, first_P - second_P),
    }[by]
    odds_P = _DRAW * (odds_P - odds_P.mean()) / max(odds_P.std(), 1e-12)
    low, high = -20.0, 20.0
    for _ in range(60):  # the intercept that gives the rate
        middle = (low + high) / 2
        low, high = (middle, high) if _sigmoid(odds_P + middle).mean() < rate else (low, middle)
    return rng.random(len(odds_P)) < _sigmoid(odds_P + middle)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def interval(
    right_KTA2: np.ndarray, figure: Callable[[np.ndarray], float | np.ndarray], seed: int
) -> tuple[float, float, float]:
    """A figure of several arms' accuracies and its 95 % interval, paired: the same draws for all arms.

    Parameters
    ----------
    right_KTA2 : `Debates.right` by seed, debate and arm.
    figure : from accuracies of shape (A,), over all debates and seeds that were drawn, to a number.

    Debates are drawn whole, and seeds: what varies is which debates one has, and how labels happened to be flipped.
    """
    rng = np.random.default_rng(seed)
    seeds, topics = right_KTA2.shape[:2]
    times_DK, times_DT = (rng.multinomial(many, np.full(many, 1 / many), RESAMPLES) for many in (seeds, topics))
    drawn_DA2 = np.einsum("dk,dt,ktac->dac", times_DK, times_DT, right_KTA2, optimize=True)
    values = [float(figure(right_A / n_A)) for right_A, n_A in drawn_DA2.transpose(0, 2, 1)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    right_A, n_A = right_KTA2.sum(axis=(0, 1)).T
    return float(figure(right_A / n_A)), float(low), float(high)


def auroc(score_P: np.ndarray, positive_P: np.ndarray) -> float:
    """Probability that a positive scores above a negative, a tie counting half."""
    from scipy.stats import rankdata

    positives = int(positive_P.sum())
    ranks = rankdata(score_P)[positive_P].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * (len(score_P) - positives)))


def read(seed: int, *, label: str = "posterior") -> pa.Table:
    """All pairs labelled by the default consensus of their votes; the debate is the group.

    The label is its ``posterior``, or its ``forecast`` of the next vote, which draws on the graph of all pairs too.
    """
    path = Path(os.environ.get("TOUCHSTONE_DATA", "")) / "convarg" / "pairs.jsonl.gz"
    if not path.is_file():
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has convarg/pairs.jsonl.gz.")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, file)}
    votes = Votes.from_readings(
        (Reading(item, "a:b", "", vote["rater"], vote["choice"]) for item in rows for vote in rows[item]["votes"]),
        ("a", "tie", "b"),
        lambda item, side: rows[item]["prompt"] + "\n" + rows[item][f"response_{side}"],
    )
    consensus = aggregation.get(aggregation.DEFAULT).aggregate(votes, seed=seed)
    probs_UC = consensus.predictive_UC if label == "forecast" else consensus.probs_UC
    expected = {item: prob_C for (item, _, _), prob_C in zip(votes.units, probs_UC.tolist(), strict=True)}
    records = []
    for item, row in rows.items():
        p_a, p_tie, p_b = expected[item]
        prompt = pairs.canonical_json([{"role": "user", "content": row["prompt"]}])
        records.append(
            {
                "row_id": pairs.row_id(prompt, row["response_a"], row["response_b"]), "item": item, "prompt": prompt,
                "group": row["topic"], "response_a": row["response_a"], "response_b": row["response_b"],
                "p_a": p_a, "p_tie": p_tie, "p_b": p_b, "p_both_bad": 0.0, "strength": p_a - p_b, "margin": 0.0,
                "weight": 1.0, "n_votes": len(row["votes"]), "gold": row["gold"], "metadata": "{}",
            }
        )  # fmt: skip
    return pa.Table.from_pylist(records, schema=pairs.SCHEMA)
