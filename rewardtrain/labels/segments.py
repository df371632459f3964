"""Labels on segments of a response: steps of reasoning, or sentences with errors of several types.

Each segment is read at its last token. Two shapes of table: TRL's stepwise columns ``completions`` and ``labels``
(True or 1 good, False or -1 bad, 0 neutral, null unknown), and ``response`` with ``spans`` [{start, end, category}] in
code points, in which case the response is cut into sentences (Wu et al. 2023, arXiv 2306.01693).
Shapes as in `rewardtrain.labels`; N segments, A types (one, called step, where there are steps).
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import LabelSet, Tensors, common
from rewardtrain.modeling.losses import Facts, RatingBatch

if TYPE_CHECKING:
    import torch

TITLE = "Segments"
COLUMNS = "prompt, completions and labels (TRL stepwise), or prompt, response and spans"
SUITE = "segments"
STEP = "step"
BREAK = "\n"  # between steps
SCHEMA = pa.schema(
    [
        ("prompt", pa.large_string()),
        ("group", pa.string()),
        ("segments", pa.list_(pa.large_string())),  # which give the response when put together
        ("labels", pa.large_string()),  # JSON: for each segment {type: number or null}
        ("weight", pa.float64()),
    ]
)
_SENTENCE = re.compile(r".+?(?:[.!?]+[\"')\]]*\s+|\n\s*|$)", re.DOTALL)


@dataclass(frozen=True)
class SegmentSet(LabelSet):
    """Segments ready to train on.

    Attributes
    ----------
    value_NA : of steps 0 bad, then neutral where the training has such labels, then good; of types 1 where the segment
        has such an error, else 0.
    """

    value_NA: np.ndarray

    def batch(
        self, some: np.ndarray, place_LM: np.ndarray, out_UK: "torch.Tensor", vector_UD: "torch.Tensor", to: Tensors
    ) -> RatingBatch:
        unit_N = to(place_LM[:, 0])
        return RatingBatch(out_UK[unit_N], to(self.value_NA[some]), to(self.group_L[some]), vector_UD[unit_N])

    def agreement(self, batch: RatingBatch, reward: Callable[["torch.Tensor"], "torch.Tensor"]) -> tuple[float, int]:
        """Good and bad segments of a batch ordered rightly, of all pairs of one of each (the area under the ROC)."""
        import torch

        steps = self.facts.dimensions == (STEP,)
        bad_N = (batch.value_NA == 0).any(dim=1) if steps else (batch.value_NA > 0).any(dim=1)
        reward_N = reward(batch.out_NK)
        bad, good = reward_N[bad_N].sort().values, reward_N[~bad_N].contiguous()
        below, up_to = (torch.searchsorted(bad, good, right=right).sum().item() for right in (False, True))
        return (below + up_to) / 2, len(bad) * len(good)


def normalised(table: pa.Table) -> pa.Table:
    """In `SCHEMA`, which a table may be in already."""
    if {"segments", "labels", "group", "weight"} <= set(table.column_names):
        return table.select(SCHEMA.names).cast(SCHEMA)
    rows = []
    for number, row in enumerate(table.to_pylist(), 1):
        segments, labels = _steps(row, number) if row.get("completions") is not None else _spans(row, number)
        rows.append(
            {
                **common(row, number), "segments": segments, "labels": json.dumps(labels)
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _steps(row: dict[str, Any], number: int) -> tuple[list[str], list[dict[str, float | None]]]:
    steps, labels = row["completions"], row.get("labels")
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise DataError(f"Row {number}: completions must be a list of texts.")
    if not isinstance(labels, list) or len(labels) != len(steps):
        raise DataError(f"Row {number} must have as many labels as completions.")
    if bad := [label for label in labels if label not in (True, False, 1, 0, -1, None)]:
        raise DataError(f"Row {number}: a label must be true, false, 1, 0, -1 or null, not {bad[0]!r}.")
    value = [None if x is None else (1.0 if x else -1.0) if isinstance(x, bool) else float(x) for x in labels]
    return [step + BREAK for step in steps], [{STEP: x} for x in value]


def _spans(row: dict[str, Any], number: int) -> tuple[list[str], list[dict[str, float | None]]]:
    response, spans = row.get("response"), row.get("spans")
    if not isinstance(response, str) or not isinstance(spans, list):
        raise DataError(f"Row {number} is no row of segments. Such a table has the columns {COLUMNS}.")
    for span in spans:
        if not (isinstance(span, dict) and isinstance(span.get("category"), str)):
            raise DataError(f"Row {number}: a span has start, end and category.")
        start, end = span.get("start"), span.get("end")
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(response)):
            raise DataError(f"Row {number}: the span {start} to {end} does not lie in the response.")
    segments = sentences(response)
    labels: list[dict[str, float | None]] = []
    begin = 0
    for segment in segments:
        end = begin + len(segment)
        labels.append({span["category"]: 1.0 for span in spans if span["start"] < end and span["end"] > begin})
        begin = end
    return segments, labels


def sentences(text: str) -> list[str]:
    """A text cut behind its sentences and lines; the parts put together are the text.

    >>> sentences("It is 0.5. Two?  Three")
    ['It is 0.5. ', 'Two?  ', 'Three']
    """
    parts = [match.group() for match in _SENTENCE.finditer(text)]
    return parts if "".join(parts) == text else [text]


def prepare(table: pa.Table, encoder: Encoder, needs: Sequence[str] = (), facts: Facts | None = None) -> SegmentSet:
    """Encode the distinct responses and collect the labels of their segments.

    Left out, and counted: segments without a label, and those that were cut off.
    """
    rows = table.to_pylist()
    said = [json.loads(row["labels"]) for row in rows]
    dimensions = facts.dimensions if facts else tuple(sorted({key for labels in said for one in labels for key in one}))
    steps = dimensions == (STEP,)
    index: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in rows:
        index.setdefault((row["prompt"], tuple(row["segments"])), len(index))
    ends = [np.cumsum([len(segment) for segment in segments]).tolist() for _, segments in index]
    neutral = any(label.get(STEP) == 0 for labels in said for label in labels)
    levels = (facts.levels if facts else 2 + neutral) if steps else 0
    sequences, position = encoder.encode_marked([(prompt, "".join(segments)) for prompt, segments in index], ends)
    starts = np.concatenate([[0], np.cumsum([len(places) for places in position])]).astype(np.int64)
    position_U = np.concatenate([np.zeros(0, np.int64), *position]).astype(np.int64)
    units, values, weights, items = [], [], [], []
    left_out = dict.fromkeys(("without_label", "cut_off", "without_weight"), 0)
    for row, labels in zip(rows, said, strict=True):
        item = index[row["prompt"], tuple(row["segments"])]
        for at, label in enumerate(labels):
            value = [label.get(key) if steps else label.get(key, 0.0) for key in dimensions]
            if all(x is None for x in value):
                left_out["without_label"] += 1
            elif position_U[starts[item] + at] < 0:
                left_out["cut_off"] += 1
            elif not row["weight"] > 0:
                left_out["without_weight"] += 1
            else:
                units.append(starts[item] + at)
                values.append([np.nan if x is None else _level(x, levels) if steps else x for x in value])
                weights.append(row["weight"])
                items.append(item)
    report = {
        "rows": len(rows), "segments": len(units), "sequences": len(sequences),
        "tokens": int(sequences.lengths_S.sum()), "truncated": int(sequences.truncated_S.sum()), **left_out,
    }  # fmt: skip
    return SegmentSet(
        sequences, np.array(units, dtype=np.int64)[:, None], np.array(weights, dtype=float),
        Facts(dimensions, levels=levels), report,
        np.array(items, dtype=np.int64), np.array(values, dtype=float).reshape(len(units), len(dimensions)),
        starts_S1=starts, position_U=position_U,
    )  # fmt: skip


def _level(label: float, levels: int) -> float:
    """-1, 0, 1 as 0, 1, 2; as 0 and 1 where a training has no neutral steps, in whose terms neutral is half good."""
    return label + 1 if levels > 2 else (label + 1) / 2


def of_response(response: str, dimensions: Sequence[str]) -> list[str]:
    """The segments of a response of which nobody has said where they end: lines of steps, or sentences."""
    if tuple(dimensions) == (STEP,):
        return [line for line in response.splitlines(keepends=True) if line.strip()] or [response]
    return sentences(response)


def example() -> pa.Table:
    """Two made-up chains of steps."""
    return pa.Table.from_pylist(
        [
            {"prompt": "Add 2 and 2, then 3.", "completions": ["2 + 2 = 4.", "4 + 3 = 7."], "labels": [True, True]},
            {"prompt": "Add 1 and 1, then 3.", "completions": ["1 + 1 = 3.", "3 + 3 = 6."], "labels": [False, None]},
        ]
    )
