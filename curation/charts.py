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
    """A waterfall of a pipeline's rows: what each stage kept, flipped, took out, and sent to people."""
    names = [stage["title"] for stage in stages]
    counts = [
        {action: stage["actions"].get(action, 0) for action in ("flip", "relabel", "reweight", "review")}
        for stage in stages
    ]
    lost = [max(0, stage["rows_in"] - stage["rows_out"]) for stage in stages]
    parts = {
        "kept": ("var(--series-1)", [stage["rows_out"] - c["flip"] for stage, c in zip(stages, counts, strict=True)]),
        "flipped": ("var(--series-2)", [c["flip"] for c in counts]),
        "sent to people": ("var(--series-3)", [c["review"] for c in counts]),
        "taken out": ("var(--line)", [rows - c["review"] for rows, c in zip(lost, counts, strict=True)]),
    }
    shown = {name: part for name, part in parts.items() if name in ("kept", "taken out") or any(part[1])}
    return {
        "id": id,
        "title": "What each stage left",
        "height": f"{max(10, 5 + 2.2 * len(names)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 48, "top": 34, "bottom": 8, "containLabel": True},
            "legend": {"top": 0},
            "xAxis": {"type": "value"},
            "yAxis": {"type": "category", "data": names, "inverse": True},
            "tooltip": {"trigger": "axis", "valueFormatter": "@count"},
            "series": [
                {
                    "name": name, "type": "bar", "stack": "rows", "data": rows, "itemStyle": {"color": colour},
                    **({"label": {"show": True, "formatter": "@count"}} if name == "kept" else {}),
                }
                for name, (colour, rows) in shown.items()
            ],
        },
        "columns": ["stage", "rows in", "rows out", "flipped", "relabelled", "reweighted", "reasons"],
        "rows": [
            [
                stage["title"], stage["rows_in"], stage["rows_out"], c["flip"], c["relabel"], c["reweight"],
                "; ".join(f"{row['action']} {row['rows']}: {row['text']}" for row in stage["reasons"]) or "–",
            ]
            for stage, c in zip(stages, counts, strict=True)
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


def curve(
    labels: Sequence[str],
    series: Mapping[str, Sequence[Mapping[str, Any] | None]],
    *,
    id: str,
    title: str,
    note: str = "",
    x: str,
    y: str,
    reference: float | None = None,
    bounds: tuple[float | None, float | None] = (0, 1),
    percent: bool = True,
) -> Chart:
    """Figures with their intervals over bins, a line for each series.

    ``series``: by name a point a label, None where there is nothing; a point has value, low, high, n and, where it
    leads to the rows behind it, url. ``reference``: where a dashed line stands.
    """
    drawn: list[dict[str, Any]] = []
    rows = []
    for number, (name, points) in enumerate(series.items()):
        colour = f"var(--series-{number % 8 + 1})"
        shown = [(place, point) for place, point in enumerate(points) if point is not None]
        line: dict[str, Any] = {
            "name": name, "type": "line", "color": colour, "symbolSize": 8, "connectNulls": True,
            "data": [{"value": [place, point["value"]], **_url(point)} for place, point in shown],
        }  # fmt: skip
        if reference is not None and not drawn:
            dashed = {"color": "var(--ink-muted)", "type": "dashed"}
            line["markLine"] = {
                "silent": True, "symbol": "none", "label": {"show": False}, "lineStyle": dashed,
                "data": [{"yAxis": reference}],
            }  # fmt: skip
        drawn.append(line)
        drawn += [
            {
                "type": "line", "data": [[place, point["low"]], [place, point["high"]]], "showSymbol": False,
                "silent": True, "color": colour, "lineStyle": {"width": 1.5, "opacity": 0.55},
                "tooltip": {"show": False},
            }
            for place, point in shown
        ]  # fmt: skip
        for place, point in shown:
            where = {"text": labels[place], "url": point["url"]} if point.get("url") else labels[place]
            value = f"{100 * point['value']:.1f} %" if percent else text(point["value"])
            extent = f"{100 * point['low']:.1f} – {100 * point['high']:.1f} %" if percent else interval(point)
            rows.append([where, name, value, extent, f"{point['n']:,}"])
    low, high = bounds
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": "18rem",
        "options": {
            "grid": {"left": 8, "right": 16, "top": 34 if len(series) > 1 else 12, "bottom": 34, "containLabel": True},
            **({"legend": {"top": 0, "data": list(series)}} if len(series) > 1 else {}),
            "xAxis": {"type": "category", "data": list(labels), "name": x},
            "yAxis": {
                "type": "value", "axisLabel": {"formatter": "@percent" if percent else "@decimal"},
                **{key: bound for key, bound in (("min", low), ("max", high)) if bound is not None},
            },
            "tooltip": {"trigger": "item", "valueFormatter": "@percent1" if percent else "@decimal"},
            "series": drawn,
        },
        "columns": [x, "who", y, "95 % interval", "n"],
        "rows": rows,
    }  # fmt: skip


def _url(point: Mapping[str, Any]) -> dict[str, str]:
    return {"url": point["url"]} if point.get("url") else {}


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Mapping[str, Any]],
    *,
    id: str,
    title: str,
    note: str = "",
    what: str,
    percent: bool = True,
) -> Chart:
    """A value for each pair of names, 0 to 1; ``cells`` have row, column, value, n and, if known, low, high, url."""
    place_of_row = {name: place for place, name in enumerate(rows)}
    place_of_column = {name: place for place, name in enumerate(columns)}
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": f"{max(14, 6 + 1.9 * len(rows)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 16, "top": 8, "bottom": 56, "containLabel": True},
            "xAxis": {
                "type": "category", "data": list(columns),
                "axisLabel": {"rotate": 40, "width": 110, "overflow": "truncate"},
            },
            "yAxis": {
                "type": "category", "data": list(rows), "inverse": True,
                "axisLabel": {"width": 140, "overflow": "truncate"},
            },
            "visualMap": {
                "min": 0, "max": 1, "orient": "horizontal", "left": "center", "bottom": 0, "itemHeight": 160,
                "inRange": {"color": [f"var(--ramp-{step})" for step in range(1, 6)]},
            },
            "series": [
                {
                    "name": what, "type": "heatmap",
                    "label": {"show": len(columns) <= 12, "formatter": "@percent" if percent else "@decimal"},
                    "data": [
                        {
                            "value": [
                                place_of_column[cell["column"]], place_of_row[cell["row"]], round(cell["value"], 3),
                            ],
                            **_url(cell),
                        }
                        for cell in cells
                    ],
                }
            ],
        },
        "columns": ["row", "column", what, "95 % interval", "n"],
        "rows": [
            [
                {"text": cell["row"], "url": cell["url"]} if cell.get("url") else cell["row"],
                cell["column"], text(cell["value"]), interval(cell), f"{cell['n']:,}",
            ]
            for cell in cells
        ],
    }  # fmt: skip


def graph(
    nodes: Sequence[Mapping[str, Any]],
    edges: Sequence[tuple[str, str]],
    depth: Mapping[str, int],
    *,
    id: str,
    title: str,
) -> Chart:
    """Nodes in columns by ``depth``, each a link; a node has id, title, kind, url and note."""
    kinds = list(dict.fromkeys(node["kind"] for node in nodes))
    place: dict[int, int] = {}
    drawn = []
    for node in nodes:
        column = depth[node["id"]]
        row = place[column] = place.get(column, -1) + 1
        drawn.append(
            {
                "id": node["id"], "name": node["title"], "x": 220 * column, "y": 64 * row, "url": node["url"],
                "category": kinds.index(node["kind"]), "symbolSize": 16, "value": node["note"],
            }
        )  # fmt: skip
    title_of = {node["id"]: node["title"] for node in nodes}
    parents: dict[str, list[str]] = {}
    for a, b in edges:
        parents.setdefault(b, []).append(title_of[a])
    return {
        "id": id,
        "title": title,
        "note": "A node opens what it stands for.",
        "height": f"{min(48, max(14, 6 + 4 * max(place.values(), default=0))):.0f}rem",
        "options": {
            "legend": {"top": 0, "data": kinds},
            "tooltip": {"formatter": "{b} {c}"},
            "series": [
                {
                    "type": "graph", "layout": "none", "roam": True, "preserveAspect": True,
                    "top": 48, "left": 60, "right": 120, "bottom": 24,
                    "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 7, "data": drawn,
                    "links": [{"source": a, "target": b} for a, b in edges],
                    "categories": [
                        {"name": kind, "itemStyle": {"color": f"var(--series-{number + 1})"}}
                        for number, kind in enumerate(kinds)
                    ],
                    "label": {"show": True, "position": "bottom", "color": "var(--ink)"},
                    "lineStyle": {"color": "var(--ink-muted)", "curveness": 0.08},
                }
            ],
        },
        "columns": ["what", "kind", "made from", "note"],
        "rows": [
            [
                {"text": node["title"], "url": node["url"]}, node["kind"],
                ", ".join(parents.get(node["id"], [])) or "–", node["note"] or "–",
            ]
            for node in nodes
        ],
    }  # fmt: skip


def before_and_after(rows: Sequence[Mapping[str, Any]], *, id: str, title: str, note: str = "") -> Chart:
    """Shares of named values in two versions, side by side; a row has name, before and after, as counts."""
    totals = {side: max(sum(row[side] for row in rows), 1) for side in ("before", "after")}
    shown = list(rows)[:12]
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": f"{max(9, 5 + 2.2 * len(shown)):.0f}rem",
        "options": {
            "grid": {"left": 8, "right": 40, "top": 30, "bottom": 8, "containLabel": True},
            "legend": {"top": 0},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@percent"}},
            "yAxis": {
                "type": "category", "data": [row["name"] for row in shown], "inverse": True,
                "axisLabel": {"width": 150, "overflow": "truncate"},
            },
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent1"},
            "series": [
                {
                    "name": side, "type": "bar", "itemStyle": {"color": colour},
                    "data": [round(row[side] / totals[side], 4) for row in shown],
                }
                for side, colour in (("before", "var(--silver)"), ("after", "var(--series-1)"))
            ],
        },
        "columns": ["", "before", "after", "share before", "share after"],
        "rows": [
            [row["name"], f"{row['before']:,}", f"{row['after']:,}"]
            + [f"{100 * row[side] / totals[side]:.1f} %" for side in ("before", "after")]
            for row in rows
        ],
    }  # fmt: skip
