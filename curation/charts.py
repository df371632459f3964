"""Charts of curation: stored figures in, the context of `components/chart.html` out (ECharts options and a table)."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Chart = dict[str, Any]


def text(value: float | None, digits: int = 2) -> str:
    """A figure as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def interval(row: Mapping[str, Any], digits: int = 2) -> str:
    """``[low, high]`` of a row that has both, else an empty string."""
    if row.get("low") is None or row.get("high") is None:
        return ""
    return f"[{row['low']:.{digits}f}, {row['high']:.{digits}f}]"


def matrix(
    figures: Mapping[str, Any], names: Mapping[str, str], link: Callable[[str, str], str] | None, *, id: str
) -> Chart:
    """Agreement rater by rater, corrected for chance; each cell links to the tasks where the two differ.

    ``figures``: one of a report's ``matrices``; ``names``: what a rater is called, where not by its identifier;
    ``link``: None for those who may not see single answers.
    """
    raters = figures["raters"]
    labels = [names.get(rater, rater) for rater in raters]
    cells, rows = [], []
    for i, a in enumerate(raters):
        for j, b in enumerate(raters):
            value = figures["value"][i][j]
            if i == j or not figures["n"][i][j]:
                continue
            if value is not None:
                cells.append({"value": [i, j, round(value, 3)], **({"url": link(a, b)} if link else {})})
            if i < j:
                pair = {name: figures[name][i][j] for name in ("value", "low", "high", "percent", "n")}
                who = f"{labels[i]} – {labels[j]}"
                rows.append(
                    [
                        {"text": who, "url": link(a, b)} if link else who,
                        pair["n"],
                        text(pair["percent"]),
                        text(value),
                        interval(pair),
                    ]
                )
    rows.sort(key=lambda row: -row[1])
    axis = {"type": "category", "data": labels}
    ramp = [f"var(--ramp-{step})" for step in range(1, 6)]
    left_out = (
        f" {figures['n_others']:,} raters with fewer tasks in common are left out." if figures["n_others"] else ""
    )
    opens = " A cell opens the tasks where the two differ." if link else ""
    return {
        "id": id,
        "title": "Rater by rater",
        "note": f"{figures['statistic']}, {figures['measure']}.{opens}{left_out}",
        "height": f"{max(16, 6 + 1.9 * len(labels)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 16, "top": 8, "bottom": 56, "containLabel": True},
            "xAxis": {**axis, "axisLabel": {"rotate": 40, "width": 110, "overflow": "truncate"}},
            "yAxis": {**axis, "inverse": True, "axisLabel": {"width": 140, "overflow": "truncate"}},
            "visualMap": {
                "min": 0,
                "max": 1,
                "orient": "horizontal",
                "left": "center",
                "bottom": 0,
                "itemHeight": 160,
                "inRange": {"color": ramp},
                "text": ["1", "0"],
            },
            "tooltip": {"valueFormatter": "@decimal"},
            "series": [
                {
                    "name": figures["statistic"],
                    "type": "heatmap",
                    "data": cells,
                    "label": {"show": len(labels) <= 12, "formatter": "@decimal"},
                }
            ],
        },
        "columns": ["raters", "tasks in common", "same answer", figures["statistic"], "95 % interval"],
        "rows": rows,
    }


def funnel(stages: Sequence[Mapping[str, Any]], *, id: str) -> Chart:
    """Rows left after each stage of a pipeline."""
    names = [stage["title"] for stage in stages]
    return {
        "id": id,
        "title": "What each stage left",
        "height": f"{max(10, 3 + 2.2 * len(names)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 48, "top": 8, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "value"},
            "yAxis": {"type": "category", "data": names, "inverse": True},
            "tooltip": {"trigger": "axis"},
            "series": [
                {
                    "name": "kept", "type": "bar", "stack": "rows", "data": [stage["rows_out"] for stage in stages],
                    "itemStyle": {"color": "var(--series-1)"}, "label": {"show": True, "formatter": "@count"},
                },
                {
                    "name": "taken out", "type": "bar", "stack": "rows",
                    "data": [stage["rows_in"] - stage["rows_out"] for stage in stages],
                    "itemStyle": {"color": "var(--line)"},
                },
            ],
        },
        "columns": ["stage", "rows in", "rows out", "reasons"],
        "rows": [
            [
                stage["title"], stage["rows_in"], stage["rows_out"],
                "; ".join(f"{row['action']} {row['rows']}: {row['text']}" for row in stage["reasons"]) or "–",
            ]
            for stage in stages
        ],
    }  # fmt: skip


def histogram(counts: Sequence[int], edges: Sequence[float], *, id: str, title: str, note: str = "") -> Chart:
    """A histogram: ``counts`` has one entry fewer than ``edges``."""
    bins = [f"{low:.2g} – {high:.2g}" for low, high in pairwise(edges)]
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": "12rem",
        "options": {
            "grid": {"left": 8, "right": 16, "top": 12, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "category", "data": bins},
            "yAxis": {"type": "value"},
            "tooltip": {"trigger": "axis"},
            "series": [{"name": "rows", "type": "bar", "data": list(counts), "barCategoryGap": "8%"}],
        },
        "columns": ["range", "rows"],
        "rows": [list(row) for row in zip(bins, counts, strict=True)],
    }


def bars(rows: Sequence[tuple[str, float]], *, id: str, title: str, note: str = "", share: bool = False) -> Chart:
    """Named values as horizontal bars; ``share``: values in [0, 1], shown in per cent."""
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": f"{max(8, 3 + 1.8 * len(rows)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 56, "top": 8, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@percent" if share else "@compact"}},
            "yAxis": {"type": "category", "data": [name for name, _ in rows], "inverse": True},
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent1" if share else "@count"},
            "series": [
                {
                    "type": "bar", "data": [round(value, 4) for _, value in rows],
                    "label": {"show": True, "position": "right", "formatter": "@percent1" if share else "@count"},
                }
            ],
        },
        "columns": ["", "share" if share else "rows"],
        "rows": [[name, f"{100 * value:.1f} %" if share else f"{value:,.0f}"] for name, value in rows],
    }  # fmt: skip
