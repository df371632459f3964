"""Exact duplicates and prompts shared with a benchmark."""

import json

import pyarrow as pa
import pytest

from curation.campaign import CampaignError, Tools
from curation.campaign.hygiene import exact_and_ngrams
from curation.campaign.source import Source
from curation.ports import Models
from tests.curation.campaign.conftest import Everybody

LONG = "please tell me in plain words how the tides of the sea follow the moon every single day"


def screen(table, shard=2, **settings):
    tools = Tools(Models(), Everybody({}), benchmarks=lambda: {"suite": [f"{LONG}?"], "other": []})
    given = {"benchmarks": ["suite"], "n": 13, **settings}
    return exact_and_ngrams.screen(Source.of(table, "x", shard=shard), given, tools).tolist()


def test_a_pair_that_stands_before_is_a_duplicate_also_across_shards(pair_table):
    table = pair_table({"outcome": "a"}, {"outcome": "a"}, {"outcome": "a"})
    twice = pa.concat_tables([table, table.slice(1, 1)])
    assert screen(twice) == ["", "", "", "duplicate"]


def test_the_same_responses_with_the_other_label_are_no_duplicate(pair_table):
    table = pa.concat_tables([pair_table({"outcome": "a"}), pair_table({"outcome": "b"})])
    assert screen(table) == ["", ""]


def test_what_shares_a_run_of_words_with_a_benchmark_leaves(pair_table):
    said = lambda *turns: json.dumps([{"role": role, "content": text} for role, text in turns])  # noqa: E731
    table = pair_table(
        {"prompt": said(("user", f"Well, {LONG.upper()} — thanks"))},
        {"prompt": said(("user", "Hello"), ("assistant", "Hi"), ("user", LONG))},
        {"prompt": said(("user", "how the tides of the sea follow the moon"))},
    )
    assert screen(table) == ["contaminated", "", ""]  # benchmarks ask in the first turn
    assert screen(table, benchmarks=[]) == ["contaminated", "", ""]  # all that are known
    assert screen(table, benchmarks=["other"]) == ["", "", ""]


def test_a_benchmark_that_nobody_knows_is_told(pair_table):
    with pytest.raises(CampaignError, match=r"no benchmark 'else'\. There are: suite, other"):
        screen(pair_table({}), benchmarks=["else"])
