"""The pair table: what curation filters, dataset versions hold and reward models learn from.

One row is one comparison of two responses to one prompt, with what is believed about it. The same
Arrow schema serves a project's records, a pool's shard and a training set. Pure: knows no Django.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES

VOTE = pa.struct(
    [
        ("rater", pa.string()),
        ("kind", pa.string()),  # of the rater: person, language_model, reward_model, rule, import; null when unknown
        ("outcome", pa.string()),
        ("level", pa.float32()),  # signed strength as a share of its scale, -1 .. 1, positive where a is better
        ("p_a", pa.float32()),  # the rater's own probability that a is better, a tie counting half; null for people
        ("seconds", pa.float32()),
    ]
)

SCHEMA = pa.schema(
    [
        ("row_id", pa.string()),  # SHA-256 of prompt and responses: what is compared, not what is believed
        ("item", pa.string()),  # external id of the item
        ("question", pa.string()),
        ("dimension", pa.string()),
        ("group", pa.string()),  # rows of one group never stand in two splits; "" means the prompt itself
        ("prompt", pa.large_string()),  # JSON list of messages {"role", "content"}
        ("response_a", pa.large_string()),
        ("response_b", pa.large_string()),
        ("key_a", pa.string()),
        ("key_b", pa.string()),
        ("model_a", pa.string()),
        ("model_b", pa.string()),
        ("media_a", pa.list_(pa.string())),  # content-addressed files, "sha256:…"
        ("media_b", pa.list_(pa.string())),
        ("p_a", pa.float64()),  # consensus distribution over outcomes; the four sum to 1
        ("p_tie", pa.float64()),
        ("p_b", pa.float64()),
        ("p_both_bad", pa.float64()),
        ("strength", pa.float64()),  # mean signed strength in [-1, 1], positive where a is better
        ("margin", pa.float64()),  # asked of r_a - r_b in training; 0 where nothing is known
        ("weight", pa.float64()),  # weight in training, 1 unless a filter says otherwise
        ("n_votes", pa.int32()),
        ("votes", pa.list_(VOTE)),
        ("gold", pa.string()),  # outcome verified by people or released with the data; null when unknown
        ("metadata", pa.large_string()),  # JSON
    ]
)
IDENTITY = ("row_id", "item", "question", "dimension")  # what makes a row the same row in two versions
PROBABILITIES = tuple(f"p_{outcome}" for outcome in OUTCOMES)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks and no escapes beyond JSON's own, so equal values hash equally."""
    return _ENCODER.encode(value)


def content_hash(value: Any) -> str:
    """SHA-256 (hex) of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def row_id(prompt: str, response_a: str, response_b: str, media_a: list[str] = [], media_b: list[str] = []) -> str:  # noqa: B006 (never mutated)
    """SHA-256 (hex) of the canonical JSON of what is compared."""
    return content_hash([prompt, [response_a, list(media_a)], [response_b, list(media_b)]])


def prompt_text(prompt: str) -> str:
    """A stored prompt (JSON list of messages) as plain text, one message a paragraph."""
    return "\n\n".join(message["content"] for message in json.loads(prompt))


def outcome_probs(table: pa.Table) -> np.ndarray:
    """(rows, 4) consensus probabilities in the order of `annotate.records.OUTCOMES`."""
    return np.column_stack([table[name].to_numpy() for name in PROBABILITIES])


def entropy(probs: np.ndarray) -> np.ndarray:
    """Entropy in bits of each row of (rows, outcomes) probabilities."""
    p = np.clip(probs, 1e-12, 1)
    return np.asarray(-(p * np.log2(p)).sum(axis=1))


def winner(table: pa.Table) -> np.ndarray:
    """The likeliest outcome of each row, as a string array of shape (rows,); a tie where a and b are as likely."""
    probs_N4 = outcome_probs(table)
    likeliest_N = np.array(OUTCOMES)[probs_N4.argmax(axis=1)]
    even_N = probs_N4[:, OUTCOMES.index("a")] == probs_N4[:, OUTCOMES.index("b")]
    return np.where(even_N & (likeliest_N == "a"), "tie", likeliest_N)


def responses(table: pa.Table, side: str) -> list[tuple[str, ...]]:
    """What stands on one side ("a" or "b") of each row: the text, then the files."""
    texts, media = table[f"response_{side}"].to_pylist(), table[f"media_{side}"].to_pylist()
    return [(text, *(files or ())) for text, files in zip(texts, media, strict=True)]


def seen_from(outcome: str, swapped: bool) -> str:
    """An outcome as it reads with the sides in the other order, where ``swapped``."""
    return {"a": "b", "b": "a"}.get(outcome, outcome) if swapped else outcome


def standing(table: pa.Table) -> dict[str, Any]:
    """The columns that say which of several duplicates to keep, for `preference_order`."""
    surest = outcome_probs(table).max(axis=1, initial=0)
    return {"n_votes": table["n_votes"], "surest": surest, "row_id": table["row_id"], "item": table["item"]}


def preference_order(standing: pa.Table) -> np.ndarray:
    """Rank of each row, 0 first, by which of several duplicates to keep: most votes, then surest, then by name.

    Depends on what the rows hold, not on how they are ordered.
    """
    keys = [("n_votes", "descending"), ("surest", "descending"), ("row_id", "ascending"), ("item", "ascending")]
    rank = np.empty(standing.num_rows, dtype=np.int64)
    rank[pc.sort_indices(standing, sort_keys=keys).to_numpy()] = np.arange(standing.num_rows)
    return rank


def outcome_codes(table: pa.Table) -> np.ndarray:
    """`winner` as places in `annotate.records.OUTCOMES`, of one byte each."""
    place = {outcome: number for number, outcome in enumerate(OUTCOMES)}
    outcomes, code_N = np.unique(winner(table), return_inverse=True)
    return np.array([place[outcome] for outcome in outcomes.tolist()], dtype=np.int8)[code_N]


def codes_from(code_N: np.ndarray, swapped_N: np.ndarray) -> np.ndarray:
    """`outcome_codes` as they read with the sides in the other order, where ``swapped_N``."""
    turned = np.array([OUTCOMES.index(seen_from(outcome, True)) for outcome in OUTCOMES], dtype=np.int8)
    return np.where(swapped_N, turned[code_N], code_N)


def with_columns(table: pa.Table, columns: Mapping[str, Any]) -> pa.Table:
    """The table with some columns replaced, of the same types as before."""
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        kind = table.schema.field(place).type
        same = isinstance(values, pa.Array | pa.ChunkedArray) and values.type == kind
        table = table.set_column(place, table.schema.field(place), values if same else pa.array(values, kind))
    return table
