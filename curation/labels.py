"""Labels of a pair table from its votes: consensus over all rows, and the bookkeeping of votes that are taken out.

Shapes: N rows of the table, V votes, 4 outcomes in the order of `annotate.records.OUTCOMES`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES
from curation import aggregation, hashes
from curation.pairs import PROBABILITIES, SCHEMA, outcome_probs, with_columns

DECIMALS = 6  # of stored probabilities: so that the last bits of a machine's arithmetic do not change a version's hash


@dataclass(frozen=True)
class Labels:
    """Consensus of the votes of each row.

    Attributes
    ----------
    probs_N4 : distribution over outcomes, rounded; NaN in rows without votes.
    reliability : by rater, in [0, 1]; NaN where the method has none.
    kept_V : which votes were counted.
    row_V : the row of each vote.
    """

    probs_N4: np.ndarray
    reliability: Mapping[str, float]
    kept_V: np.ndarray
    row_V: np.ndarray

    @property
    def lost_N(self) -> np.ndarray:
        """Votes of each row that were not counted."""
        return np.bincount(self.row_V[~self.kept_V], minlength=len(self.probs_N4))


def consensus(
    table: pa.Table,
    method: str = aggregation.DEFAULT,
    *,
    seed: int = 0,
    forecast: bool = False,
    without: Collection[str] = (),
) -> Labels:
    """Aggregate the votes of a pair table.

    Parameters
    ----------
    table : rows of `curation.pairs.SCHEMA`, or what `sketch` made of them.
    method : one of `curation.aggregation`.
    forecast : whether the label is how the next vote would fall instead of which outcome is true.
    without : raters whose votes do not count.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        If there is no such method.
    """
    aggregate = aggregation.get(method).aggregate
    row_V, rater_V, outcome_V = votes_of(table)
    kept_V = ~np.isin(rater_V, list(without)) if without else np.ones(len(row_V), dtype=bool)
    probs_N4 = np.full((table.num_rows, len(OUTCOMES)), np.nan)
    if not kept_V.any():
        return Labels(probs_N4, {}, kept_V, row_V)
    voted, unit_V = np.unique(row_V[kept_V], return_inverse=True)
    raters, rater_V = np.unique(rater_V[kept_V], return_inverse=True)
    seen = [o for o in OUTCOMES if o in ("a", "b") or o in outcome_V[kept_V]]
    place = {outcome: index for index, outcome in enumerate(seen)}
    category_V = np.array([place[outcome] for outcome in outcome_V[kept_V]], dtype=np.int64)
    units, sides_U2 = _units(sketch(table.take(voted)))
    belief_V = _beliefs(table)[kept_V]
    votes = aggregation.Votes(
        units, tuple(raters.tolist()), tuple(seen), unit_V, rater_V, category_V, sides_U2,
        belief_V if np.isfinite(belief_V).any() else None,
    )  # fmt: skip
    found = aggregate(votes, seed=seed)
    probs = found.predictive_UC if forecast else found.probs_UC
    probs_N4[voted[:, None], np.array([OUTCOMES.index(outcome) for outcome in seen])] = probs
    probs_N4[voted] = rounded(np.nan_to_num(probs_N4[voted]))
    return Labels(probs_N4, dict(zip(votes.raters, found.reliability_R.tolist(), strict=True)), kept_V, row_V)


def rounded(probs_N4: np.ndarray) -> np.ndarray:
    """Probabilities to `DECIMALS` places that still sum to 1: the largest takes what rounding left over."""
    result_N4 = np.round(probs_N4 / probs_N4.sum(axis=1, keepdims=True), DECIMALS)
    largest_N = result_N4.argmax(axis=1)
    rows_N = np.arange(len(result_N4))
    result_N4[rows_N, largest_N] = 0
    result_N4[rows_N, largest_N] = np.round(1 - result_N4.sum(axis=1), DECIMALS)
    return result_N4


def with_shares(table: pa.Table) -> pa.Table:
    """The table in `pairs.SCHEMA` with what is not known yet filled in.

    Rows without a label take the shares of their votes, those without votes either have all outcomes alike; strength
    is the mean level of the votes; margins are 0, weights 1, groups "", and lists empty.
    """
    neutral = {
        "margin": 0.0,
        "weight": 1.0,
        "group": "",
        "dimension": "",
        "model_a": "",
        "model_b": "",
        "metadata": "{}",
    }
    columns = {name: pc.fill_null(table[name], value) for name, value in neutral.items()}
    columns |= {name: pc.fill_null(table[name], []) for name in ("votes", "media_a", "media_b")}
    table = pa.table({name: columns.get(name, table[name]) for name in SCHEMA.names}, schema=SCHEMA)
    row_V, _, outcome_V = votes_of(table)
    level_V = pc.list_flatten(table["votes"].combine_chunks()).field("level").to_numpy(zero_copy_only=False)
    outcomes = np.array(OUTCOMES, dtype=object)
    counts_N4 = np.column_stack([np.bincount(row_V[outcome_V == o], minlength=table.num_rows) for o in outcomes])
    votes_N = counts_N4.sum(axis=1)
    counts_N4[votes_N == 0] = 1
    probs_N4 = outcome_probs(table)
    probs_N4 = np.where(np.isfinite(probs_N4), probs_N4, counts_N4 / counts_N4.sum(axis=1, keepdims=True))
    level_N = np.bincount(row_V, np.nan_to_num(level_V), minlength=table.num_rows) / np.maximum(votes_N, 1)
    strength_N = table["strength"].to_numpy()
    known = dict(zip(PROBABILITIES, probs_N4.T, strict=True))
    known["strength"] = np.where(np.isfinite(strength_N), strength_N, level_N)
    known["n_votes"] = np.maximum(pc.fill_null(table["n_votes"], 0).to_numpy(), votes_N)
    return with_columns(table, known)


def votes_of(table: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The votes of a table in coordinate form: row (int), rater (str), outcome (str), each of shape (V,)."""
    column = table["votes"].combine_chunks()
    fields = pc.list_flatten(column)
    row_V = pc.list_parent_indices(column).to_numpy()
    return (
        row_V.astype(np.int64),
        fields.field("rater").to_numpy(zero_copy_only=False).astype(object),
        fields.field("outcome").to_numpy(zero_copy_only=False).astype(object),
    )


def sorted_votes(table: pa.Table) -> pa.Array:
    """The votes of each row by the names of their raters, then by outcome; no row's votes may be null."""
    column = table["votes"].combine_chunks()
    votes = pc.list_flatten(column)
    columns = {"row": pc.list_parent_indices(column), "rater": votes.field("rater"), "outcome": votes.field("outcome")}
    order = pc.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in columns])
    ends = np.cumsum([0, *pc.list_value_length(column).to_numpy()], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), votes.take(order), type=column.type)


def _beliefs(table: pa.Table) -> np.ndarray:
    """Models' own probability of a with each vote, (V,); NaN where there is none."""
    fields = pc.list_flatten(table["votes"].combine_chunks())
    return np.asarray(fields.field("p_a").to_numpy(zero_copy_only=False), dtype=np.float64)


def votes_without(table: pa.Table, raters: Collection[str]) -> list[list[dict[str, Any]]]:
    """The votes of each row, less those of some raters."""
    unwanted = set(raters)
    return [[vote for vote in votes if vote["rater"] not in unwanted] for votes in table["votes"].to_pylist()]


def sketch(table: pa.Table) -> pa.Table:
    """What the consensus needs of each row: its votes and label, its unit, and a number for what stands on each side.

    One response to one prompt, in one dimension, has one number. The sketch of a sketch is itself.
    """
    if "said_a" in table.column_names:
        return table
    said = {}
    for side in "ab":
        what = ("dimension", "prompt", f"response_{side}", f"media_{side}")
        said[f"said_{side}"] = pa.array(hashes.digests(*(table[name] for name in what)))
    names = ("item", "key_a", "key_b", "dimension", *PROBABILITIES, "votes")
    return pa.table({name: table[name] for name in names} | said)


def _units(rows: pa.Table) -> tuple[tuple[tuple[str, str, str], ...], np.ndarray]:
    """What is voted on, and the two contestants of each."""
    items, keys_a, keys_b, dimensions = (rows[name].to_pylist() for name in ("item", "key_a", "key_b", "dimension"))
    units = tuple(zip(items, map("{}:{}".format, keys_a, keys_b), dimensions, strict=True))
    said_U2 = np.column_stack([rows[f"said_{side}"].to_numpy() for side in "ab"])
    _, sides_U2 = np.unique(said_U2, return_inverse=True)
    return units, sides_U2.reshape(said_U2.shape)
