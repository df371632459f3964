"""How much scoring together what waits together gains over one text at a time, at 32 clients on this machine.

Both are the same server, a process of its own with all processors; the second takes one text a round. Every client
asks for one prompt and one response, waits for the answer and asks again, over one connection. The model is MiniLM
with as many layers as a recipe keeps, 256 tokens at most, in float32, and again in bf16 where the processor has it.
Texts are those of AlpacaEval where TOUCHSTONE_DATA holds them, else made up with like lengths; each is asked once, so
nothing is gained by repetition. A second kind of texts has a prompt of one line and an answer of one word, where
what a request costs besides the model weighs most. The two take turns; the figures are of each one's best turn.
The clients run on the same processors.
"""

import asyncio
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import Figure, script
from rewardtrain.launch import environment

CLIENTS = 32


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Requests a second of both, their ratio, and how long the slowest hundredth waits."""
    requests, turns = (64, 1) if quick else (512, 3)
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _save_model(root / "model", seed)
        for precision in ("fp32", "bf16") if _has_bf16() else ("fp32",):
            for kind, texts in (("real lengths", real(seed)), ("short", short(seed))):
                found: dict[str, list[tuple[float, np.ndarray]]] = {"together": [], "one by one": []}
                for _ in range(turns):
                    for how, runs in found.items():
                        runs.append(run(root, texts[:requests], batching=how == "together", precision=precision))
                (fast, fast_T), (slow, slow_T) = (max(runs, key=lambda each: each[0]) for runs in found.values())
                name = f"{kind}, {precision}"
                bar = 4.0 if (kind, precision) == ("real lengths", "fp32") else None
                figures += [
                    Figure(f"{name}: together / one by one", fast / slow, bar=bar, n=requests),
                    Figure(f"{name}: together", fast, min(each[0] for each in found["together"]), fast, unit="req/s"),
                    Figure(
                        f"{name}: one by one", slow, min(each[0] for each in found["one by one"]), slow, unit="req/s"
                    ),
                    *(
                        Figure(f"{name}: {how}, p{share}", float(np.percentile(took_T, share)) * 1000, unit="ms")
                        for how, took_T in (("together", fast_T), ("one by one", slow_T))
                        for share in (50, 99)
                    ),
                ]
    return figures


def real(seed: int) -> list[tuple[str, str]]:
    """Prompts and responses of AlpacaEval, shuffled; made up with like lengths where it is not here."""
    rng = np.random.default_rng(seed)
    folder = Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4"
    pairs: list[tuple[str, str]] = []
    if os.environ.get("TOUCHSTONE_DATA") and folder.is_dir():
        for path in sorted(folder.glob("*.annotations.json.gz"))[:4]:
            with gzip.open(path) as file:
                pairs += [(row["instruction"], row["output_2"]) for row in json.load(file)]
    if not pairs:
        lengths = np.clip(rng.lognormal(4.4, 0.8, 2000), 8, 400).astype(int)
        pairs = [(_words(rng, 12), _words(rng, length)) for length in lengths]
    return [pairs[place] for place in rng.permutation(len(pairs))]


def short(seed: int) -> list[tuple[str, str]]:
    """Made-up prompts of one line with answers of one word."""
    rng = np.random.default_rng(seed + 1)
    return [(_words(rng, int(rng.integers(4, 12))), _words(rng, 1)) for _ in range(2000)]


def run(root: Path, texts: list[tuple[str, str]], *, batching: bool, precision: str) -> tuple[float, np.ndarray]:
    """Requests a second, and what each took in seconds."""
    argv = [sys.executable, "-m", "rewardtrain", "serve", "--root", str(root), "--precision", precision]
    argv += ["--device", "cpu"] + ["--one-by-one"] * (not batching)
    process = subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline().rpartition(":")[2])  # type: ignore[union-attr]
        asyncio.run(_ask(port, texts[:CLIENTS]))  # loads the model
        start = time.perf_counter()
        took_T = asyncio.run(_ask(port, texts))
        return len(texts) / (time.perf_counter() - start), took_T
    finally:
        process.kill()
        process.wait()


async def _ask(port: int, texts: list[tuple[str, str]]) -> np.ndarray:
    waiting = list(reversed(texts))
    took: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            prompt, response = waiting.pop()
            body = json.dumps({"prompts": [prompt], "responses": [response]}).encode()
            head = "POST /v1/score HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            start = time.perf_counter()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(answer.partition("content-length:")[2].split()[0])
            found = await reader.readexactly(length)
            took.append(time.perf_counter() - start)
            if not answer.startswith("http/1.1 200"):
                raise RuntimeError(found.decode())
        writer.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return np.array(took)


def _save_model(folder: Path, seed: int) -> None:
    import torch

    from rewardtrain.modeling.backbones import load_backbone, load_tokenizer, worthwhile_layers
    from rewardtrain.modeling.reward_model import RewardModel, save

    torch.manual_seed(seed)
    model = RewardModel(load_backbone("minilm", layers=worthwhile_layers("minilm")), "linear", "auto").eval()
    card = {"template": "{response}\n\n{prompt}", "max_length": 256, "loss": "bradley_terry", "loss_settings": {}}
    save(model, load_tokenizer("minilm"), folder, card)


def _has_bf16() -> bool:
    from rewardtrain.modeling.reward_model import precision_for

    return precision_for("cpu") == "bf16"


def _words(rng: np.random.Generator, count: int) -> str:
    words = ("stone", "gold", "silver", "dark", "light", "try", "mark", "streak", "metal", "test", "pure", "assay")
    return " ".join(rng.choice(words, count))


if __name__ == "__main__":
    script(measure)
