"""axolotl's four columns."""

import json
from collections import Counter

import datasets

from curation import pairs
from curation.formats import axolotl

TURNS = [
    {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"},
]  # fmt: skip


def test_exactly_the_columns_that_its_strategy_reads(tmp_path, pair_table):
    told = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Q"}]
    table = pair_table({"outcome": "b"}, {"outcome": "a", "prompt": pairs.canonical_json(told)})
    rows = list(axolotl.export(table, {}, Counter()))
    assert rows[0] == {"system": "", "input": "prompt 0", "chosen": "second answer 0", "rejected": "first answer 0"}
    assert (rows[1]["system"], rows[1]["input"]) == ("Be short.", "Q")
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"), split="train")
    for row in data:  # bradley_terry/chat_template.py builds these messages of each side
        said = [{"role": "system", "content": row["system"]}] if row["system"] else []
        said += [{"role": "user", "content": row["input"]}, {"role": "assistant", "content": row["chosen"]}]
        assert all(message["content"] for message in said)


def test_several_turns_cannot_be_said(pair_table):
    twice = [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, TURNS[0]]
    prompts = [TURNS, twice, TURNS[1:], []]
    table = pair_table(*({"prompt": pairs.canonical_json(prompt)} for prompt in prompts), {"outcome": "tie"})
    left_out = Counter()
    assert list(axolotl.export(table, {}, left_out)) == []
    assert left_out == {"turns": 4, "tie": 1}
