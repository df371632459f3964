"""How fast our training is beside TRL's RewardTrainer, at equal data, model and precision, in one run.

Three shapes of data from the same vocabulary: plain disjoint pairs of about 200 tokens; stars, in which 32 pairs
share one response; graphs, in which 24 short responses are compared all with all. A fourth is real, where
``TOUCHSTONE_DATA/alpaca_eval_gpt4`` is there: GPT-4's preferences between one model and 32 others, instruction by
instruction, with the accuracy of both after one epoch on instructions that neither saw. Both train MiniLM with at most
256 tokens, without dropout, with bf16 where the processor has it, and with the same allocator settings. TRL takes
16 pairs a step; we take as many distinct tokens a step as 16 plain pairs hold. Each is a process of its own and
they take turns; the figure is the ratio of the best of the turns, which other work on the machine disturbs least.
Where a ratio is below 1, TRL is faster.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import Figure, script
from rewardtrain.launch import environment
from rewardtrain.recipe import Recipe

SHAPES = ("plain pairs", "stars", "graphs", "alpaca_eval")
HELD_OUT = 40  # instructions
TOKENS_PER_STEP = 16 * 2 * 200


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Pairs a second of both, and the ratio, for each shape."""
    figures = []
    for shape in SHAPES:
        if shape == "alpaca_eval" and not alpaca_files():
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pairs.parquet"
            size = 1 if quick else 4
            if shape == "alpaca_eval":
                for name, table in zip(("pairs", "test"), real(seed, 8 * size), strict=True):
                    pq.write_table(table, Path(folder) / f"{name}.parquet")
            else:
                pq.write_table(made_up(shape, seed, size), path)
            speeds: dict[str, list[float]] = {"ours": [], "trl": []}
            accuracy: dict[str, float] = {}
            for _ in range(1 if quick else 3):
                for who, found in speeds.items():
                    told = run(who, path, seed)
                    found.append(told["pairs_per_s"])
                    accuracy |= {who: told["accuracy"]} if "accuracy" in told else {}
        ours, trl = max(speeds["ours"]), max(speeds["trl"])
        figures += [Figure(f"{shape}: accuracy, {who}", value) for who, value in accuracy.items()]
        figures += [
            Figure(f"{shape}: ours / TRL", ours / trl),
            Figure(f"{shape}: ours", ours, min(speeds["ours"]), ours, unit="pairs/s"),
            Figure(f"{shape}: TRL", trl, min(speeds["trl"]), trl, unit="pairs/s"),
        ]
    return figures


def made_up(shape: str, seed: int, size: int) -> pa.Table:
    """Pairs of random words, as chosen and rejected; which is chosen means nothing."""
    from rewardtrain.modeling.backbones import load_tokenizer

    rng = np.random.default_rng(seed)
    vocabulary = load_tokenizer("minilm").get_vocab()
    words = np.array(sorted(word for word, index in vocabulary.items() if word.isalpha() and 2000 < index < 20000))

    def text(mean: int) -> str:
        return " ".join(rng.choice(words, int(np.clip(rng.normal(mean, mean / 4), 8, 250))))

    pairs = []
    if shape == "plain pairs":
        pairs = [(text(200), text(200)) for _ in range(32 * size)]
    elif shape == "stars":
        for _ in range(size):
            hub = text(200)
            pairs += [(hub, text(200)) for _ in range(32)]
    else:
        for _ in range(size):
            texts = [text(70) for _ in range(24)]
            pairs += [(texts[i], texts[j]) for i in range(24) for j in range(i + 1, 24)]
    rows = [{"chosen": a, "rejected": b} for a, b in pairs]
    return pa.Table.from_pylist([rows[i] for i in rng.permutation(len(rows))])


def alpaca_files() -> list[Path]:
    return sorted((Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4").glob("*.annotations.json.gz"))


def real(seed: int, instructions: int) -> tuple[pa.Table, pa.Table]:
    """Pairs of some instructions to train on, and of others to test on."""
    rows = [row for path in alpaca_files() for row in json.loads(gzip.decompress(path.read_bytes()))]
    rows = [row for row in rows if row["preference"] in (1, 2) and row["output_1"] != row["output_2"]]
    names = np.random.default_rng(seed).permutation(sorted({row["instruction"] for row in rows})).tolist()
    tables = []
    for some in (set(names[:instructions]), set(names[instructions : instructions + HELD_OUT])):
        made = []
        for row in rows:
            if row["instruction"] in some:
                texts = [f"{row['instruction']}\n\n{row[f'output_{side}']}" for side in (1, 2)]
                made.append(
                    dict(zip(("rejected", "chosen"), texts[:: 1 if row["preference"] == 2 else -1], strict=True))
                )
        tables.append(pa.Table.from_pylist([made[at] for at in np.random.default_rng(seed).permutation(len(made))]))
    return tables[0], tables[1]


def accuracy_of(score: Callable[[list[str]], np.ndarray], path: Path) -> dict[str, float]:
    """How many held-out pairs are ordered rightly, where there are any."""
    test = path.with_name("test.parquet")
    if not test.exists():
        return {}
    table = pq.read_table(test)
    return {"accuracy": float((score(table["chosen"].to_pylist()) > score(table["rejected"].to_pylist())).mean())}


def run(who: str, path: Path, seed: int) -> dict[str, float]:
    """Pairs a second of one training, in a process of its own; loading and encoding are not counted."""
    argv = [sys.executable, "-m", "bench.train_speed", "--worker", who, str(path), str(seed)]
    done = subprocess.run(argv, env=environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(path: Path, seed: int) -> dict[str, Any]:
    """One epoch of our loop, as the product runs it."""
    from rewardtrain.scoring import Scorer
    from rewardtrain.training import train

    recipe = Recipe(
        template="{response}", max_length=256, tokens_per_step=TOKENS_PER_STEP, epochs=1, holdout=0.0, seed=seed,
        tuning="full", layers=6, log_every=1, checkpoint_every=0,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        train(path, folder, recipe)
        lines = [json.loads(line) for line in (Path(folder) / "progress.jsonl").read_text().splitlines()]
        scorer = Scorer(Path(folder) / "model", precision="auto")
        accuracy = accuracy_of(lambda texts: scorer.score([""] * len(texts), texts), path)
    steps = [line for line in lines if line["kind"] == "train"]
    pairs = next(line for line in lines if line["kind"] == "data")["splits"]["train"]["pairs"]
    opening = next(line for line in lines if line["kind"] == "data")["seconds"]
    return {"pairs_per_s": pairs / (steps[-1]["seconds"] - opening), **accuracy}


def trl(path: Path, seed: int) -> dict[str, Any]:
    """One epoch of TRL's RewardTrainer."""
    import torch
    from datasets import Dataset
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from trl import RewardConfig, RewardTrainer

    from rewardtrain.modeling.backbones import resolve
    from rewardtrain.modeling.reward_model import device_for, precision_for

    device = device_for()
    tokenizer = AutoTokenizer.from_pretrained(resolve("minilm"))
    tokenizer.eos_token = tokenizer.sep_token  # TRL needs one
    model = AutoModelForSequenceClassification.from_pretrained(resolve("minilm"), num_labels=1)
    with tempfile.TemporaryDirectory() as folder:
        config = RewardConfig(
            output_dir=folder, per_device_train_batch_size=16, max_length=260, num_train_epochs=1, report_to="none",
            save_strategy="no", logging_steps=1000, use_cpu=device == "cpu", bf16=precision_for(device) == "bf16",
            learning_rate=2e-5, seed=seed, disable_tqdm=True,
        )  # fmt: skip
        dataset = Dataset.from_parquet(str(path), cache_dir=folder)
        trainer = RewardTrainer(model=model, args=config, train_dataset=dataset, processing_class=tokenizer)
        start = time.perf_counter()
        trainer.train()
        speed = len(trainer.train_dataset) / (time.perf_counter() - start)

    def score(texts: list[str]) -> np.ndarray:
        found = []
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=precision_for(device) == "bf16"):
            for begin in range(0, len(texts), 16):
                some = tokenizer(
                    texts[begin : begin + 16], truncation=True, max_length=256, padding=True, return_tensors="pt"
                )
                found.append(model.eval()(**some.to(device)).logits[:, 0].float().cpu().numpy())
        return np.concatenate(found)

    return {"pairs_per_s": speed, **accuracy_of(score, path)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        who, path, seed = sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
        print(json.dumps({"ours": ours, "trl": trl}[who](path, seed)))
    else:
        script(measure)
