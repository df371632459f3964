"""Exact duplicates of (history, chosen, rejected), and prompts that share a 13-gram with a benchmark's.

Source: Skywork-Reward-V2, arXiv 2507.01352. Compared with the benchmarks is the first thing that a person says, as
benchmarks ask in one turn. Of duplicates the first in the pool's order stays; what differs in its label is none.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from curation import ngrams, pairs
from curation.campaign import CampaignError, Tools
from curation.campaign.source import Source
from curation.campaign.tiers import sides
from curation.filters import settings_schema

TITLE = "Exact duplicates and benchmark n-grams"
SUMMARY = "Takes out repeated pairs, and pairs whose first question shares a run of words with a benchmark prompt."
SETTINGS = settings_schema(
    benchmarks={
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "title": "Names of benchmark files; none: all",
    },
    n={"type": "integer", "minimum": 5, "maximum": 50, "default": ngrams.N, "title": "Words in a run"},
)


def screen(source: Source, settings: Mapping[str, Any], tools: Tools) -> np.ndarray:
    """A duplicate is not looked up in the benchmarks."""
    prompts = tools.benchmarks()
    if missing := [name for name in settings["benchmarks"] if name not in prompts]:
        known = ", ".join(prompts) or "none; whoever runs this server adds them"
        raise CampaignError(f"hygiene: there is no benchmark {missing[0]!r}. There are: {known}.")
    wanted = {name: prompts[name] for name in settings["benchmarks"] or prompts}
    index = ngrams.Index.of(wanted, n=settings["n"]) if wanted else None
    seen: set[bytes] = set()
    parts = []
    for table in source.shards():
        out_N = np.full(table.num_rows, "", dtype=object)
        side_N = sides(pairs.outcome_probs(table))
        for row, (id_, side) in enumerate(zip(table["row_id"].to_pylist(), side_N.tolist(), strict=True)):
            key = bytes.fromhex(id_) + bytes([side + 1])
            if key in seen:
                out_N[row] = "duplicate"
            seen.add(key)
        if index is not None:
            shared_N = index.find([_first_turn(prompt) for prompt in table["prompt"].to_pylist()]).source_N >= 0
            out_N[shared_N & (out_N == "")] = "contaminated"
        parts.append(out_N)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=object)


def _first_turn(prompt: str) -> str:
    """The first thing that a person says; the whole prompt where nobody is said to be one."""
    messages = json.loads(prompt)
    first = next((message["content"] for message in messages if message.get("role") == "user"), None)
    return first if isinstance(first, str) else pairs.prompt_text(prompt)
