"""OpenRLHF's reward data, read as its loader reads it."""

import json
from collections import Counter

import datasets
import pytest

from curation import formats
from curation.formats import openrlhf


def loaded(data, apply_chat_template=None):
    """What openrlhf/datasets/reward_dataset.py (preprocess_data) takes from a row."""
    if apply_chat_template:
        prompt = apply_chat_template(data["prompt"])
        chosen = apply_chat_template(data["prompt"] + data["chosen"])[len(prompt) :]
        rejected = apply_chat_template(data["prompt"] + data["rejected"])[len(prompt) :]
    else:
        prompt, chosen, rejected = data["prompt"], data["chosen"], data["rejected"]
    return prompt, chosen, rejected, data.get("margin") or 0


@pytest.mark.parametrize("style", ["conversational", "standard"])
def test_loader_finds_texts_and_margin(tmp_path, pair_table, style):
    table = pair_table({"outcome": "b", "margin": -0.4}, {"outcome": "tie"}, {"outcome": "a", "strength": 0.5})
    left_out = Counter()
    options = formats.filled_options(openrlhf.OPTIONS, {"style": style, "margin_scale": 2})
    rows = list(openrlhf.export(table, options, left_out))
    assert left_out == {"tie": 1}
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"), split="train")
    template = None
    if style == "conversational":
        template = lambda messages: "".join(f"{m['role']}: {m['content']}\n" for m in messages)  # noqa: E731
    found = [loaded(row, template) for row in data]
    assert [margin for *_, margin in found] == [0.4, 1.0]
    prompt, chosen, rejected, _ = found[0]
    assert "prompt 0" in prompt
    assert "second answer 0" in chosen
    assert "first answer 0" in rejected
