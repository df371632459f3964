"""How long a pool of pairs takes to be cleaned and made a version, and with how much memory.

1,000,000 pairs are made from real text (alpaca_eval in ``TOUCHSTONE_DATA``): prompts and responses are sentences of it
in other orders, so that most pairs are new. Of the pairs, 8 % are exact copies (half of them with the sides exchanged),
8 % have a few words changed, 1 % hold a passage of a benchmark. Each has the verdicts of a gold model, a best model and
a judge as votes. Two processes take the pool through exact and near duplicates, contamination, consistency with those
verdicts, and write the version; then once more with a tenth of the pairs, and once more while the whole process group
is killed at random moments and started again. What is planted is found as planted is checked too.
"""

import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

from bench import Figure, Unavailable, script
from curation import pairs, pipeline, versions
from curation.filters import Context
from curation.pools import passing
from curation.pools.plan import Plan
from curation.pools.store import Folder, Within, read_json
from curation.pools.writing import write_shards

ROWS, QUICK_ROWS = 1_000_000, 4_000
WORKERS = 2
BATCH = 5_000
PLANTED = {"copy": 0.08, "near": 0.08, "contaminated": 0.01}
MINUTES, GIGABYTES = 10, 2.0
BENCHMARK_TEXTS = 500
PIPELINE = """
name: a pool cleaned
consensus: {method: none}
stages:
  - filter: exact_duplicates
  - filter: near_duplicates
  - filter: contamination
    look_in: everything
  - filter: score_consistency
    gold: gold-model
    others: [judge, best-model]
"""


# ---- the pool ----


def sentences() -> tuple[list[str], list[str]]:
    """Instructions and the sentences of responses of alpaca_eval, each once."""
    folder = Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4"
    files = sorted(folder.glob("*.json.gz"))
    if not os.environ.get("TOUCHSTONE_DATA") or not files:
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has alpaca_eval_gpt4.")
    asked, said = dict[str, None](), dict[str, None]()
    for file in files:
        for row in json.loads(gzip.decompress(file.read_bytes())):
            asked[row["instruction"]] = None
            for text in (row["output_1"], row["output_2"]):
                said.update(dict.fromkeys(part for part in re.split(r"(?<=[.!?])\s+", text) if 20 <= len(part) <= 400))
    return list(asked), list(said)


def made(rows: int, seed: int) -> Iterator[tuple[pa.Table, list[str]]]:
    """The pool, `BATCH` rows at a time, with what each row was planted as ("" for a new one)."""
    asked, said = sentences()
    held_out, asked = asked[:BENCHMARK_TEXTS], asked[BENCHMARK_TEXTS:]
    draw = random.Random(seed)
    recent: list[tuple[str, str, str]] = []
    for start in range(0, rows, BATCH):
        own, kinds = [], []
        for _ in range(min(BATCH, rows - start)):
            kind = draw.choices(["", *PLANTED], [1 - sum(PLANTED.values()), *PLANTED.values()])[0] if recent else ""
            if kind in ("copy", "near"):
                texts = draw.choice(recent)
                if kind == "near":
                    texts = (texts[0], *(changed(text, draw) for text in texts[1:]))
                elif draw.random() < 0.5:
                    texts = (texts[0], texts[2], texts[1])
            else:
                prompt = f"{draw.choice(asked)} {draw.choice(said)}"
                texts = (prompt, *(" ".join(draw.choices(said, k=draw.randint(2, 6))) for _ in "ab"))
                if kind == "contaminated":
                    texts = (f"{texts[0]} {draw.choice(held_out)}", *texts[1:])
                recent.append(texts)
            own.append(texts)
            kinds.append(kind)
        del recent[:-200_000]
        yield table_of(own, start, draw), kinds


def changed(text: str, draw: random.Random) -> str:
    """The text with one word in fifty replaced, at least one of more than thirty."""
    words = text.split(" ")
    for _ in range(len(words) // 50 or len(words) // 30):
        words[draw.randrange(len(words))] = draw.choice(words)
    return " ".join(words)


def table_of(texts: list[tuple[str, str, str]], start: int, draw: random.Random) -> pa.Table:
    """Pairs with a label and the verdicts of three models, each of which agrees with the label most of the time."""
    rows = []
    for number, (prompt, a, b) in enumerate(texts, start):
        asked = pairs.canonical_json([{"role": "user", "content": prompt}])
        label = draw.choice("ab")
        rows.append(
            {
                "row_id": pairs.row_id(asked, a, b), "item": f"pool-{number}", "question": "preference",
                "dimension": "", "group": "", "prompt": asked, "response_a": a, "response_b": b,
                "key_a": "a", "key_b": "b", "model_a": "", "model_b": "", "media_a": [], "media_b": [],
                "p_a": float(label == "a"), "p_tie": 0.0, "p_b": float(label == "b"), "p_both_bad": 0.0,
                "strength": 1.0 if label == "a" else -1.0, "margin": 0.0, "weight": 1.0, "n_votes": 3,
                "votes": [verdict(rater, kind, label, draw) for rater, kind in RATERS], "gold": None, "metadata": "{}",
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


RATERS = (("gold-model", "reward_model"), ("best-model", "reward_model"), ("judge", "language_model"))


def verdict(rater: str, kind: str, label: str, draw: random.Random) -> dict[str, Any]:
    sure = round(draw.betavariate(4, 2), 3)
    p_a = sure if label == "a" else 1 - sure
    outcome = "a" if p_a > 0.5 else "b"
    return {"rater": rater, "kind": kind, "outcome": outcome, "level": 0.0, "p_a": p_a, "seconds": None}


def benchmarks() -> dict[str, list[str]]:
    """The instructions that stand for a benchmark."""
    return {"held out instructions": sentences()[0][:BENCHMARK_TEXTS]}


# ---- a pass ----


def fill(folder: Path, rows: int, seed: int) -> dict[str, int]:
    """Write the pool and its plan; gives how many rows were planted as what."""
    planted = dict.fromkeys(PLANTED, 0)

    def tables() -> Iterator[pa.Table]:
        for table, kinds in made(rows, seed):
            for kind in PLANTED:
                planted[kind] += kinds.count(kind)
            yield table

    shards = list(write_shards(tables(), Folder(folder / "pool"), "{:05}.parquet".format))
    passing.begin(Within(Folder(folder), "pass"), Plan.of(pipeline.parse(PIPELINE), shards))
    return planted


def clean(folder: Path) -> None:
    """Take the pool of a folder through the pipeline: what the killed processes do."""
    pool, store = Folder(folder / "pool"), Within(Folder(folder), "pass")
    plan = passing.begin(store, Plan.of(pipeline.parse(PIPELINE), []))
    last = ["", time.perf_counter()]

    def progress(done: int, total: int | None, message: str) -> None:
        if message != last[0]:
            now = time.perf_counter()
            if last[0]:
                print(f"{now - last[1]:8.1f} s  {last[0]}", flush=True)
            last[:] = message, now

    workers = passing.processes(pool, store, plan, WORKERS, Context(benchmarks=benchmarks))
    passing.run(store, plan, workers, progress)
    progress(0, 0, "moving the version to its place")
    version = passing.publish(store, plan, folder / "versions")
    progress(0, 0, "")
    print(version.hash, flush=True)


def timed(folder: Path) -> tuple[float, float]:
    """Seconds that cleaning a pool takes in a process of its own, and the most memory of all its processes, in GB."""
    start = time.perf_counter()
    process = started(folder)
    peak = [0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak))
    watcher.start()
    if process.wait():
        raise RuntimeError("The pass failed.")
    watcher.join()
    return time.perf_counter() - start, peak[0] / 1024**3


def started(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bench.pool", "clean", str(folder)]
    return subprocess.Popen(command, start_new_session=True)


def watch(pid: int, peak: list[int]) -> None:
    """Note the largest memory of a process and its children together; what they share is counted once."""
    while True:
        try:
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            peak[0] = max(peak[0], sum(memory(process) for process in family))
        except psutil.Error:
            return
        time.sleep(0.2)


def memory(process: psutil.Process) -> int:
    """Proportional set size in bytes."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def killed(folder: Path, seconds: float, seed: int) -> int:
    """Clean a pool while it is killed at random moments; gives how often it was."""
    draw, kills = random.Random(seed), 0
    while True:
        process = started(folder)
        try:
            if process.wait(draw.uniform(0.05, 0.35) * seconds if kills < 6 else None) == 0:
                return kills
            raise RuntimeError("The pass failed.")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1


def measure(*, seed: int, quick: bool) -> list[Figure]:
    rows = QUICK_ROWS if quick else ROWS
    bars = {} if quick else {"minutes": MINUTES, "memory": GIGABYTES}
    seconds: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="bench-pool-", dir=os.environ.get("BENCH_DIR")) as name:
        small, large = (Path(name) / str(size) for size in (rows // 10, rows))
        for folder, size in ((small, rows // 10), (large, rows)):
            start = time.perf_counter()
            planted = fill(folder, size, seed)
            print(f"{size:,} pairs made and written in {time.perf_counter() - start:.0f} s", flush=True)
            seconds[size], gigabytes = timed(folder)
            print(f"{size:,} pairs in {seconds[size]:.1f} s, {size / seconds[size]:,.0f} a second; {gigabytes:.2f} GB")
        whole, minutes = result(large), seconds[rows] / 60
        ratio = seconds[rows] / seconds[rows // 10] / 10
        kills, same = killed_often(small, seconds[rows // 10], seed)
        sound = versions.verify(whole.path)
        return [
            Figure("minutes for all pairs", minutes, bar=bars.get("minutes"), smaller_is_better=True, n=rows),
            Figure("pairs a second", rows / seconds[rows], n=rows),
            Figure("peak memory", gigabytes, bar=bars.get("memory"), smaller_is_better=True, unit="GB", n=rows),
            Figure("time of a pair, against a tenth of the pairs", ratio, n=rows),
            *found(whole, planted),
            Figure("the version holds what its hash says", float(sound), bar=1, n=rows),
            Figure("kills", kills, n=rows // 10),
            Figure("the hash after the kills is the same", float(same), bar=1, n=rows // 10),
        ]


def killed_often(folder: Path, seconds: float, seed: int) -> tuple[int, bool]:
    """Clean a pool again while it is killed at random; gives how often, and whether the version has the same hash."""
    expected = result(folder).hash
    plan = (folder / "pass" / "plan.json").read_bytes()
    for place in ("pass", "versions"):
        shutil.rmtree(folder / place)
    (folder / "pass").mkdir()
    (folder / "pass" / "plan.json").write_bytes(plan)
    return killed(folder, seconds, seed), result(folder).hash == expected


def result(folder: Path) -> versions.Version:
    """The version that a pass made."""
    outline = read_json(Within(Folder(folder), "pass"), "outline.json")
    return versions.load(folder / "versions" / outline["hash"])


def found(version: versions.Version, planted: dict[str, int]) -> list[Figure]:
    """How many rows each stage took out, for each that was planted for it."""
    stages = {stage["filter"]: stage["rows_in"] - stage["rows_out"] for stage in version.manifest["stages"]}
    names = {"copy": "exact_duplicates", "near": "near_duplicates", "contaminated": "contamination"}
    return [
        Figure(f"taken out by {stage}, for each planted", stages[stage] / max(planted[kind], 1), n=planted[kind])
        for kind, stage in names.items()
        if stage in stages
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["clean"]:
        clean(Path(sys.argv[2]))
    else:
        script(measure)
