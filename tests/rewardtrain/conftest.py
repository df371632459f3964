"""Tiny models with random weights, and made-up preferences that a model can learn: more `good`, fewer `bad` words."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, LlamaConfig, LlamaModel, PreTrainedTokenizerFast

from curation import pairs

WORDS = [
    "good", "bad", "fine", "dull", "say", "why", "colour", "table", "sum", "one", "two", "three", "four", "five", "six",
    "seven", "red", "blue", "green", "loud", "slow", "user", "assistant", "prompt", "answer", "a",
]  # fmt: skip


def _tokenizer(**special: str) -> PreTrainedTokenizerFast:
    vocabulary = {word: index for index, word in enumerate([*dict.fromkeys(special.values()), *WORDS])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=special["unk_token"]))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=64, **special)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT of width 16; its tokenizer has no end token."""
    folder = tmp_path_factory.mktemp("tiny-encoder")
    tokenizer = _tokenizer(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, hidden_dropout_prob=0.1,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer Llama of width 16, with an end token, a padding token and a chat template."""
    folder = tmp_path_factory.mktemp("tiny-decoder")
    tokenizer = _tokenizer(unk_token="<unk>", pad_token="<pad>", eos_token="</s>")
    tokenizer.chat_template = "{% for m in messages %}{{ m['role'] }} {{ m['content'] }} </s>{% endfor %}"
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        intermediate_size=32, max_position_embeddings=64, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    LlamaModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def made_up_rows(prompts: int, responses: int, seed: int) -> list[dict[str, Any]]:
    """All pairs among ``responses`` responses of each prompt; the one with more good words wins."""
    draw = random.Random(seed)
    rows = []
    for number in range(prompts):
        prompt = pairs.canonical_json([{"role": "user", "content": f"why {draw.choice(WORDS)} {draw.choice(WORDS)}"}])
        texts = [
            " ".join(draw.choice(("good", "bad", "fine", "dull", "red")) for _ in range(draw.randint(3, 12)))
            for _ in range(responses)
        ]
        for i, a in enumerate(texts):
            for b in texts[i + 1 :]:
                lead = a.count("good") - a.count("bad") - b.count("good") + b.count("bad")
                p_a = 0.95 if lead > 0 else 0.05 if lead < 0 else 0.5
                rows.append(
                    {
                        "row_id": pairs.row_id(prompt, a, b), "item": str(len(rows)), "prompt": prompt,
                        "response_a": a, "response_b": b, "p_a": p_a, "p_tie": 0.0, "p_b": 1 - p_a, "p_both_bad": 0.0,
                        "strength": 2 * p_a - 1, "margin": 0.0, "weight": 1.0, "n_votes": 5, "group": f"g{number % 6}",
                        "gold": "a" if lead > 0 else "b" if lead < 0 else "tie", "metadata": "{}",
                    }
                )  # fmt: skip
    return rows


@pytest.fixture(scope="session")
def make_table() -> Callable[..., pa.Table]:
    """Builds a pair table of made-up preferences."""

    def make(prompts: int = 8, responses: int = 4, seed: int = 0) -> pa.Table:
        return pa.Table.from_pylist(made_up_rows(prompts, responses, seed), schema=pairs.SCHEMA)

    return make


@pytest.fixture(scope="session")
def version_folder(tmp_path_factory: pytest.TempPathFactory, make_table: Callable[..., pa.Table]) -> Path:
    """A dataset version's folder with three splits."""
    folder = tmp_path_factory.mktemp("version")
    (folder / "data").mkdir()
    for split, prompts, seed in (("train", 24, 1), ("validation", 6, 2), ("test", 6, 3)):
        pq.write_table(make_table(prompts, 4, seed), folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder
