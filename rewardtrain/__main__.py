"""The lab's commands: `python -m rewardtrain train | score | evaluate | embed | likelihood | features | fit | serve |
best-of-n | filter`.

Runs on any machine with torch, transformers, pyarrow and numpy. Another process should start a training with
`rewardtrain.launch.training_command`, which also sets the allocator's variables (MALLOC_MMAP_MAX_=0,
MALLOC_TRIM_THRESHOLD_=8589934592): they must stand in the environment before the process begins.

Exit codes: 0 done, 1 a fault in the program, 2 a failure with a message that says what to change,
130 cancelled (SIGTERM or Ctrl+C) with a checkpoint written.
"""

import argparse
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from annotate.discovery import UnknownPlugin
from rewardtrain.errors import DataError, LabError
from rewardtrain.recipe import Recipe
from rewardtrain.storage import write_json

FAILED, CANCELLED = 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except (LabError, UnknownPlugin) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED


def train(options: argparse.Namespace) -> int:
    """Train or resume; a failure leaves error.json in the run's folder."""
    if options.supervised:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(options.nice)
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    try:
        recipe = (Recipe.read(options.recipe) if options.recipe else Recipe()).changed(options.set)
        from rewardtrain.loop import Cancelled
        from rewardtrain.training import train as run

        try:
            seen = {"media": options.media, "store": _store(options.store)}
            metrics = run(options.data, options.out, recipe, stop=asked.is_set, **seen)
        except Cancelled:
            return CANCELLED
    except Exception as error:
        options.out.mkdir(parents=True, exist_ok=True)
        write_json(options.out / "error.json", {"kind": type(error).__name__, "message": str(error)})
        if not isinstance(error, LabError):
            traceback.print_exc()
            return 1
        raise
    print(json.dumps(metrics))
    return 0


def score(options: argparse.Namespace) -> int:
    """Add rewards to a Parquet file: reward_a and reward_b to a pair table, reward to prompts and responses."""
    from rewardtrain.scoring import Scorer

    table = _read(options.input)
    scorer = Scorer(options.model, **_how(options, options.input))
    if {"prompt", "response_a", "response_b"} <= set(table.column_names):
        columns = dict(zip(("reward_a", "reward_b"), scorer.score_table(table), strict=True))
    elif {"prompt", "response"} <= set(table.column_names):
        table = scorer.readable(table)
        columns = {"reward": scorer.score(table["prompt"].to_pylist(), table["response"].to_pylist())}
    else:
        raise DataError(f"{options.input} has neither prompt, response_a and response_b, nor prompt and response.")
    _write(table, columns, options.output)
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Measure a model on a suite; the result is a JSON file, and beside it what the model says of each row."""
    import pyarrow.parquet as pq

    from rewardtrain import data, evaluation
    from rewardtrain.remembering import Remembering
    from rewardtrain.scoring import Scorer

    suite = evaluation.get(options.suite)
    scorer = Remembering(Scorer(options.model, **_how(options, options.data)))
    train = data.read_split(options.data, "train") if options.data.is_dir() else None
    table = scorer.readable(suite.read(options.data, options.split))
    result = suite.evaluate(table, scorer, seed=options.seed, train=train)
    if options.rows and hasattr(suite, "rows"):
        pq.write_table(suite.rows(table, scorer), options.rows)
    write_json(options.output, result)
    return 0


def embed(options: argparse.Namespace) -> int:
    """Add MiniLM's unit vectors of a text column to a Parquet file, as the column embedding."""
    from rewardtrain.scoring import embed as vectors

    table = _read(options.input)
    if options.column not in table.column_names:
        raise DataError(f"{options.input} has no column {options.column!r}, only {', '.join(table.column_names)}.")
    _write(table, {"embedding": list(vectors(table[options.column].to_pylist()))}, options.output)
    return 0


def likelihood(options: argparse.Namespace) -> int:
    """Add a language model's log-likelihoods of continuations, and their tokens, to a Parquet file."""
    from rewardtrain.likelihood import LanguageModel

    table = _read(options.input)
    if not {"prompt", "continuation"} <= set(table.column_names):
        raise DataError(f"{options.input} has not the columns prompt and continuation.")
    texts = (table[name].to_pylist() for name in ("prompt", "continuation"))
    nats, tokens = LanguageModel(options.model, device=options.device).log_likelihoods(*texts)
    _write(table, {"log_likelihood": nats, "tokens": tokens}, options.output)
    return 0


def features(options: argparse.Namespace) -> int:
    """Add what a head sees of prompt and response to a Parquet file, as the column vector."""
    from rewardtrain.features import vectors

    table = _read(options.input)
    if not {"prompt", "response"} <= set(table.column_names):
        raise DataError(f"{options.input} has no columns prompt and response, only {', '.join(table.column_names)}.")
    store = _store(options.store)
    found = vectors(table["prompt"].to_pylist(), table["response"].to_pylist(), store)
    _write(table, {"vector": list(found)}, options.output)
    return 0


def fit(options: argparse.Namespace) -> int:
    """Write what small trainings on one pair table say of another, as a NumPy file (moments, members, pairs)."""
    from functools import partial

    import numpy as np

    from rewardtrain import ensembles, features

    try:
        settings = json.loads(options.settings)
    except ValueError as error:
        raise DataError(f"The settings are not JSON: {error}") from None
    seen = partial(features.vectors, store=_store(options.store))
    np.save(options.output, ensembles.margins(_read(options.data), _read(options.others), settings, seen))
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve the models below a folder until the process is told to stop; what waits then is still answered."""
    # Before torch comes in. Threads that spin while others use the processors made scoring six times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from rewardtrain.modeling.reward_model import device_for
    from rewardtrain.serving.limits import limits_on
    from rewardtrain.serving.models import Models
    from rewardtrain.serving.server import Server, token_from

    if options.supervised:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    limits = limits_on(
        device_for(options.device), models=options.keep, texts=options.texts, waiting=options.waiting,
        seconds=options.seconds, batching=not options.one_by_one,
    )  # fmt: skip
    models = Models(
        options.root, device=options.device, precision=options.precision, default=options.model,
        aliases=dict(options.alias), limits=limits,
    )  # fmt: skip
    server = Server(models, host=options.host, port=options.port, token=token_from(options.token_file))
    print(server.address, flush=True)
    server.run()
    return 0


def best_of_n(options: argparse.Namespace) -> int:
    """Write the best response to each prompt, and the others to a second file if one is named."""
    from rewardtrain.serving import choosing, files

    table, score_N = files.scored(options)
    chosen_N = choosing.best_of(score_N, table["prompt"].to_pylist())
    print(json.dumps(files.parted(table, score_N, chosen_N, options.output, options.others)))
    return 0


def keep_best(options: argparse.Namespace) -> int:
    """Write the best part of a file, and what is dropped to a second file."""
    from rewardtrain.serving import choosing, files

    table, score_N = files.scored(options)
    kept_N = choosing.kept(score_N, share=options.share, least=options.least)
    print(json.dumps(files.parted(table, score_N, kept_N, options.kept, options.dropped)))
    return 0


def _alias(text: str) -> tuple[str, str]:
    name, equals, model = text.partition("=")
    if not (name and equals and model):
        raise argparse.ArgumentTypeError("write NAME=MODEL")
    return name, model


def _how(options: argparse.Namespace, source: Path) -> dict[str, Any]:
    """How a scorer computes, and where it finds the pictures of a file or folder."""
    from rewardtrain.pictures import media_of

    return {
        "device": options.device,
        "precision": options.precision,
        "media": media_of(source, options.media),
        "store": _store(options.store),
    }


def _store(path: Path | None) -> Any:
    if path is None:
        return None
    from rewardtrain.keeping import Store

    return Store(path)


def _end_with_parent() -> None:
    """End at once when standard input closes: the parent died. The last checkpoint stands; nobody trains twice."""
    # Not through sys.stdin: a thread that waits inside its buffer aborts the interpreter at its end.
    while os.read(0, 1):
        pass
    os._exit(CANCELLED)


def _read(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from None


def _write(table: Any, columns: dict[str, Any], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, values in columns.items():
        if name in table.column_names:
            table = table.drop_columns(name)
        table = table.append_column(name, pa.array(values))
    pq.write_table(table, path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rewardtrain", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("train", help="train a reward model, or resume")
    command.set_defaults(command=train)
    command.add_argument("data", type=Path, help="a dataset version's folder, or a Parquet file")
    command.add_argument("out", type=Path, help="the run's folder")
    _picture_arguments(command)
    command.add_argument("--recipe", type=Path, help="YAML or JSON file")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one setting")
    command.add_argument("--supervised", action="store_true", help="end when standard input closes")
    command.add_argument("--nice", type=int, default=0, help="step back behind other processes, 0 to 19")

    command = commands.add_parser("score", help="add rewards to a Parquet file")
    command.set_defaults(command=score)
    _model_arguments(command)
    command.add_argument("input", type=Path)
    command.add_argument("output", type=Path)

    command = commands.add_parser("evaluate", help="measure a model")
    command.set_defaults(command=evaluate)
    _model_arguments(command)
    command.add_argument("data", type=Path)
    command.add_argument("output", type=Path)
    command.add_argument("--suite", default="pairs")
    command.add_argument("--split", default="test")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--rows", type=Path, help="Parquet file for rewards row by row, where the suite has rows")

    command = commands.add_parser("embed", help="add sentence vectors to a Parquet file")
    command.set_defaults(command=embed)
    command.add_argument("input", type=Path)
    command.add_argument("output", type=Path)
    command.add_argument("--column", default="text")

    command = commands.add_parser("likelihood", help="add a language model's log-likelihoods to a Parquet file")
    command.set_defaults(command=likelihood)
    command.add_argument("model", help="a causal language model: a folder, or a name on the hub")
    command.add_argument("input", type=Path)
    command.add_argument("output", type=Path)
    command.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])

    command = commands.add_parser("features", help="add what a reward model's head sees to a Parquet file")
    command.set_defaults(command=features)
    command.add_argument("input", type=Path)
    command.add_argument("output", type=Path)
    command.add_argument("--store", type=Path, help="SQLite file that keeps what was computed")

    command = commands.add_parser("fit", help="small trainings on one pair table, asked about another")
    command.set_defaults(command=fit)
    command.add_argument("data", type=Path, help="pairs to learn from, Parquet")
    command.add_argument("others", type=Path, help="pairs to judge, Parquet")
    command.add_argument("output", type=Path, help="a NumPy file")
    command.add_argument("--settings", default="{}", help="JSON, as in rewardtrain.ensembles")
    command.add_argument("--store", type=Path, help="SQLite file that keeps what was computed")

    command = commands.add_parser("serve", help="answer scoring requests, in the dialects of trainers")
    command.set_defaults(command=serve)
    command.add_argument("--root", type=Path, required=True, help="only models below this folder are served")
    command.add_argument("--host", default="127.0.0.1", help="another address needs a token")
    command.add_argument("--port", type=int, default=0, help="0: a free one, printed")
    command.add_argument("--token-file", type=Path, help="file with the token (else TOUCHSTONE_SCORER_TOKEN)")
    command.add_argument("--model", help="the model that is meant where a request names none")
    command.add_argument("--alias", type=_alias, action="append", default=[], metavar="NAME=MODEL", help="another name")
    command.add_argument("--keep", type=_positive, default=2, help="models in memory at a time")
    command.add_argument("--texts", type=_positive, default=8192, help="texts a request may have")
    command.add_argument("--waiting", type=_positive, default=512, help="requests of a model that may wait")
    command.add_argument("--seconds", type=_positive, default=120, help="after which a request is given up")
    command.add_argument("--one-by-one", action="store_true", help="score no texts together, for measurements")
    command.add_argument("--supervised", action="store_true", help="end when standard input closes")
    _device_arguments(command)

    command = commands.add_parser("best-of-n", help="pick the best response to each prompt of a file")
    command.set_defaults(command=best_of_n)
    _choosing_arguments(command)
    command.add_argument("output", type=Path, help="the best of each prompt")
    command.add_argument("--others", type=Path, help="the other rows")

    command = commands.add_parser("filter", help="keep the best part of a file; nothing is lost")
    command.set_defaults(command=keep_best)
    _choosing_arguments(command)
    command.add_argument("kept", type=Path, help="the rows that are kept")
    command.add_argument("dropped", type=Path, help="the other rows")
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("--share", type=float, help="keep the best part, 0 to 1")
    which.add_argument("--least", type=float, help="keep what scores at least this")
    return parser


def _choosing_arguments(command: argparse.ArgumentParser) -> None:
    _model_arguments(command)
    command.add_argument("input", type=Path, help="Parquet or JSON lines with prompt and response")
    command.add_argument("--by", default="mean", choices=["mean", "conservative"], help="the reward, or mean − k · sd")
    command.add_argument("--k", type=float, default=1.0)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _model_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", type=Path, help="a reward model's folder")
    _device_arguments(command)
    _picture_arguments(command)


def _picture_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--media", type=Path, help="folder of pictures by SHA-256 (media beside the data)")
    command.add_argument("--store", type=Path, help="SQLite file that keeps what untouched backbones computed")


def _device_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    command.add_argument("--precision", default="fp32", choices=["auto", "fp32", "bf16"])


if __name__ == "__main__":
    sys.exit(main())
