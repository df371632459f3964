"""The main job, whole and headless: votes in, a curated dataset and a tested reward model out.

Import, agreement, consensus by every method, curation, training, evaluation, the model as one more
rater, export. A stage that the data cannot carry is left out and named with the reason.
"""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from annotate.access.models import Organisation
from annotate.access.services import create_organisation
from annotate.jobs.registry import JobError, Progress, silent
from annotate.models import Project
from annotate.presets import REASON
from annotate.services import create_project
from curation import aggregation, exporting, selectors
from curation import services as curation
from curation.importing import import_items
from curation.models import Dataset, DatasetVersion
from rewardtrain import services as lab
from rewardtrain.models import RewardModel

ORGANISATION = "Headless"
QUESTIONS = (
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better?",
        "settings": {"labels": ["better"], "tie": True, "both_bad": True},
    },
    REASON,
)
LEAST_PAIRS = 200

PIPELINE = """\
name: main job
consensus: {{method: {method}, question: preference, label: forecast}}
stages:
  - filter: exact_duplicates
  - filter: minimum_votes
    least: 1
split: {{by: {by}, fractions: {{train: 0.7, validation: 0.1, test: 0.2}}, seed: {seed}}}
"""


@dataclass
class MainJob:
    """One pass of the whole path over one file; ``report`` is what is printed at the end."""

    source: str
    format: str
    group_by: str = ""
    seed: int = 0
    recipe: dict[str, Any] = field(default_factory=dict)
    train: bool = True
    progress: Progress = silent
    report: dict[str, Any] = field(default_factory=lambda: {"seconds": {}, "left_out": []})

    def run(self) -> dict[str, Any]:
        """Do every stage that the data carry."""
        self.project = self._project()
        self._stage("import", self._import)
        self._stage("agreement", self._agreement)
        self._stage("consensus", self._consensus)
        version = self._stage("curation", self._curate)
        model = self._stage("training", lambda: self._train(version)) if version else None
        if model:
            self._stage("evaluation", lambda: self._evaluate(model))
            self._stage("model as rater", lambda: self._rate(model))
        if version:
            self._stage("export", lambda: self._export(version))
        self.report["seconds"]["total"] = round(sum(self.report["seconds"].values()), 2)
        return self.report

    def _stage(self, name: str, work: Callable[[], Any]) -> Any:
        with self._timed(name):
            try:
                return work()
            except LeftOut as reason:
                self.report["left_out"].append({"stage": name, "why": str(reason)})
                return None

    @contextmanager
    def _timed(self, name: str) -> Any:
        start = time.monotonic()
        try:
            yield
        finally:
            self.report["seconds"][name] = round(time.monotonic() - start, 2)

    def _project(self) -> Project:
        organisation = Organisation.objects.filter(name=ORGANISATION).first()
        organisation = organisation or create_organisation(name=ORGANISATION)
        name = f"{Path(self.source).name} ({self.format})"[:120]
        project = Project.objects.filter(organisation=organisation, name=name).first()
        return project or create_project(organisation=organisation, name=name, questions=QUESTIONS, overlap=1)

    def _import(self) -> None:
        rejected = settings.EXPORTS_DIR / f"main-job-{self.project.pk}" / "rejected.csv"
        result = import_items(
            project=self.project,
            source=self.source,
            format=self.format,
            group_by=self.group_by,
            rejected_path=rejected,
            progress=self.progress,
        )
        self.report["project"] = self.project.pk
        self.report["import"] = result.to_dict()
        if not self.project.items.exists():
            raise JobError(f"No row of {self.source} could be imported; {result.rejected_file} says why.")

    def _agreement(self) -> None:
        try:
            report = curation.compute_agreement(project=self.project, question="preference", progress=self.progress)
        except JobError as error:
            raise LeftOut(str(error)) from error
        self.report["agreement"] = report.figures

    def _consensus(self) -> None:
        accuracy: dict[str, Any] = {}
        for method in aggregation.names():
            try:
                runs = curation.compute_consensus(
                    project=self.project, question="preference", method=method, progress=self.progress
                )
            except JobError as error:
                raise LeftOut(str(error)) from error
            accuracy[method] = selectors.gold_accuracy(runs[0])
        self.report["default_consensus"] = aggregation.DEFAULT
        if not any(figures["n"] for figures in accuracy.values()):
            raise LeftOut("The file holds no gold labels, so no method could be held against them.")
        self.report["consensus_accuracy"] = accuracy

    def _curate(self) -> DatasetVersion:
        dataset, _ = Dataset.objects.get_or_create(project=self.project, name="main job")
        by = "group" if self.project.items.exclude(group="").exists() else "prompt"
        pipeline = PIPELINE.format(method=aggregation.DEFAULT, by=by, seed=self.seed)
        try:
            version = curation.curate(dataset=dataset, pipeline_yaml=pipeline, progress=self.progress)
        except JobError as error:
            raise LeftOut(str(error)) from error
        self.report["version"] = {
            "hash": version.hash,
            "rows": version.manifest["rows"],
            "path": str(version.path),
        }
        return version

    def _train(self, version: DatasetVersion) -> RewardModel:
        if not self.train:
            raise LeftOut("Not asked for.")
        rows = version.manifest["rows"]
        if rows.get("train", 0) < LEAST_PAIRS or not rows.get("test"):
            counts = f"{rows.get('train', 0)} pairs to train on, {rows.get('test', 0)} to test on"
            raise LeftOut(f"{counts}; fewer than {LEAST_PAIRS} teach nothing.")
        run = lab.create_run(version=version, name=f"main job on {version}", recipe={"seed": self.seed, **self.recipe})
        return lab.train(run=run, progress=self.progress)

    def _evaluate(self, model: RewardModel) -> None:
        self.report["model"] = lab.evaluate(model=model, progress=self.progress).figures

    def _rate(self, model: RewardModel) -> None:
        self.report["model_as_rater"] = lab.score_project(model=model, project=self.project, progress=self.progress)

    def _export(self, version: DatasetVersion) -> None:
        folder = settings.EXPORTS_DIR / f"main-job-{version.hash[:16]}"
        counts = exporting.export(version.path, "trl", {}, folder)
        self.report["export"] = {"path": str(folder), **counts}


class LeftOut(Exception):
    """A stage that these data cannot carry; the message says why."""
