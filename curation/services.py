"""Writes of curation: agreement, consensus, dataset versions. Long ones take a progress and run as jobs."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from annotate import selectors as collected
from annotate.access.models import User
from annotate.jobs.registry import JobError, Progress, silent
from annotate.media.services import store
from annotate.models import Project
from curation import (
    agreement,
    candidates,
    evidence,
    pairs,
    pipeline,
    ports,
    previewing,
    provenance,
    quality,
    sealing,
    selectors,
    signing,
    versions,
)
from curation.consensus import compute_consensus as compute_consensus  # a write like those below
from curation.contexts import context_of
from curation.materials import material_of
from curation.models import AgreementReport, Dataset, DatasetVersion, QualityReport

BATCH = 2000


def compute_agreement(*, project: Project, question: str, progress: Progress = silent) -> AgreementReport:
    """Agreement on one question over everything that counts now, stored; unchanged answers reuse the last one."""
    source = selectors.source_hash(project)
    stored = selectors.latest_agreement(project, question)
    if stored is not None and stored.source == source:
        return stored
    kind = selectors.kind_of(project, question)
    progress(0, 2, "reading answers")
    records = list(collected.records(project, question=question))
    progress(1, 2, "resampling")
    figures = agreement.report(kind, records)
    return AgreementReport.objects.create(project=project, question=question, source=source, figures=figures)


def compute_quality(
    *, project: Project, question: str, dimension: str = "", progress: Progress = silent
) -> QualityReport:
    """The plots of the data-quality page and the rows behind them, stored; unchanged data reuse the last report."""
    source = evidence.source_hash(project)
    stored = selectors.latest_quality(project, question, dimension)
    if stored is not None and stored.source == source and stored.path.is_file():
        return stored
    plots = quality.names()
    progress(0, len(plots) + 1, "collecting votes")
    found = evidence.gather(project, question=question, dimension=dimension)
    if not found.table.num_rows:
        raise JobError(f"Nobody has answered “{question}” yet, so there is nothing to plot.")
    figures: dict[str, Any] = {}
    behind = []
    for number, name in enumerate(plots, 1):
        progress(number, len(plots) + 1, quality.get(name).TITLE)
        try:
            plot = quality.get(name).measure(found)
        except quality.NothingToShow as reason:
            figures[name] = {"nothing": str(reason)}
            continue
        figures[name] = plot.figures
        behind += [(name, cell, row) for cell, rows_ in plot.cells.items() for row in rows_.tolist()]
    return _store_quality(
        QualityReport(project=project, question=question, dimension=dimension, source=source, figures=figures),
        found.table,
        behind,
    )


@transaction.atomic
def _store_quality(report: QualityReport, table: pa.Table, behind: list[tuple[str, str, int]]) -> QualityReport:
    """The report with its rows; what it replaces goes, for it can be made again."""
    old = QualityReport.objects.filter(project=report.project, question=report.question, dimension=report.dimension)
    paths = [row.path for row in old]
    old.delete()
    report.save()
    place = pa.array([row for _, _, row in behind], pa.int64())
    columns = {"plot": [plot for plot, _, _ in behind], "cell": [cell for _, cell, _ in behind]}
    names = ("item", "key_a", "key_b", *pairs.PROBABILITIES)
    rows = pa.table({**columns, **{name: table[name].take(place) for name in names}})
    report.path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows.sort_by([("plot", "ascending"), ("cell", "ascending")]), report.path)
    for path in paths:
        path.unlink(missing_ok=True)
    return report


def plan(
    *, project: Project, pipeline_yaml: str, progress: Progress = silent
) -> tuple[pipeline.Pipeline, pipeline.Result]:
    """Run a pipeline over the project's pairs and write nothing: what a preview shows and `curate` keeps.

    Raises
    ------
    JobError
        If the pipeline is wrong (the message says where), or there is nothing to curate.
    """
    wanted, _, result = _planned(project, pipeline_yaml, progress)
    return wanted, result


def preview(*, project: Project, pipeline_yaml: str, progress: Progress = silent) -> dict[str, Any]:
    """What a pipeline would do, as plain JSON: the summary of its stages, and some rows that each would touch."""
    _, table, result = _planned(project, pipeline_yaml, progress)
    return {"summary": result.summary, "examples": previewing.examples(table, result)}


def _planned(
    project: Project, pipeline_yaml: str, progress: Progress
) -> tuple[pipeline.Pipeline, pa.Table, pipeline.Result]:
    """The pipeline, the pairs that went in, and what came out."""
    try:
        wanted = pipeline.parse(pipeline_yaml)
    except pipeline.PipelineError as error:
        raise JobError(str(error)) from error
    question = wanted.consensus["question"] or _only_pairwise(project, constructs=bool(wanted.construct))
    progress(0, None, "collecting pairs")
    table = pairs.SCHEMA.empty_table()
    try:
        if question:
            table = candidates.pair_table(project, question=question, dimension=wanted.consensus["dimension"])
    except LookupError as error:
        raise JobError(f"consensus/question: {error}") from error
    if not table.num_rows and not wanted.construct:
        raise JobError("No pair of this project has a vote yet, so there is nothing to curate.")
    try:
        result = pipeline.run(
            table,
            wanted,
            context_of(project),
            on_stage=lambda name, number, total: progress(number, total, name),
            material=material_of(project, table) if wanted.construct else None,
        )
    except (pipeline.PipelineError, ports.PortNotRegistered) as error:
        raise JobError(str(error)) from error
    return wanted, table, result


def curate(
    *, dataset: Dataset, pipeline_yaml: str, user: User | None = None, progress: Progress = silent
) -> DatasetVersion:
    """Run a pipeline and keep the result as an immutable version; the same outcome again is the same version."""
    wanted, result = plan(project=dataset.project, pipeline_yaml=pipeline_yaml, progress=progress)
    lineage = {
        **lineage_of(dataset),
        "source": selectors.source_hash(dataset.project),
        "agreement": agreement.people(result.table),
    }
    for name, content in result.files.items():
        store(organisation=dataset.project.organisation, content=content, name=name)
    lineage |= provenance.of(dataset.project, result.table)
    try:
        written = versions.write(result, wanted, settings.DATASETS_DIR, lineage)
    except versions.VersionError as error:
        raise JobError(str(error)) from error
    return keep_version(dataset=dataset, written=written, pipeline_yaml=pipeline_yaml, user=user)


def lineage_of(dataset: Dataset) -> dict[str, Any]:
    """What a new version of a dataset says of where it stands."""
    return {
        "project": dataset.project.name,
        "dataset": dataset.name,
        "parents": [dataset.used.hash] if dataset.used else [],
        "guidelines": dataset.project.guidelines,
        "notice": dataset.project.notice,
    }


@transaction.atomic
def keep_version(
    *, dataset: Dataset, written: versions.Version, pipeline_yaml: str, user: User | None = None
) -> DatasetVersion:
    """The next version of a dataset, now the one to use; the same content again is the version that it was."""
    try:
        sealing.seal(written.path, written.manifest)
    except signing.SigningError as error:
        raise JobError(f"The version cannot be signed: {error}") from error
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    version = dataset.versions.filter(hash=written.hash).first()
    if version is None:
        newest = dataset.versions.order_by("-number").first()
        version = DatasetVersion.objects.create(
            dataset=dataset,
            number=newest.number + 1 if newest else 1,
            hash=written.hash,
            pipeline=pipeline_yaml,
            manifest=dict(written.manifest),
            created_by=user,
        )
    Dataset.objects.filter(pk=dataset.pk).update(current=version)
    return version


def _only_pairwise(project: Project, *, constructs: bool = False) -> str:
    """The form's first question that compares responses; "" where it has none, but pairs are constructed."""
    names = [question.name for question in selectors.questions(project, pairwise=True)]
    if not names and constructs:
        return ""
    if not names:
        raise JobError("The form has no question that compares responses, so there are no pairs to curate.")
    return names[0]
