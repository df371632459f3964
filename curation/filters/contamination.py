"""Takes out pairs that a benchmark may hold: a shared run of words, or a prompt that means nearly the same.

The benchmarks are the operator's files (`curation.benchmarks`). Skywork-Reward-V2 (arXiv 2507.01352) drops any pair
that shares a 13-gram with a first-turn prompt of a benchmark; `curation.ngrams` finds them at the size of a pool. What
was shared, with which file, is told in the notes. Shapes: N rows, T texts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.ngrams import Index
from curation.ports import PortNotRegistered

TITLE = "Contamination"
SCOPE = "row"
SUMMARY = "Pairs that share a run of words, or nearly a prompt, with the benchmarks that the operator named."
SETTINGS = settings_schema(
    n={"type": "integer", "minimum": 3, "maximum": 50, "default": 13, "title": "Words in a run"},
    look_in={
        "enum": ["prompt", "everything"],
        "default": "prompt",
        "title": "Looked at",
        "description": "The prompt alone, or the responses too.",
    },
    similarity={
        "type": ["number", "null"],
        "minimum": 0,
        "maximum": 1,
        "default": None,
        "title": "Largest cosine of a prompt with one of a benchmark",
        "description": "Needs text embeddings; null does without.",
    },
    files={
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "title": "Files compared with",
        "description": "None: all that the operator put there.",
    },
    action=action_setting("drop", "review", default="drop"),
)
REASONS = {
    "shared_ngram": "It shares a run of words with a benchmark.",
    "near_benchmark": "Its prompt means nearly the same as one of a benchmark.",
}

EXAMPLES = 3  # shown a file
_TEXTS = 4096  # embeddings compared at a time


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the largest share of a text's n-grams that is shared; with ``similarity`` the largest cosine."""
    known = _wanted(context.benchmarks(), settings["files"])
    prompts = [pairs.prompt_text(prompt) for prompt in table["prompt"].to_pylist()]
    columns: list[Sequence[str]] = [prompts]
    if settings["look_in"] == "everything":
        columns += [table[f"response_{side}"].to_pylist() for side in "ab"]
    index = Index.of(known, settings["n"])
    score_N, source_N = np.zeros(table.num_rows), np.full(table.num_rows, -1)
    shared: dict[int, str] = {}
    for texts in columns:
        found = index.find(texts)
        score_N = np.maximum(score_N, found.share_N)
        source_N = np.where(source_N < 0, found.source_N, source_N)
        shared = {**found.gram_N, **shared}
    reason_N = np.where(source_N >= 0, "shared_ngram", "").astype("U16")
    if settings["similarity"] is not None:
        score_N, nearest_N = _nearest(prompts, known, context)
        near_N = (source_N < 0) & (score_N >= settings["similarity"])
        source_N = np.where(near_N, nearest_N, source_N)
        reason_N[near_N] = "near_benchmark"
    notes = {
        "compared_with": {name: len(texts) for name, texts in known.items()},
        "found": _report(table, list(known), source_N, reason_N, shared),
    }
    action_N = np.where(reason_N == "", "keep", settings["action"])
    return Decisions(action_N, reason_N, score_N=score_N, notes=notes)


def merge_notes(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The notes on the shards of a pool as one; of n-grams, those that some shard told of."""
    by_file: dict[str, list[Mapping[str, Any]]] = {}
    for entry in (entry for notes in found for entry in notes["found"]):
        by_file.setdefault(entry["file"], []).append(entry)
    merged = []
    for name, entries in sorted(by_file.items()):
        grams: dict[str, dict[str, Any]] = {}
        for gram in (gram for entry in entries for gram in entry["ngrams"]):
            first = grams.setdefault(gram["words"], {**gram, "rows": 0})
            first |= {"rows": first["rows"] + gram["rows"], "row_id": min(first["row_id"], gram["row_id"])}
        most = sorted(grams.values(), key=lambda gram: (-gram["rows"], gram["words"]))[:EXAMPLES]
        counts = {reason: sum(entry[reason] for entry in entries) for reason in REASONS}
        merged.append({"file": name, **counts, "ngrams": most})
    return {"compared_with": found[0]["compared_with"], "found": merged}


def _wanted(benchmarks: Mapping[str, Sequence[str]], files: Sequence[str]) -> dict[str, Sequence[str]]:
    if unknown := [name for name in files if name not in benchmarks]:
        known = ", ".join(sorted(benchmarks)) or "none"
        raise PortNotRegistered(f"There is no benchmark file {unknown[0]!r:.120}. Those that exist: {known:.300}.")
    return {name: benchmarks[name] for name in sorted(benchmarks) if not files or name in files}


def _nearest(
    prompts: Sequence[str], known: Mapping[str, Sequence[str]], context: Context
) -> tuple[np.ndarray, np.ndarray]:
    """The largest cosine of each prompt with a text of a benchmark, and the place of that benchmark."""
    place: dict[str, int] = {}
    place_N = np.array([place.setdefault(text, len(place)) for text in prompts], dtype=np.int64)
    texts = [text for own in known.values() for text in own]
    if not texts or not place:
        return np.zeros(len(prompts)), np.full(len(prompts), -1)
    source_B = np.repeat(np.arange(len(known)), [len(own) for own in known.values()])
    vector_TD, bench_BD = (np.asarray(context.models.embed(own), np.float32) for own in (list(place), texts))
    score_T, nearest_T = np.empty(len(place)), np.empty(len(place), dtype=np.int64)
    for start in range(0, len(place), _TEXTS):
        cosine_TB = vector_TD[start : start + _TEXTS] @ bench_BD.T
        nearest_T[start : start + _TEXTS] = cosine_TB.argmax(axis=1)
        score_T[start : start + _TEXTS] = cosine_TB.max(axis=1)
    return np.round(score_T, 6)[place_N], source_B[nearest_T][place_N]


def _report(
    table: pa.Table, names: list[str], source_N: np.ndarray, reason_N: np.ndarray, shared: Mapping[int, str]
) -> list[dict[str, Any]]:
    """By file: the rows found for either reason, and the n-grams that most of them share."""
    report = []
    row_ids = table["row_id"].to_pylist()
    for place, name in enumerate(names):
        own = np.flatnonzero((source_N == place) & (reason_N != "")).tolist()
        if own:
            rows_of: dict[str, list[str]] = {}
            for row in own:
                if row in shared:
                    rows_of.setdefault(shared[row], []).append(row_ids[row])
            most = sorted(rows_of.items(), key=lambda entry: (-len(entry[1]), entry[0]))[:EXAMPLES]
            grams = [{"words": words[:300], "rows": len(rows), "row_id": min(rows)} for words, rows in most]
            counts = Counter(reason_N[own].tolist())
            report.append({"file": name, **{reason: counts[reason] for reason in REASONS}, "ngrams": grams})
    return report
