"""Likelihoods of continuations: batched as one by one, whatever the padding side, and as a plain loop computes them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from curation.pairs import canonical_json
from curation.ports import PortNotRegistered
from rewardtrain.__main__ import main
from rewardtrain.errors import RewardModelError
from rewardtrain.likelihood import LanguageModel

PROMPTS = ["why good", "say", "", "why good", "one two three four five six seven red blue green"]
CONTINUATIONS = ["bad fine", "good bad fine dull red blue", "good", "red", ""]


@pytest.fixture(scope="module", params=["llama", "gpt2"])  # rotary positions, and learned ones
def folder(request: pytest.FixtureRequest, tiny_decoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("language-model")
    tokenizer = AutoTokenizer.from_pretrained(tiny_decoder)
    torch.manual_seed(3)
    size, pad = len(tokenizer), tokenizer.pad_token_id
    if request.param == "llama":
        config = LlamaConfig(
            vocab_size=size, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
            intermediate_size=32, max_position_embeddings=64, pad_token_id=pad,
        )  # fmt: skip
        model = LlamaForCausalLM(config)
    else:
        model = GPT2LMHeadModel(GPT2Config(vocab_size=size, n_embd=16, n_layer=2, n_head=2, n_positions=64))
    for parameter in model.parameters():  # far from uniform, so that a wrong position shows
        parameter.data.mul_(8)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    return target


def plain(folder: Path, before: str, continuation: str) -> float:
    """One sequence, one softmax a position."""
    model, tokenizer = LanguageModel(str(folder), device="cpu").model, AutoTokenizer.from_pretrained(folder)
    start = tokenizer(before, add_special_tokens=False)["input_ids"] or [tokenizer.eos_token_id]
    total = 0.0
    for token in tokenizer(continuation, add_special_tokens=False)["input_ids"]:
        with torch.no_grad():
            total += torch.log_softmax(model(torch.tensor([start])).logits[0, -1], 0)[token].item()
        start = [*start, token]
    return total


@pytest.mark.parametrize("side", ["left", "right"])
def test_batches_agree_with_a_plain_loop_whatever_side_is_padded(folder, side, tmp_path):
    model = LanguageModel(str(folder), device="cpu")
    model.tokenizer.padding_side = side
    nats, tokens = model.log_likelihoods(PROMPTS, CONTINUATIONS)
    expected = [plain(folder, prompt, said) for prompt, said in zip(PROMPTS, CONTINUATIONS, strict=True)]
    np.testing.assert_allclose(nats, expected, atol=1e-4)
    assert tokens.tolist() == [2, 6, 1, 1, 0]
    single, _ = model.log_likelihoods(PROMPTS, CONTINUATIONS, tokens_per_batch=1)
    np.testing.assert_allclose(nats, single, atol=1e-4)
    assert len(set(np.round(nats, 3))) == len(PROMPTS)


def test_conversations_go_through_the_chat_template(folder):
    model = LanguageModel(str(folder), device="cpu")
    said = [{"role": "user", "content": "why"}]
    open_turn = [*said, {"role": "assistant", "content": "good"}, {"role": "user", "content": ""}]
    nats, _ = model.log_likelihoods([canonical_json(said), canonical_json(open_turn)], ["good", "bad"])
    expected = [
        plain(folder, "user why </s>assistant ", "good"),
        plain(folder, "user why </s>assistant good </s>user ", "bad"),
    ]
    np.testing.assert_allclose(nats, expected, atol=1e-4)


def test_what_is_too_long(folder):
    model = LanguageModel(str(folder), device="cpu")
    nats, tokens = model.log_likelihoods(["one " * 100, "why"], ["good", "good " * 70])
    np.testing.assert_allclose(nats[0], plain(folder, "one " * 63, "good"), atol=1e-4)
    assert np.isnan(nats[1])
    assert tokens.tolist() == [1, 70]


def test_an_encoder_is_refused(tiny_encoder):
    with pytest.raises(RewardModelError, match="causal language model"):
        LanguageModel(str(tiny_encoder))


@pytest.mark.parametrize("folder", ["llama"], indirect=True)
def test_the_port_measures_in_a_process_of_its_own_and_only_models_that_are_offered(folder, settings, tiny_encoder):
    from rewardtrain import ports

    settings.MODELS_DIR = folder.parent
    nats, tokens = ports.likelihood(folder.name, ["why good"], ["bad fine"])
    assert nats[0] == pytest.approx(plain(folder, "why good", "bad fine"), abs=1e-4)
    assert tokens[0] == 2
    settings.MODELS_DIR = tiny_encoder / "nowhere"
    with pytest.raises(PortNotRegistered, match="MODELS_DIR"):
        ports.likelihood(str(folder), ["why"], ["good"])


def test_the_command_says_what_columns_it_needs(folder, tmp_path, capsys):
    pq.write_table(pa.table({"prompt": ["why"]}), tmp_path / "in.parquet")
    assert main(["likelihood", str(folder), str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")]) == 2
    assert "continuation" in capsys.readouterr().err
