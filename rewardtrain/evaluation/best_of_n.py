"""Best of n: what choosing the best of n responses by this reward does to a gold reward, and where it stops to help.

Reads ``prompt``, ``responses`` (a list) and ``gold`` (a list of as many numbers). The result, beyond the contract's
keys:

    accuracy    over pairs of responses to one prompt whose gold differs: share that the rewards order as gold does,
                equal rewards counting half
    curve       [{"n", "kl", "gold": {"value", "low", "high"}, "proxy": {…}, "longer": {…}}] for n = 1, 2, 4, … and the
                fewest responses of any prompt; longer is gold where the longest of n is chosen
    oracle      gold where the best of all n is chosen by gold itself, at the largest n
    fall        {"peak": n where gold is highest, "value", "low", "high"}: gold at the largest n less gold at the peak
    overoptimised   whether that fall's interval lies below 0, while the proxy still rises
    ensemble    null where the model has no members, else {rule: curve of {"n", "gold"}} for single (each member by
                itself, averaged), mean, worst (least of the members) and penalty (mean - 0.5 variance); a penalty
                or a least of members presupposes that their rewards are of one scale
    subsets     accuracy by prompts in which gold is spread less and more than in the median prompt

Means are over all subsets of n responses, exactly: sorted by reward, the i-th of N is the best of n with probability
C(i - 1, n - 1)/C(N, n); responses of equal reward share it. Intervals resample prompts. KL(n) = ln n - (n - 1)/n.
Sources: Stiennon et al. 2020, arXiv 2009.01325 (KL), Nakano et al. 2021, arXiv 2112.09332 (the estimator), Gao et al.
2022, arXiv 2210.10760 (over-optimisation), Coste et al. 2023, arXiv 2310.02743 (worst case and penalty).
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import gammaln

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean

TITLE = "Best of n"
SUMMARY = "Gold and proxy reward of the best of n, and where over-optimisation begins."

PENALTY = 0.5
_SCHEMA = pa.schema(
    [("prompt", pa.large_string()), ("responses", pa.list_(pa.large_string())), ("gold", pa.list_(pa.float64()))]
)


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file, one a prompt; ``split`` says nothing here."""
    table = []
    for number, row in enumerate(_common.read_rows(path, ("prompt",), ("responses",)), 1):
        gold = row.get("gold")
        if not isinstance(gold, list) or len(gold) != len(row["responses"]) or len(gold) < 2:
            raise DataError(
                f"Row {number} of {path} must have at least two responses and a list gold with a number for each."
            )
        gold = [_common.as_number(value, path, number, "gold") for value in gold]
        table.append({"prompt": row["prompt"], "responses": row["responses"], "gold": gold})
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If no prompt has two responses of different gold.
    """
    _common.not_empty(table)
    rows = table.to_pylist()
    texts = [text for row in rows for text in row["responses"]]
    prompts = [row["prompt"] for row in rows for _ in row["responses"]]
    ends = np.cumsum([len(row["responses"]) for row in rows])[:-1]
    gold_N = np.concatenate([row["gold"] for row in rows])
    reward_N, length_N = _common.rewards(model, prompts, texts), _common.lengths(texts)
    member_MN = _common.members(model, prompts, texts)
    row_N = np.repeat(np.arange(len(rows)), [len(row["responses"]) for row in rows])
    prompt_R = np.array([row["prompt"] for row in rows])

    def split(value_N: np.ndarray) -> list[np.ndarray]:
        return np.split(value_N, ends)

    def means(value_N: np.ndarray, by_N: np.ndarray, n: int) -> np.ndarray:
        both = zip(split(value_N), split(by_N), strict=True)
        return np.array([mean_of_best(value_K, by_K, n) for value_K, by_K in both])

    def mean(value_R: np.ndarray) -> dict[str, Any]:
        return bootstrap_mean(value_R, prompt_R, seed=seed)

    i, j = _common.pairs_within(row_N)
    told = gold_N[i] != gold_N[j]
    if not told.any():
        raise DataError("No prompt has two responses of different gold reward, so there is nothing to choose.")
    i, j = i[told], j[told]
    sign_P = np.sign(gold_N[i] - gold_N[j])
    right_P, longer_P = (_common.half((value[i] - value[j]) * sign_P) for value in (reward_N, length_N))
    spread_R = np.array([np.std(gold_K) for gold_K in split(gold_N)])
    wide_P = np.where(spread_R > np.median(spread_R), "gold spread more", "gold spread less")[row_N[i]]

    most = min(len(row["responses"]) for row in rows)
    sizes = sorted({*(2**power for power in range(int(math.log2(most)) + 1)), most})
    gold_SR = np.array([means(gold_N, reward_N, n) for n in sizes])
    curve = [
        {
            "n": n, "kl": kl(n), "gold": mean(gold_R), "proxy": mean(means(reward_N, reward_N, n)),
            "longer": mean(means(gold_N, length_N, n)),
        }
        for n, gold_R in zip(sizes, gold_SR, strict=True)
    ]  # fmt: skip
    peak = int(gold_SR.mean(axis=1).argmax())
    fall = mean(gold_SR[-1] - gold_SR[peak])
    return {
        **_common.headline("best_of_n", right_P, longer_P, prompt_R[row_N[i]], seed),
        "curve": curve,
        "oracle": mean(means(gold_N, gold_N, most)),
        "fall": {"peak": sizes[peak], **fall},
        "overoptimised": bool(fall["high"] < 0 and curve[-1]["proxy"]["value"] > curve[peak]["proxy"]["value"]),
        "ensemble": None if member_MN is None else {
            rule: [
                {"n": n, "gold": mean(np.mean([means(gold_N, by_N, n) for by_N in some_N], axis=0))} for n in sizes
            ]
            for rule, some_N in combined(member_MN).items()
        },
        "subsets": _common.by_subset(right_P, longer_P, wide_P),
    }  # fmt: skip


def example() -> pa.Table:
    """Two made-up prompts with four and three responses."""
    rows = [
        {
            "prompt": "Name a colour.",
            "responses": ["Red.", "Blue!", "A table.", "Red, or blue."],
            "gold": [1, 0.9, 0, 0.8],
        },
        {"prompt": "Add 2 and 2.", "responses": ["4", "It is 4.", "It is 5, I think."], "gold": [1, 1, 0]},
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def kl(n: int) -> float:
    """How far best of n can be from the policy that is drawn from, in nats."""
    return math.log(n) - (n - 1) / n


def mean_of_best(value_K: np.ndarray, by_K: np.ndarray, n: int) -> float:
    """Mean of ``value`` at the highest ``by`` over all subsets of ``n`` of the K responses.

    Responses of equal ``by`` are as likely to be taken as one another.
    """
    order = np.argsort(by_K, kind="stable")
    _, tie_K = np.unique(by_K[order], return_inverse=True)
    shared_K = (np.bincount(tie_K, weights=value_K[order]) / np.bincount(tie_K))[tie_K]
    rank_K = np.arange(n, len(by_K) + 1)  # lower ranks are never the best of n
    log_K = gammaln(rank_K) - gammaln(rank_K - n + 1) - gammaln(n)
    log_all = gammaln(len(by_K) + 1) - gammaln(len(by_K) - n + 1) - gammaln(n + 1)
    return float(shared_K[n - 1 :] @ np.exp(log_K - log_all))


def combined(member_MN: np.ndarray) -> dict[str, np.ndarray]:
    """The rewards that each rule chooses by, (1 or M, N)."""
    mean_N = member_MN.mean(axis=0)
    return {
        "single": member_MN, "mean": mean_N[None], "worst": member_MN.min(axis=0)[None],
        "penalty": (mean_N - PENALTY * member_MN.var(axis=0))[None],
    }  # fmt: skip
