"""The judge lab: what judges and people said of a project's pairs, gathered, measured and stored."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.db.models import Count

from annotate import selectors as collected
from annotate.feedback import OVERALL
from annotate.jobs.registry import JobError, Progress, silent
from annotate.models import Project, Rater
from annotate.records import OUTCOMES
from curation import candidates, selectors
from curation.judging import biases, endpoints, standing
from curation.judging.calibration import BINS
from curation.judging.standing import MODELS, Compared, Facts
from curation.models import Judge, Refusal, StandingReport

PAIRS = pa.schema(
    [
        ("dimension", pa.string()),
        ("judge", pa.string()),
        ("item", pa.string()),
        ("key_a", pa.string()),
        ("key_b", pa.string()),
        ("said", pa.string()),
        ("people", pa.string()),
        ("p_a", pa.float64()),
        ("gap", pa.float64()),  # log2 of the length of a over that of b
        ("own", pa.int8()),  # 1 where a alone is of the judge's family of models, -1 where b alone is
    ]
)


def compute(*, project: Project, question: str, progress: Progress = silent) -> StandingReport:
    """The standing of all judges that answered a question, stored; unchanged answers reuse the last report.

    Raises
    ------
    JobError
        If no model has answered the question.
    """
    source = selectors.source_hash(project)
    stored = latest(project, question)
    if stored is not None and stored.source == source and stored.path.is_file():
        return stored
    dimensions = dimensions_of(project, question)
    found, tables = [], []
    for number, dimension in enumerate(dimensions):
        progress(number, len(dimensions), f"reading answers on {dimension or 'the whole'}")
        table = candidates.pair_table(project, question=question, dimension=dimension)
        compared = Compared.of(table)
        if not compared.said:
            continue
        about = facts(project, question, dimension)
        progress(number, len(dimensions), f"resampling {dimension or 'the whole'}")
        found.append({"dimension": dimension, **standing.report(compared, about)})
        tables.append(pairs_of(table, compared, about, dimension))
    if not found:
        raise JobError(f"No judge or model has answered “{question}” yet, so there is nobody to hold against people.")
    report = StandingReport(project=project, question=question, source=source, figures={"dimensions": found})
    return store(report, pa.concat_tables(tables))


def dimensions_of(project: Project, question: str) -> list[str]:
    """What is compared: each dimension that the question names ("" the whole), or the whole alone."""
    named = candidates.dimensions(project, question)
    return ["" if name == OVERALL else name for name in named] or [""]


def latest(project: Project, question: str) -> StandingReport | None:
    return project.standing_reports.filter(question=question).first()


def _longer(row: dict[str, Any]) -> str:
    return "a" if (row["gap"] or 0) > 0 else "b"


def _own(row: dict[str, Any]) -> str:
    return {1: "a", -1: "b"}.get(row["own"], "")


# What a list of pairs may be narrowed to: what it is called, and which pairs it holds.
SHOW: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "wrong": ("differs from people", lambda row: row["said"] != row["people"]),
    "right": ("agrees with people", lambda row: row["said"] == row["people"]),
    "longer": ("chose the longer, people did not", lambda row: row["said"] == _longer(row) != row["people"]),
    "shorter": ("people chose the longer, it did not", lambda row: row["people"] == _longer(row) != row["said"]),
    "own": ("chose its own family, people did not", lambda row: row["said"] == _own(row) != row["people"]),
}


def cases(
    report: StandingReport,
    dimension: str,
    *,
    judge: str = "",
    show: str = "",
    sure: float | None = None,
    gap: float | None = None,
) -> list[dict[str, Any]]:
    """The pairs behind a figure, those that the judge is surest of first.

    Parameters
    ----------
    judge : name of its rater; "" for all.
    show : one of `SHOW`, of the pairs that people decided; "" for all.
    sure : only pairs in the bin of confidence that begins there.
    gap : only pairs whose lengths differ by more than so many doublings.
    """
    if not report.path.is_file():
        return []
    wanted = [("dimension", "==", dimension), *([("judge", "==", judge)] if judge else [])]
    rows = pq.read_table(report.path, filters=wanted).to_pylist()
    for row in rows:
        p_a = row["p_a"]
        row["sure"] = None if p_a is None or p_a != p_a else max(p_a, 1 - p_a)
    if show:
        rows = [row for row in rows if row["people"] and SHOW[show][1](row)]
    if sure is not None:
        rows = [row for row in rows if row["people"] and row["sure"] is not None and _bin(row["sure"]) == _bin(sure)]
    if gap is not None:
        rows = [row for row in rows if row["gap"] is not None and abs(row["gap"]) > gap]
    return sorted(rows, key=lambda row: (-(row["sure"] or 0), row["item"], row["key_a"], row["key_b"]))


def _bin(confidence: float) -> int:
    return min(int((confidence - 0.5) * 2 * BINS + 1e-9), BINS - 1)


def facts(project: Project, question: str, dimension: str = "") -> dict[str, Facts]:
    """What is known of each model rater besides its verdicts: its labels, money, time, and verdicts by place."""
    raters = Rater.objects.filter(organisation=project.organisation_id, kind__in=MODELS)
    families = _families(project)
    about = {rater.name: {"kind": rater.kind, "family": families.get(rater.name, ""), "shown": []} for rater in raters}
    rows = collected.current_annotations(project, rater__kind__in=MODELS).exclude(**{f"answers__{question}": None})
    totals: dict[str, dict[str, list[float]]] = {}
    wanted = ("rater__name", "task__item__external_id", "answers", "shown", "metadata", "seconds")
    for name, item, answers, shown, metadata, seconds in rows.values_list(*wanted).iterator(chunk_size=2000):
        if question not in answers:
            continue
        own = totals.setdefault(name, {"cost": [], "seconds": [], "labels": []})
        own["labels"].append(1.0)
        for key, value in (("cost", metadata.get("cost")), ("seconds", metadata.get("seconds", seconds))):
            if isinstance(value, int | float):
                own[key].append(float(value))
        if not about[name]["family"] and isinstance(metadata.get("model"), str):
            about[name]["family"] = biases.family_of(metadata["model"])
        about[name]["shown"] += _shown(item, answers[question], shown, metadata, question, dimension)
    refused = _refused(project, question)
    return {
        name: Facts(
            **about[name],
            labels=len(own["labels"]),
            refused=refused.get(name, 0),
            cost=sum(own["cost"]) if own["cost"] else None,
            seconds=sum(own["seconds"]) if own["seconds"] else None,
        )
        for name, own in totals.items()
    }


def _families(project: Project) -> dict[str, str]:
    """Of the models behind judges, by the judge's rater, where the operator's file names them."""
    try:
        known = endpoints.servers().of(project.organisation)
    except endpoints.ServersError:
        return {}
    judges = Judge.objects.filter(organisation=project.organisation_id).exclude(endpoint="")
    return {name: known[at].family for name, at in judges.values_list("rater__name", "endpoint") if at in known}


def _refused(project: Project, question: str) -> dict[str, int]:
    rows = Refusal.objects.filter(task__project=project, question=question).values_list("judge__rater__name")
    return dict(rows.annotate(Count("pk")).order_by())


def _shown(
    item: str, answer: Any, shown: list[str], metadata: dict[str, Any], question: str, dimension: str
) -> Iterable[biases.Shown]:
    """The verdicts for a side whose order is known: of each sample, or where none is kept, of the answer."""
    samples = [
        one for one in metadata.get("samples") or [] if isinstance(one, dict) and one.get("question") == question
    ]
    told = [(sample.get("order") or [], sample.get("answer")) for sample in samples]
    for order, said in told or [(shown, answer)]:
        verdict = said.get(dimension or OVERALL) if isinstance(said, dict) else None
        chosen = verdict.get("chosen") if isinstance(verdict, dict) else None
        if len(order) == 2 and chosen in order:
            yield biases.Shown(item, chosen == order[0])


def pairs_of(table: pa.Table, compared: Compared, about: dict[str, Facts], dimension: str) -> pa.Table:
    """What each judge and people said of each pair that the judge answered, in the schema `PAIRS`."""
    names = np.array([*OUTCOMES, ""])
    parts = [PAIRS.empty_table()]
    for judge, said_N in compared.said.items():
        rows = np.flatnonzero(said_N >= 0)
        own_N = biases.own(about[judge].family if judge in about else "", compared.models_a, compared.models_b)
        columns = {name: table[name].take(rows) for name in ("item", "key_a", "key_b")}
        columns |= {
            "dimension": [dimension] * len(rows), "judge": [judge] * len(rows), "said": names[said_N[rows]],
            "people": names[compared.people_N[rows]], "p_a": compared.p_a[judge][rows],
            "gap": compared.gap_N[rows], "own": own_N[rows].astype(np.int8),
        }  # fmt: skip
        parts.append(pa.table({name: columns[name] for name in PAIRS.names}, schema=PAIRS))
    return pa.concat_tables(parts)


@transaction.atomic
def store(report: StandingReport, rows: pa.Table) -> StandingReport:
    """The report with its pairs; what it replaces goes, for it can be made again."""
    old = StandingReport.objects.filter(project=report.project, question=report.question)
    paths = [row.path for row in old]
    old.delete()
    report.save()
    report.path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, report.path)
    for path in paths:
        path.unlink(missing_ok=True)
    return report
