"""Where a project's dataset versions come from and what was made of them, as a graph of nodes and edges."""

from typing import Any

from django.urls import reverse

from annotate.models import Project
from curation import charts, ports
from curation.models import DatasetVersion

ANSWERS = "answers"


def graph(project: Project) -> dict[str, Any]:
    """``nodes``: id, title, kind (answers, version, training), url, note; ``edges``: pairs of ids; oldest first."""
    rows = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset").order_by("pk")
    versions = list(rows)
    by_hash = {version.hash: version for version in versions}
    answers = {
        "id": ANSWERS,
        "title": "answers",
        "kind": "answers",
        "url": reverse("tasks", args=[project.pk]),
        "note": "",
    }
    nodes = [answers] if versions else []
    edges: list[tuple[str, str]] = []
    for version in versions:
        count = sum(version.manifest["rows"].values())
        nodes.append(
            {
                "id": f"v{version.pk}",
                "title": str(version),
                "kind": "version",
                "url": reverse("version", args=[project.pk, version.pk]),
                "note": f"{count:,} rows",
            }
        )
        parents = [by_hash[name] for name in version.manifest["lineage"].get("parents", ()) if name in by_hash]
        edges += [(f"v{parent.pk}", f"v{version.pk}") for parent in parents] or [(ANSWERS, f"v{version.pk}")]
    for number, run in enumerate(ports.trained_on([version.pk for version in versions])):
        note = charts.text(run.accuracy["value"], 3) + " " + charts.interval(run.accuracy, 3) if run.accuracy else ""
        nodes.append({"id": f"r{number}", "title": run.title, "kind": "training", "url": run.url, "note": note.strip()})
        edges.append((f"v{run.version}", f"r{number}"))
    return {"nodes": nodes, "edges": edges}


def chart(found: dict[str, Any]) -> charts.Chart:
    """The graph with a column for each step from the answers, and the same as a table."""
    depth: dict[str, int] = {}
    for node in found["nodes"]:  # parents stand before what was made from them
        above = [depth[a] for a, b in found["edges"] if b == node["id"]]
        depth[node["id"]] = 1 + max(above) if above else 0
    return charts.graph(found["nodes"], found["edges"], depth, id="lineage", title="From answers to models")
