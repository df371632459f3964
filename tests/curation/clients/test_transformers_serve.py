"""The client against a real server that is not ours: `transformers serve` on a tiny model with random weights.

What it says makes no sense; that the protocol is understood does. It passes over the schema, n and logprobs, which is
what an endpoint's ``without`` is for.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from curation.clients import Endpoint, Request, ServerError, openai_compatible

WITHOUT = frozenset({"schema", "n", "logprobs"})
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_model(folder: Path) -> None:
    """A Llama of two thin layers and a byte-level tokenizer learned from a few lines."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    learned = ByteLevelBPETokenizer()
    learned.train_from_iterator(["Which response is better? The first is right.", '{"overall": "a"}'], 300)
    learned.save(str(folder / "tokenizer.json"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), eos_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id, **sizes)
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pytest.importorskip("fastapi", reason="transformers[serving] is not installed")
    folder = tmp_path_factory.mktemp("served")
    (folder / "model").mkdir()
    tiny_model(folder / "model")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder / "model", "--port", str(port)]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "HF_HOME": str(folder)}
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [*map(str, command), "--host", "127.0.0.1", "--device", "cpu"], env=env, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < until, "transformers serve did not start in two minutes"
                time.sleep(0.2)
        given = {"url": f"http://127.0.0.1:{port}/v1", "model": str(folder / "model"), "timeout": 60.0}
        yield Endpoint("real", "openai_compatible", without=WITHOUT, **given)
    finally:
        process.terminate()
        process.wait(10)


def ask(**more):
    messages = ({"role": "system", "content": "You judge."}, {"role": "user", "content": "Which is better, ä or b?"})
    return Request(messages, **({"max_tokens": 12} | more))


@pytest.mark.slow
def test_a_real_server_understands_and_is_understood(server):
    found = openai_compatible.complete(server, ask(schema={"type": "object"}, logprobs=3, seed=1))
    assert len(found.texts) == 1
    assert 0 < found.output_tokens <= 12
    assert 10 < found.input_tokens <= ask().most_tokens(server)[0], "the bound on its real tokenizer"
    assert found.first_tokens == (None,), "it gives no probabilities, and says so by their absence"
    assert found.texts == openai_compatible.complete(server, ask(seed=1)).texts, "greedy, so the same again"

    with pytest.raises(ServerError, match="`without`") as told:
        openai_compatible.complete(replace(server, without=frozenset()), ask(n=2))
    assert told.value.billed
    with pytest.raises(ServerError) as refused:
        openai_compatible.complete(replace(server, model="another"), ask())
    assert not refused.value.retry
