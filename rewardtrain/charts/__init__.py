"""Charts of evaluations: one file a suite that draws more than every suite does, found by discovery.

The contract of a module here, which is named as its suite (tests/rewardtrain/charts/test_contract.py holds it):

    charts(figures, *, id) -> list of Chart       beyond those of `drawn`; ``id`` begins the charts' own
    notes(figures) -> list of str                 optional: what a reader must know

Figures are what the suite's `evaluate` gave; its module documents them. `drawn` draws of every suite, also of one
without a file here, the accuracy beside the baselines, the subsets, and a table of every list of named rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from annotate import discovery
from curation.charts import Chart
from rewardtrain import drawing

SUBSETS = 12  # shown of an evaluation; there may be one for each prompt
TABLE_ROWS = 200


def names() -> tuple[str, ...]:
    """Suites that draw something of their own."""
    return discovery.names(__name__)


def drawn(suite: str, figures: Mapping[str, Any], *, id: str) -> dict[str, Any]:
    """Everything that a page shows of an evaluation: {"stats", "charts", "tables", "notes"}.

    A stat is {"label", "value": {"value", "low", "high"}, "difference": the same or None}; a table {"title",
    "columns", "rows"} of text.
    """
    module = discovery.load(__name__, suite) if suite in names() else None
    own = module.charts(figures, id=id) if module else []
    notes = getattr(module, "notes", lambda figures: [])(figures)
    made = [_beside_baselines(figures, id), *own, _subsets(figures, id)]
    return {
        "stats": _stats(figures),
        "charts": [chart for chart in made if chart],
        "tables": _tables(figures),
        "notes": notes,
    }


def block(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is measured against the winners that the headline is about, where a suite has several; else empty."""
    found: Mapping[str, Any] = figures.get("against", {}).get(figures.get("headline"), {})
    return found


def title(name: str) -> str:
    """What people call a baseline or a column."""
    return {"longer": "Longer wins", "n": "n"}.get(name, name.replace("_", " ").capitalize())


def _stats(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    if "accuracy" in figures:
        found.append({"label": "Accuracy", "value": figures["accuracy"], "difference": None})
    clustered = block(figures).get("clustered") or figures.get("clustered")
    if clustered:
        found.append({"label": "Over groups", "value": clustered, "difference": None})
    for name, row in figures.get("baselines", {}).items():
        found.append({"label": title(name), "value": row, "difference": row.get("difference")})
    return found


def _beside_baselines(figures: Mapping[str, Any], id: str) -> Chart | None:
    if not _is_interval(figures.get("accuracy")):
        return None
    rows = [("this model", figures["accuracy"])]
    rows += [(title(name), row) for name, row in figures.get("baselines", {}).items() if _is_interval(row)]
    return drawing.accuracies(rows, id=f"{id}-baselines", title="Beside the trivial baselines")


def _subsets(figures: Mapping[str, Any], id: str) -> Chart | None:
    subsets = block(figures).get("subsets") or figures.get("subsets")
    if not isinstance(subsets, list) or len(subsets) < 2:
        return None
    largest = sorted(subsets, key=lambda row: -row.get("n", 0))[:SUBSETS]
    note = f"The {SUBSETS} with most rows, of {len(subsets)}." if len(subsets) > SUBSETS else ""
    rows = [(row["name"], row) for row in largest if _is_interval(row)]
    return drawing.accuracies(rows, id=f"{id}-subsets", title="By subset", note=note) if rows else None


def _tables(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table of every list of named rows: subsets, dimensions, types of error and whatever else a suite lists."""
    lists = {**{key: value for key, value in block(figures).items() if key == "subsets"}, **figures}
    return [
        _table(key, value)
        for key, value in lists.items()
        if isinstance(value, list) and value and all(isinstance(row, Mapping) and "name" in row for row in value)
    ]


def _table(key: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for row in rows for name, value in row.items() if _is_cell(value)))
    own = [name for name in names if name not in ("name", "value", "low", "high")]
    columns = [title("name"), *(["Accuracy"] if "value" in names else []), *map(title, own)]
    shown = [
        [
            row["name"], *([_cell(row)] if "value" in names else []), *(_cell(row.get(name)) for name in own)
        ]
        for row in rows[:TABLE_ROWS]
    ]  # fmt: skip
    return {"title": title(key), "columns": columns, "rows": shown, "of": len(rows)}


def _is_interval(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("value") is not None and value.get("low") is not None


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float) or (isinstance(value, Mapping) and "value" in value)


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        if value.get("value") is None:
            return "–"
        interval = f" [{value['low']:.3f}, {value['high']:.3f}]" if _is_interval(value) else ""
        return f"{value['value']:.3f}{interval}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
