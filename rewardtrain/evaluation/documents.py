"""Documents: preferences among answers to a question with retrieved documents, as RAG-RewardBench holds them.

Reads ``prompt``, ``documents`` (a list of texts, or of {"title", "text"}), ``chosen``, ``rejected`` and an optional
``subset``. The documents, numbered, go before the question in the user's last message, and so they are cut first where
a text is too long for the model. The result, beyond the contract's keys:

    without     accuracy without the documents, and ``difference``: with less without; near 0 says they are not read
    subsets     by subset
    equal       pairs whose two rewards are the same, which count as lost

Source: Jin et al. 2024, https://arxiv.org/abs/2412.13746; its repository says nothing of columns, so these are ours.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common

TITLE = "Documents"
SUMMARY = "Answers to questions with retrieved documents, with and without them."

_SCHEMA = _common.preference_schema("bare")


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file with the documents in the prompt; ``split`` says nothing here."""
    rows = _common.read_rows(path, _common.CHOSEN)
    _common.text_only(path, rows)
    table = []
    for number, row in enumerate(rows, 1):
        if row.get("bare") is None:
            found = row.get("documents")
            if not isinstance(found, list) or not found:
                raise DataError(f"Row {number} of {path} lacks documents. Give a list of texts, or of title and text.")
            texts = [_document(one, path, number) for one in found]
            row = {
                **row,
                "bare": row["prompt"],
                "prompt": _common.edited(row["prompt"], partial(fold, documents=texts)),
            }
        table.append(
            {**{name: row[name] for name in (*_common.CHOSEN, "bare")}, "subset": str(row.get("subset") or "")}
        )
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    return _common.measure_in_context("documents", table, model, seed)


def example() -> pa.Table:
    """Two made-up questions, each with a document."""
    rows = [
        (
            "When was the bridge built?",
            "The bridge opened in 1932.",
            "In 1932, says the document.",
            "In 1931.",
            "facts",
        ),
        ("Who built it?", "The bridge opened in 1932.", "The document does not say.", "An engineer.", "abstain"),
    ]
    return pa.Table.from_pylist(
        [
            {"prompt": fold(asked, [text]), "chosen": chosen, "rejected": rejected, "bare": asked, "subset": subset}
            for asked, text, chosen, rejected, subset in rows
        ],
        schema=_SCHEMA,
    )


def fold(asked: str, documents: list[str]) -> str:
    """The question after its documents."""
    numbered = [f"Document {number}: {text}" for number, text in enumerate(documents, 1)]
    return "\n\n".join([*numbered, asked])


def _document(value: Any, path: Path, number: int) -> str:
    if isinstance(value, dict):
        value = "\n".join(str(value[name]) for name in ("title", "text") if value.get(name))
    if not isinstance(value, str) or not value:
        raise DataError(f"Row {number} of {path} holds a document that is neither text nor title and text: {value!r}.")
    return value
