"""RewardBench 2: one better response among several worse ones, and prompts with many good answers (export only).

    {"id": "4f…", "prompt": "…", "chosen": ["…"], "rejected": ["…", "…", "…"], "num_correct": 1, "num_incorrect": 3,
     "total_completions": 4, "models": ["m1", "m2", "m3", "m4"], "subset": "Factuality"}

A best-of-four row is a response that beats three others under its prompt. A row of the subset *Ties* is a prompt whose
best responses tie with one another and each beat all the worse ones; it comes twice, as ``tied:`` with all of them and
as ``ref:`` with one. Source: https://huggingface.co/datasets/allenai/reward-bench-2 (arXiv 2506.01937). Reading is
done by the format rewardbench.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import pairs

TITLE = "RewardBench 2"
SUMMARY = "Best of four, and prompts with several good answers; needs items with more than two responses."
WORSE = 3  # responses that the best of four is chosen from
TIES = "Ties"
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
LEFT_OUT = {
    "both_bad": "Both responses are bad, so nothing is chosen.",
    "media": "The responses are not text alone.",
    "too_few_worse": f"No response under the prompt beats {WORSE} others.",
    "not_needed": "The pair compares responses that the prompt's row does not need.",
}


@dataclass
class _Prompt:
    """What the pairs under one prompt say: who beats whom, who ties with whom, and which rows say so."""

    prompt: str
    subset: str = ""
    beats: dict[str, set[str]] = field(default_factory=dict)
    ties: dict[str, set[str]] = field(default_factory=dict)
    model: dict[str, str] = field(default_factory=dict)
    rows: Counter[frozenset[str]] = field(default_factory=Counter)


def write(
    splits: Mapping[str, Iterable[pa.Table]], folder: Path, options: Mapping[str, Any], manifest: Mapping[str, Any]
) -> dict[str, Counter[str]]:
    """``<split>.jsonl``, one line a row of the benchmark; returns the pairs left out, by split and reason."""
    left_out = {}
    for split, tables in splits.items():
        left_out[split] = Counter[str]()
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for row in rows(tables, left_out[split]):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return left_out


def rows(tables: Iterable[pa.Table], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """The benchmark's rows, by prompt; every pair is in one of them or counted in ``left_out``."""
    for name, found in sorted(_by_prompt(tables, left_out).items()):
        made = list(_ties(name, found)) or list(_best_of_four(name, found))
        needed = [(set(row["chosen"]), set(row["rejected"])) for row in made]
        reason = "not_needed" if made else "too_few_worse"
        left_out[reason] += sum(
            count for pair, count in found.rows.items() if not any(_is_in(pair, *sides) for sides in needed)
        )
        yield from made
    for reason in [reason for reason, count in left_out.items() if not count]:
        del left_out[reason]


def _is_in(pair: frozenset[str], chosen: set[str], rejected: set[str]) -> bool:
    """Whether a row of the benchmark says what a pair says: a better and a worse one, or two that tie."""
    return pair <= chosen or bool(pair & chosen and pair & rejected)


def _by_prompt(tables: Iterable[pa.Table], left_out: Counter[str]) -> dict[str, _Prompt]:
    prompts: dict[str, _Prompt] = {}
    for table in tables:
        for row, outcome in zip(table.to_pylist(), pairs.winner(table).tolist(), strict=True):
            if row["media_a"] or row["media_b"]:
                left_out["media"] += 1
                continue
            if outcome == "both_bad":
                left_out["both_bad"] += 1
                continue
            found = prompts.setdefault(pairs.content_hash(row["prompt"]), _Prompt(row["prompt"]))
            found.subset = found.subset or str(json.loads(row["metadata"] or "{}").get("subset") or row["group"])
            a, b = row["response_a"], row["response_b"]
            found.model |= {a: row["model_a"], b: row["model_b"]}
            found.rows[frozenset((a, b))] += 1
            if outcome == "tie":
                found.ties.setdefault(a, set()).add(b)
                found.ties.setdefault(b, set()).add(a)
            else:
                better, worse = (a, b) if outcome == "a" else (b, a)
                found.beats.setdefault(better, set()).add(worse)
    return prompts


def _ties(name: str, found: _Prompt) -> Iterator[dict[str, Any]]:
    """The prompt as two rows of the subset of ties, where its best responses tie and all beat the same others."""
    for first in sorted(found.ties):
        tied = [first, *(other for other in sorted(found.ties[first]) if other in found.beats)]
        tied = [one for one in tied if all(other == one or other in found.ties[one] for other in tied)]
        worse = set.intersection(*(found.beats.get(one, set()) for one in tied)) - set(tied)
        if len(tied) > 1 and worse:
            number = int(name[:15], 16)  # the official scorer reads a whole number behind the colon
            yield _row(f"tied:{number}", found, tied, sorted(worse), TIES)
            yield _row(f"ref:{number}", found, tied[:1], sorted(worse), TIES)
            return


def _best_of_four(name: str, found: _Prompt) -> Iterator[dict[str, Any]]:
    """The response that beats most others, beside three of them; which three is drawn by their content."""
    best = min(found.beats, key=lambda one: (-len(found.beats[one]), pairs.content_hash(one)), default="")
    worse = sorted(found.beats.get(best, ()), key=pairs.content_hash)[:WORSE]
    if len(worse) == WORSE:
        yield _row(name[:16], found, [best], worse, found.subset)


def _row(identifier: str, found: _Prompt, chosen: list[str], rejected: list[str], subset: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "prompt": pairs.prompt_text(found.prompt),
        "chosen": chosen,
        "rejected": rejected,
        "num_correct": len(chosen),
        "num_incorrect": len(rejected),
        "total_completions": len(chosen) + len(rejected),
        "models": [found.model[text] for text in (*chosen, *rejected)],
        "subset": subset,
    }
