"""Where a project's dataset versions come from and what was made of them, as a graph of nodes and edges."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from annotate.models import Project
from curation import charts, ports
from curation.models import DatasetVersion, Judge

ANSWERS = "answers"
Edges = list[tuple[str, str]]


def graph(project: Project) -> dict[str, Any]:
    """``nodes``: id, title, kind (answers, pool, a kind of model, version, training), url, note; ``edges``: id pairs.

    A model that voted stands before the versions in which it did, but for those made from one where it stands already.
    A reward model that was trained on one of these versions is its training.
    """
    rows = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset").order_by("pk")
    versions = list(rows)
    by_hash = {version.hash: version for version in versions}
    nodes, edges, trained = _trainings(versions)
    voted: dict[str, set[str]] = {}  # names of the models by version
    if any(_from_answers(version.manifest["lineage"]) for version in versions):
        nodes.append(_node(ANSWERS, "answers", ANSWERS, reverse("tasks", args=[project.pk])))
    nodes += _pools(project, versions)
    for version in versions:
        count = sum(version.manifest["rows"].values())
        url = reverse("version", args=[project.pk, version.pk])
        nodes.append(_node(f"v{version.pk}", str(version), "version", url, f"{count:,} rows"))
        lineage = version.manifest["lineage"]
        parents = [by_hash[name] for name in lineage.get("parents", ()) if name in by_hash]
        sources = [f"v{parent.pk}" for parent in parents]
        sources += [f"p{lineage['pool']['id']}"] if "pool" in lineage else []
        if _from_answers(lineage) and not parents:
            sources.append(ANSWERS)
        edges += [(source, f"v{version.pk}") for source in sources]
        voted[version.hash] = {model["name"] for model in lineage.get("models", ())}
        known = set().union(*(voted.get(parent.hash, set()) for parent in parents))
        new = [model for model in lineage.get("models", ()) if model["name"] not in known]
        edges += [(trained.get(model["name"], f"m {model['name']}"), f"v{version.pk}") for model in new]
        there = {node["id"] for node in nodes} | {f"m {name}" for name in trained}
        nodes += [_model(project, model) for model in new if f"m {model['name']}" not in there]
    return {"nodes": _in_order(nodes, edges), "edges": edges}


def _from_answers(lineage: Mapping[str, Any]) -> bool:
    """Whether people's answers went into a version beside what it was made from; in a pass over a pool none do."""
    return "pool" not in lineage or "campaign" in lineage


def _pools(project: Project, versions: Sequence[DatasetVersion]) -> list[dict[str, Any]]:
    """The pools that versions were made from; one that is gone leads to those that are there."""
    lineages = (version.manifest["lineage"] for version in versions)
    names = {lineage["pool"]["id"]: lineage["pool"]["name"] for lineage in lineages if "pool" in lineage}
    there = set(project.pools.filter(pk__in=names).values_list("pk", flat=True))
    return [
        _node(
            f"p{pk}",
            name,
            "pool",
            reverse("pool", args=[project.pk, pk]) if pk in there else reverse("pools", args=[project.pk]),
        )
        for pk, name in names.items()
    ]


def _node(id: str, title: str, kind: str, url: str, note: str = "") -> dict[str, Any]:
    return {"id": id, "title": title, "kind": kind, "url": url, "note": note}


def _model(project: Project, model: Mapping[str, Any]) -> dict[str, Any]:
    """A judge, a rule or a foreign reward model among the raters, with what its answers came from."""
    judge = Judge.objects.filter(organisation=project.organisation_id, rater__name=model["name"]).first()
    url = reverse("judge", args=[project.pk, judge.pk]) if judge else reverse("tasks", args=[project.pk])
    parts = [", ".join(model.get("models") or [model.get("backbone", "")]), str(model.get("prompt_hash", ""))[:12]]
    return _node(
        f"m {model['name']}", model["title"], model["kind"].replace("_", " "), url, " · ".join(filter(None, parts))
    )


def _trainings(versions: Sequence[DatasetVersion]) -> tuple[list[dict[str, Any]], Edges, dict[str, str]]:
    """Nodes and edges of the trainings, and the node that is each trained model by the name of its rater."""
    nodes, edges, trained = [], [], {}
    for number, run in enumerate(ports.trained_on([version.pk for version in versions])):
        note = charts.text(run.accuracy["value"], 3) + " " + charts.interval(run.accuracy, 3) if run.accuracy else ""
        nodes.append(_node(f"r{number}", run.title, "training", run.url, note.strip()))
        edges.append((f"v{run.version}", f"r{number}"))
        if run.rater:
            trained[run.rater] = f"r{number}"
    return nodes, edges, trained


def _in_order(nodes: list[dict[str, Any]], edges: Edges) -> list[dict[str, Any]]:
    """Parents before what was made from them, else as they stood."""
    waiting, placed, found = list(nodes), set(), []
    while waiting:
        ready = [node for node in waiting if all(a in placed for a, b in edges if b == node["id"])] or waiting[:1]
        placed |= {node["id"] for node in ready}
        found += ready
        waiting = [node for node in waiting if node["id"] not in placed]
    return found


def chart(found: dict[str, Any]) -> charts.Chart:
    """The graph with a column for each step from the answers, and the same as a table."""
    depth: dict[str, int] = {}
    for node in found["nodes"]:  # parents stand before what was made from them
        above = [depth[a] for a, b in found["edges"] if b == node["id"]]
        depth[node["id"]] = 1 + max(above) if above else 0
    return charts.graph(found["nodes"], found["edges"], depth, id="lineage", title="From answers to models")
