"""What curation and the reward lab make of a `tests.world.World`: a version, an export, a run with a model in name."""

import json
import random
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from annotate.access.models import Role
from annotate.jobs.models import Job, State
from annotate.models import Rater
from curation import exporting
from curation.models import Dataset, DatasetVersion
from curation.services import curate

MAPPING = """prompt: question
responses: [{text: answer}]
answers: [{record: rating, rater: worker, fields: {response: 0, value: stars, low: 1, high: 5}}]
"""
PIPELINE = """\
consensus: {method: majority, question: preference}
stages:
  - filter: minimum_votes
    least: 1
split: {by: prompt, fractions: {train: 0.5, validation: 0.0, test: 0.5}, seed: 0}
"""


def answer_everything(world: Any) -> None:
    """The owner and the admin answer whatever is left for them, not always alike."""
    for turn, user in enumerate((world.owner, world.members[Role.ADMIN])):
        for place in range(len(world.items)):
            if world.lease(user) is not None:
                world.answer(user, place=(place + turn) % 3 % 2)


def curated_version(world: Any) -> DatasetVersion:
    found = DatasetVersion.objects.filter(dataset__project=world.project).first()
    if found is None:
        answer_everything(world)
        dataset = Dataset.objects.create(project=world.project, name="main")
        found = curate(dataset=dataset, pipeline_yaml=PIPELINE, user=world.owner)
    return found


POOL_PIPELINE = "{consensus: {method: none}, stages: [{filter: exact_duplicates}], split: {by: none}}"


def filled_pool(world: Any, pairs: int = 12, name: str = "pool") -> Any:
    """A pool of pairs of votes, two of which are the same."""
    from django.conf import settings

    from curation.models import Pool
    from curation.pools import services

    found = Pool.objects.filter(project=world.project, name=world.text(name)).first()
    if found is None:
        found = Pool.objects.create(project=world.project, name=world.text(name))
        path = Path(settings.UPLOADS_DIR) / f"{found.pk}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [
            {"id": f"row-{number}", "prompt": world.text(f"why {number % (pairs - 1)}"), "response_a": world.text("x"),
             "response_b": world.text("y"), "votes": [{"rater": "r", "choice": "ab"[number % 2]}]}
            for number in range(pairs)
        ]  # fmt: skip
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        services.import_pool(pool=found, source=path, format="votes", rejected_path=path.with_suffix(".csv"))
    return found


def pool_pass(world: Any) -> Any:
    """A pass over the pool that is done."""
    from curation.pools import services

    pool = filled_pool(world)
    found = pool.passes.first()
    if found is None:
        dataset, _ = Dataset.objects.get_or_create(project=world.project, name="of a pool")
        found = services.begin_pass(pool=pool, dataset=dataset, pipeline_yaml=POOL_PIPELINE, user=world.owner)
        services.run_pass(over=found)
        found.refresh_from_db()
    return found


def job(world: Any, handler: str, **values: Any) -> Job:
    return Job.objects.create(
        organisation=world.organisation,
        project=world.project,
        handler=handler,
        title=handler,
        state=State.DONE,
        **values,
    )


def finished_export(world: Any) -> Job:
    from django.conf import settings

    version = curated_version(world)
    made = job(world, "export_dataset", params={"version": version.pk, "format": "jsonl"})
    folder = settings.EXPORTS_DIR / str(made.pk)
    made.result = {"folder": str(folder), **exporting.export(version.path, "jsonl", {}, folder)}
    made.save()
    return made


def exported_project(world: Any) -> Job:
    from django.conf import settings

    from curation import project_files

    made = job(world, "export_project", params={"format": "touchstone"})
    folder = settings.EXPORTS_DIR / str(made.pk)
    counts = project_files.export_project(project=world.project, out=folder, options={})
    made.result = {"folder": str(folder), **counts}
    made.save()
    return made


def waiting_upload(world: Any) -> Any:
    """A file whose columns somebody maps."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from curation.downloads import keep_for_later

    rows = b"question,answer,stars,worker\nWhy?,Because,4,w1\nHow?,So,x,w2\n"
    return keep_for_later(SimpleUploadedFile("ratings.csv", rows), project=world.project)


def kept_mapping(world: Any, name: str = "stars") -> Any:
    from curation import kept_mappings

    return kept_mappings.keep(organisation=world.organisation, name=name, text=MAPPING)


def rejected_import(world: Any) -> Job:
    from django.conf import settings

    made = job(world, "import_items", result={"rejected": 1})
    folder = settings.EXPORTS_DIR / str(made.pk)
    folder.mkdir(parents=True)
    (folder / "rejected.csv").write_text("row,reason\n2,The line is not JSON.\n")
    return made


def trained_model(world: Any, version: DatasetVersion | None = None, name: str = "first run") -> Any:
    """A run with a model whose folder holds only what pages read."""
    from rewardtrain.models import Evaluation, RewardModel, Run

    run = Run.objects.filter(version__dataset__project=world.project, name=world.text(name)).first()
    if run is None:
        run = Run.objects.create(
            version=version or curated_version(world),
            name=world.text(name),
            recipe={"backbone": "minilm", "loss": "bradley_terry"},
        )
        run.folder.mkdir(parents=True, exist_ok=True)
        events = [
            {"kind": "data", "splits": {"train": {"rows": 3, "sequences": 6}}},
            {"kind": "train", "step": 1, "loss": 0.69, "accuracy": 0.5, "steps_total": 2},
            {"kind": "eval", "step": 2, "loss": 0.6, "accuracy": 0.7},
        ]
        (run.folder / "progress.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
        rater = Rater.objects.create(
            organisation=world.organisation,
            kind=Rater.Kind.REWARD_MODEL,
            name=f"reward-model-{run.pk}",
            metadata={"title": run.name},
        )
        model = RewardModel.objects.create(run=run, rater=rater, card={"backbone": "minilm"})
        made = Evaluation.objects.create(model=model, suite="pairs", data="test split", figures=FIGURES)
        write_rows(made, seed=len(name))
    return RewardModel.objects.get(run=run)


def write_rows(evaluation: Any, seed: int = 0, members: bool = True) -> None:
    """What a made-up model says of the rows of its version's test split, or of its train split without one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from rewardtrain.data import read_split
    from rewardtrain.evaluation import pairs

    version = evaluation.model.run.version
    table = read_split(version.path, "test")
    table = read_split(version.path, "train") if table is None else table

    class MadeUp:
        """Likes some texts and long ones."""

        def score(self, prompts: list[str], responses: list[str]) -> Any:
            return self.members(prompts, responses).mean(axis=0)

        def members(self, prompts: list[str], responses: list[str]) -> Any:
            draw = random.Random(seed)
            told = {text: draw.gauss(len(text) / 20, 1) for text in sorted(set(responses))}
            own = np.array([told[text] for text in responses])
            return np.stack([own, own + 0.1, own * 0.9]) if members else own[None]

        def probabilities(self, delta_P: Any) -> Any:
            p = 1 / (1 + np.exp(-delta_P))
            return np.column_stack([p, 0 * p, 1 - p])

    assert isinstance(table, pa.Table)
    evaluation.rows_path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pairs.rows(table, MadeUp()), evaluation.rows_path)


def _share(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


FIGURES = {
    "suite": "pairs",
    "n": 20,
    "headline": "gold",
    "accuracy": _share(0.7),
    "baselines": {name: {**_share(0.6), "difference": _share(0.1)} for name in ("longer", "majority")},
    "against": {
        "gold": {
            "accuracy": _share(0.7),
            "calibration": {
                "ece": 0.05, "brier": 0.2, "log_loss": 0.6, "bins": [{"predicted": 0.6, "observed": 0.7, "n": 20}]
            },
            "subsets": [{"name": "a", "n": 9, **_share(0.7)}, {"name": "b", "n": 7, **_share(0.6)}],
        }
    },
    "margins": {"edges": [-1, 0, 1], "strengths": [{"from": 0.5, "to": 0.6, "n": 20, "counts": [8, 12], "mean": 0.2}]},
}  # fmt: skip


def scoring_server(answer: Any, status: int = 200) -> str:
    """Address of a server that answers every request alike: a list of rewards, or any body as text."""
    body = answer if isinstance(answer, str) else json.dumps({"rewards": answer})
    return _serve(body.encode(), status)


@cache
def _serve(body: bytes, status: int) -> str:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def write_votes(path: Path, prompts: int = 40, seed: int = 0) -> Path:
    """A votes file of three pairs a prompt, three raters each: the response with more "good" in it mostly wins."""
    draw = random.Random(seed)
    rows = []
    for number in range(prompts):
        texts = [" ".join(draw.choices(("good", "bad", "red"), k=draw.randint(4, 9))) for _ in range(3)]
        for a, b in ((0, 1), (0, 2), (1, 2)):
            lead = [text.count("good") - text.count("bad") for text in (texts[a], texts[b])]
            gold = "a" if lead[0] > lead[1] else "b" if lead[0] < lead[1] else "tie"
            votes = [{"rater": f"r{i}", "choice": gold if draw.random() < 0.9 else "tie"} for i in range(3)]
            row = {"id": f"{number}-{a}{b}", "prompt": f"why {number}", "response_a": texts[a], "response_b": texts[b]}
            rows.append({**row, "topic": f"topic {number % 8}", "gold": gold, "votes": votes})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
