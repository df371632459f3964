"""Reads of curation: stored figures, and whether they are still true."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice
from statistics import median
from typing import Any

from django.db.models import Avg

from annotate import feedback
from annotate.models import Project, Question, Rater, Task
from annotate.selectors import current_annotations, records
from curation import aggregation
from curation.intervals import wilson
from curation.models import AgreementReport, Consensus, ConsensusRun, DatasetVersion, QualityReport

SAMPLE = 2000  # records, to see how many labels raters gave
COMPARISONS = ("pairwise", "ranking")  # kinds of question that yield pairs


def source_hash(project: Project) -> str:
    """Names the annotations that count now: answers never change, so their ids say it all."""
    digest = hashlib.sha256()
    for pk in current_annotations(project).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=20_000):
        digest.update(b"%d," % pk)
    return digest.hexdigest()


def questions(project: Project, *, pairwise: bool = False) -> list[Question]:
    """The current form's questions, or those among them that compare responses."""
    rows = list(project.form.questions.all())
    return [row for row in rows if row.kind in COMPARISONS] if pairwise else rows


def question_of(project: Project, question: str) -> Question:
    """A question by name, from the newest form that asks it; LookupError names those that the project has."""
    row = Question.objects.filter(form__project=project, name=question).order_by("-form__version").first()
    if row is None:
        known = ", ".join(question.name for question in questions(project))
        raise LookupError(f"The project has no question {question!r}. It has: {known}.")
    return row


def is_comparison(project: Project, question: str) -> bool:
    """Whether a question compares responses, as `question_of`."""
    return question_of(project, question).kind in COMPARISONS


def kind_of(project: Project, question: str) -> feedback.Kind:
    """The feedback kind of a question, as `question_of`."""
    return feedback.get(question_of(project, question).kind)


def consensus_methods(project: Project, question: str) -> tuple[list[str], str]:
    """The methods that fit a question's kind, and the one to try first."""
    kind = kind_of(project, question)
    asked, answer = kind.example()
    readings = list(kind.readings(kind.to_records(answer, asked.stamped(item="item", rater="rater"))))
    offers = aggregation.offered(readings)
    fitting = [name for takes in offers for name in aggregation.names(takes)]
    if offers[:1] == ["levels"]:
        fitting += aggregation.names("categories")
    if "rankings" not in offers:
        fitting = [name for name in fitting if name not in ("newman", "crowdlab")]  # those compare two sides
    labels = Counter(r.rater for r in kind.readings(islice(records(project, question=question), SAMPLE)) if r.category)
    return fitting, aggregation.recommended(offers, median(labels.values()) if labels else 0)


def latest_agreement(project: Project, question: str) -> AgreementReport | None:
    return AgreementReport.objects.filter(project=project, question=question).first()


def latest_consensus(project: Project, question: str, method: str, dimension: str = "") -> ConsensusRun | None:
    runs = ConsensusRun.objects.filter(project=project, question=question, method=method, dimension=dimension)
    return runs.first()


def latest_quality(project: Project, question: str, dimension: str = "") -> QualityReport | None:
    return QualityReport.objects.filter(project=project, question=question, dimension=dimension).first()


def rater_titles(project: Project) -> dict[str, str]:
    """What raters are called on pages, by identifier, where they have a better name than that."""
    rows = Rater.objects.filter(organisation=project.organisation_id).exclude(kind=Rater.Kind.IMPORT)
    titles = {rater.name: rater.metadata.get("title") or str(rater.user or "") for rater in rows.select_related("user")}
    return {name: title for name, title in titles.items() if title}


def tasks_of_items(project: Project, items: Collection[str]) -> dict[str, int]:
    """The first task of each of these items, by the item's external id."""
    rows = Task.objects.filter(project=project, item__external_id__in=items).order_by("-pk")
    return dict(rows.values_list("item__external_id", "pk"))


def find_version(start: str) -> DatasetVersion:
    """The dataset version whose hash begins so.

    Raises
    ------
    LookupError
        If there is none, or the beginning fits several contents.
    """
    found = list(DatasetVersion.objects.filter(hash__startswith=start.lower()).order_by("pk")) if start else []
    if len({version.hash for version in found}) != 1:
        raise LookupError(f"{'Several versions begin' if found else 'No dataset version begins'} with {start!r}.")
    return found[0]


def gold_accuracy(run: ConsensusRun) -> dict[str, Any]:
    """How often a consensus names the released gold outcome, with a 95 % Wilson interval.

    Gold is between an item's first two responses. ``n``, ``accuracy``, ``low``, ``high`` are over all gold
    outcomes, ties included; ``decided`` holds the same over those that name a winner. ``{"n": 0}`` without gold.
    """
    units = Consensus.objects.filter(run=run, item__responses__index__lt=2).exclude(item__gold="")
    keys: dict[tuple[int, str, str, str], list[str]] = {}
    for *unit, key in units.order_by("item__responses__index").values_list(
        "item_id", "subject", "winner", "item__gold", "item__responses__key"
    ):
        keys.setdefault(tuple(unit), []).append(key)
    pairs = [(winner, gold) for (_, subject, winner, gold), pair in keys.items() if subject == ":".join(pair)]
    return _accuracy(pairs) | {"decided": _accuracy([pair for pair in pairs if pair[1] in ("a", "b")])}


def _accuracy(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if not pairs:
        return {"n": 0}
    right = sum(winner == gold for winner, gold in pairs)
    low, high = wilson(right, len(pairs))
    return {"n": len(pairs), "accuracy": right / len(pairs), "low": low, "high": high}


def describe_consensus(run: ConsensusRun) -> dict[str, Any]:
    """Counts and means of one estimate, with its accuracy where gold is known."""
    means = run.units.aggregate(confidence=Avg("confidence"), entropy=Avg("entropy"))
    if not run.categories:  # values have no entropy
        means["entropy"] = None
    return {
        "dimension": run.dimension,
        "units": run.units.count(),
        "mean_confidence": means["confidence"],
        "mean_entropy": means["entropy"],
        "gold": gold_accuracy(run),
        "notes": run.notes,
    }


def latest_from_items(project: Project) -> DatasetVersion | None:
    """The version in use of the dataset that items were last curated into; not what pools or campaigns became."""
    from_items = DatasetVersion.objects.filter(dataset__project=project, campaigns=None, passes=None)
    newest = from_items.order_by("-pk").first()
    used = newest.dataset.used if newest else None
    return used if used is not None and from_items.filter(pk=used.pk).exists() else newest
