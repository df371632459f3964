"""Judges held against people: how often they agree, beside how often people agree among themselves.

The reference of a pair is its released gold outcome where it has one, else the consensus of the people who voted on
it. People's own figure is each of them against the others on the same pair (leave one out): the ceiling, for a judge
cannot be asked to agree with people more than they do with each other. All intervals draw whole prompts, for the
pairs of one prompt are judged alike. Pure: knows no Django.
Shapes: N pairs, V votes of people, C clusters, K outcomes in the order of `annotate.records.OUTCOMES`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES
from curation import aggregation, labels, resampling
from curation.intervals import wilson
from curation.judging import biases
from curation.judging.calibration import calibration

MODELS = ("language_model", "reward_model", "rule")  # kinds of raters held against people
K = len(OUTCOMES)
_PLACE = {outcome: place for place, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class Facts:
    """What is known of a judge besides its verdicts.

    Attributes
    ----------
    kind : of rater.
    family : of models, for self-preference; "" when unknown.
    labels : answers that it gave; ``refused``: those that did not parse or were none.
    cost : money, and ``seconds``, for all of them; None when unknown.
    shown : its verdicts for a side whose order is known.
    """

    kind: str = ""
    family: str = ""
    labels: int = 0
    refused: int = 0
    cost: float | None = None
    seconds: float | None = None
    shown: Sequence[biases.Shown] = ()


@dataclass(frozen=True)
class Compared:
    """Verdicts of people and of judges on the same pairs, as places in OUTCOMES; -1 where there is none.

    Attributes
    ----------
    people_N : the reference; ``is_gold_N``: where it is released and not the people's consensus.
    said, p_a : by judge, verdicts and probabilities that a is better (NaN where it gave none), each of shape (N,).
    person_V, row_V, others_VK : each person's vote, its pair, and the majority of the others there, tied majorities
        sharing; only votes that others voted beside.
    cluster_N : the prompt.
    gap_N : log2 of the length of a over that of b; NaN where a response holds no text.
    """

    people_N: np.ndarray
    is_gold_N: np.ndarray
    said: Mapping[str, np.ndarray]
    p_a: Mapping[str, np.ndarray]
    person_V: np.ndarray
    row_V: np.ndarray
    others_VK: np.ndarray
    cluster_N: np.ndarray
    gap_N: np.ndarray
    models_a: Sequence[str] = field(default_factory=list)
    models_b: Sequence[str] = field(default_factory=list)

    @classmethod
    def of(cls, table: pa.Table, *, method: str = aggregation.DEFAULT, seed: int = 0) -> "Compared":
        """From a pair table; ``method`` is that of people's consensus."""
        N = table.num_rows
        row_V, _, outcome_V = labels.votes_of(table)
        code_V = np.array([_PLACE[outcome] for outcome in outcome_V], dtype=np.int64)
        model_V = _by_models(table)
        said, p_a, _ = verdicts(table)
        people_N, is_gold_N = _reference(table, sorted(said), method, seed)
        person_V = code_V[~model_V]
        person_row_V = row_V[~model_V]
        others_VK = np.zeros((N, K))
        np.add.at(others_VK, (person_row_V, person_V), 1)
        others_VK = others_VK[person_row_V]
        others_VK[np.arange(len(person_V)), person_V] -= 1
        beside_V = others_VK.sum(axis=1) > 0
        top_VK = (others_VK == others_VK.max(axis=1, keepdims=True, initial=0))[beside_V]
        _, cluster_N = np.unique(np.array(table["prompt"].to_pylist(), dtype=object).astype(str), return_inverse=True)
        length_2N = [np.array([len(text or "") for text in table[f"response_{side}"].to_pylist()]) for side in "ab"]
        with np.errstate(divide="ignore", invalid="ignore"):
            gap_N = np.log2(length_2N[0] / length_2N[1])
        models_a, models_b = ([name or "" for name in table[f"model_{side}"].to_pylist()] for side in "ab")
        return cls(
            people_N, is_gold_N, said, p_a, person_V[beside_V], person_row_V[beside_V],
            top_VK / top_VK.sum(axis=1, keepdims=True), cluster_N, gap_N, models_a, models_b,
        )  # fmt: skip


def verdicts(table: pa.Table) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """``said`` and ``p_a`` by judge, as in `Compared`, and how many votes people gave, all of shape (N,)."""
    row_V, rater_V, outcome_V = labels.votes_of(table)
    model_V = _by_models(table)
    p_V = pc.list_flatten(table["votes"].combine_chunks()).field("p_a").to_numpy(zero_copy_only=False)
    said: dict[str, np.ndarray] = {}
    p_a: dict[str, np.ndarray] = {}
    for rater in sorted(set(rater_V[model_V])):
        own_V = model_V & (rater_V == rater)
        said[rater], p_a[rater] = np.full(table.num_rows, -1), np.full(table.num_rows, np.nan)
        said[rater][row_V[own_V]] = [_PLACE[outcome] for outcome in outcome_V[own_V]]
        p_a[rater][row_V[own_V]] = p_V[own_V].astype(float)
    return said, p_a, np.bincount(row_V[~model_V], minlength=table.num_rows)


def _by_models(table: pa.Table) -> np.ndarray:
    """Which votes models gave."""
    kind_V = pc.list_flatten(table["votes"].combine_chunks()).field("kind").to_numpy(zero_copy_only=False)
    return np.isin(kind_V.astype(str), MODELS)


def report(compared: Compared, facts: Mapping[str, Facts], *, seed: int = 0) -> dict[str, Any]:
    """All figures of judges beside people on one question and dimension.

    Returns
    -------
    dict, JSON-serialisable; every figure has ``n`` and, where something supports it, an interval:
        ``pairs``, ``known``, ``gold``: rows, those with a reference, those whose reference is released;
        ``people``: agreement (below) of each person with the others, and ``n_votes``; ``longer``: share of the longer
            response among people's verdicts for a side;
        ``judges``: one dict a judge, the best agreement first:
            ``rater``, ``kind``, ``family``;
            ``agreement``: {"n", "clusters", "value", "low", "high", "kappa", "kappa_low", "kappa_high"};
            ``beside``: {"value", "low", "high", "n"}: its agreement less a person's, on the same pairs, with the
                same others (Calderon et al. 2025, arXiv 2501.10970, ask that it be at least about zero);
            ``position``, ``length``, ``own``: as `curation.judging.biases`;
            ``calibration``: as `curation.judging.calibration`;
            ``coverage``: {"answered", "asked", "refused", "value", "low", "high"}: of the pairs with a reference;
            ``cost``: {"total", "label", "right", "seconds"}: money for all, a label, a right label; seconds a label.
    """
    known_N = compared.people_N >= 0
    rows = [_judge(compared, rater, facts.get(rater, Facts()), seed) for rater in compared.said]
    rows.sort(key=lambda row: (-(row["agreement"]["value"] or -1), row["rater"]))
    people = agreement(compared.person_V, compared.others_VK, compared.cluster_N[compared.row_V], seed=seed)
    sides_N = (
        ((compared.people_N == 0) | (compared.people_N == 1)) & np.isfinite(compared.gap_N) & (compared.gap_N != 0)
    )
    longer_N = compared.people_N == np.where(compared.gap_N > 0, 0, 1)
    return {
        "pairs": len(known_N),
        "known": int(known_N.sum()),
        "gold": int((known_N & compared.is_gold_N).sum()),
        "people": people,
        "longer": resampling.mean(longer_N[sides_N].astype(float), compared.cluster_N[sides_N], seed=seed),
        "judges": rows,
    }


def agreement(said_V: np.ndarray, credit_VK: np.ndarray, cluster_V: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Share of verdicts that are the reference, and Cohen's kappa, with intervals over clusters.

    Parameters
    ----------
    said_V : verdicts, none of them -1.
    credit_VK : the reference as shares that sum to 1: several where majorities tie.

    Returns
    -------
    dict: ``n``, ``clusters``, ``value``, ``low``, ``high``, ``kappa``, ``kappa_low``, ``kappa_high``. Where all agree
        no resample disagrees, so the lower end is Wilson's for as many clusters. Kappa is None where chance is certain.
    """
    nothing = dict.fromkeys(("value", "low", "high", "kappa", "kappa_low", "kappa_high"))
    if not len(said_V):
        return {"n": 0, "clusters": 0, **nothing}
    cells_VKK = np.zeros((len(said_V), K, K))
    cells_VKK[np.arange(len(said_V)), said_V] = credit_VK
    sums_CKK = resampling.cluster_sums(cluster_V, *cells_VKK.reshape(-1, K * K).T)
    C, all_1KK = len(sums_CKK), sums_CKK.sum(axis=0, keepdims=True)
    value, kappa = float(_share(all_1KK)[0]), float(_kappa(all_1KK)[0])
    low, high = resampling.interval(sums_CKK, _share, seed=seed)
    kappa_low, kappa_high = resampling.interval(sums_CKK, _kappa, seed=seed)
    if low is not None and value > 1 - 1e-12:
        low = min(low, wilson(C, C)[0])
    found = {"value": value, "low": low, "high": high}
    if np.isfinite(kappa):
        found |= {"kappa": kappa, "kappa_low": kappa_low, "kappa_high": kappa_high}
    return {"n": len(said_V), "clusters": C, **nothing, **found}


def _share(sums_BKK: np.ndarray) -> np.ndarray:
    table_BKK = sums_BKK.reshape(-1, K, K)
    return np.asarray(np.trace(table_BKK, axis1=1, axis2=2) / table_BKK.sum(axis=(1, 2)))


def _kappa(sums_BKK: np.ndarray) -> np.ndarray:
    table_BKK = sums_BKK.reshape(-1, K, K)
    n_B = table_BKK.sum(axis=(1, 2))
    chance_B = (table_BKK.sum(axis=1) * table_BKK.sum(axis=2)).sum(axis=1) / n_B**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance_B < 1 - 1e-12, (_share(sums_BKK) - chance_B) / (1 - chance_B), np.nan)


def _judge(compared: Compared, rater: str, facts: Facts, seed: int) -> dict[str, Any]:
    said_N, people_N, cluster_N = compared.said[rater], compared.people_N, compared.cluster_N
    both_N = (said_N >= 0) & (people_N >= 0)
    found = agreement(said_N[both_N], np.eye(K)[people_N[both_N]], cluster_N[both_N], seed=seed)
    own_N = biases.own(facts.family, compared.models_a, compared.models_b)
    known = int((people_N >= 0).sum())
    low, high = wilson(found["n"], known)
    return {
        "rater": rater,
        "kind": facts.kind,
        "family": facts.family,
        "agreement": found,
        "beside": _beside(compared, said_N, seed),
        "position": biases.position(facts.shown, seed=seed),
        "length": biases.length(said_N, people_N, compared.gap_N, cluster_N, seed=seed),
        "own": biases.self_preference(said_N, people_N, own_N, cluster_N, seed=seed),
        "calibration": calibration(compared.p_a[rater], people_N, cluster_N, seed=seed),
        "coverage": {
            "answered": found["n"],
            "asked": facts.labels + facts.refused,
            "refused": facts.refused,
            "value": found["n"] / known if known else None,
            "low": low if known else None,
            "high": high if known else None,
        },
        "cost": _cost(facts, found["value"]),
    }


def _beside(compared: Compared, said_N: np.ndarray, seed: int) -> dict[str, Any]:
    """The judge's agreement with the others less that of the person it stands in for, vote by vote."""
    judge_V = said_N[compared.row_V]
    rows_V = judge_V >= 0
    others_VK = compared.others_VK[rows_V]
    place_V = np.arange(len(others_VK))
    judge_V, person_V = (others_VK[place_V, verdict_V[rows_V]] for verdict_V in (judge_V, compared.person_V))
    return resampling.mean(judge_V - person_V, compared.cluster_N[compared.row_V][rows_V], seed=seed)


def _cost(facts: Facts, share: float | None) -> dict[str, float | None]:
    """Refused answers are paid for too, so they raise what a label costs."""
    label = facts.cost / facts.labels if facts.cost is not None and facts.labels else None
    return {
        "total": facts.cost,
        "label": label,
        "right": label / share if label is not None and share else None,
        "seconds": facts.seconds / facts.labels if facts.seconds is not None and facts.labels else None,
    }


def _reference(table: pa.Table, models: Collection[str], method: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Gold where it is known, else the likeliest outcome by people's consensus; -1 where two are as likely."""
    probs_N4 = labels.consensus(table, method, seed=seed, without=models).probs_N4
    top_N4 = probs_N4 == probs_N4.max(axis=1, keepdims=True, initial=-1)
    voted_N = np.isfinite(probs_N4).all(axis=1) & (top_N4.sum(axis=1) == 1)
    gold_N = np.array([_PLACE.get(outcome, -1) for outcome in table["gold"].to_pylist()], dtype=np.int64)
    return np.where(gold_N >= 0, gold_N, np.where(voted_N, probs_N4.argmax(axis=1), -1)), gold_N >= 0
