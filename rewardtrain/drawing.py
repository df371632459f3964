"""Charts of the reward lab: logs and figures in, the context of `components/chart.html` out."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import curation.charts
from curation.charts import Chart, interval, text

COMPARED = 12  # runs in one chart
GRID = {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True}


def curve(events: Sequence[Mapping[str, Any]], name: str, *, title: str, id: str) -> Chart | None:
    """``name`` ("loss", "accuracy") over steps, in training and in validation; None before there is any."""
    series = []
    rows: dict[int, list[Any]] = {}
    for column, (kind, label) in enumerate((("train", "training"), ("eval", "validation")), 1):
        points = [
            [event["step"], round(event[name], 4)]
            for event in events
            if event["kind"] == kind and event.get(name) is not None
        ]
        if points:
            series.append({"name": label, "type": "line", "data": points, "showSymbol": kind == "eval"})
        for step, value in points:
            rows.setdefault(step, [step, "–", "–"])[column] = text(value, 4)
    if not series:
        return None
    return {
        "id": id,
        "title": title,
        "height": "15rem",
        "options": {
            "grid": GRID,
            "legend": {"top": 0},
            "xAxis": {"type": "value", "name": "step"},
            "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": "@decimal"}},
            "tooltip": {"trigger": "axis", "valueFormatter": "@decimal3"},
            "series": series,
        },
        "columns": ["step", "training", "validation"],
        "rows": [rows[step] for step in sorted(rows)],
    }


def overlaid(
    logs: Mapping[str, Sequence[Mapping[str, Any]]], kind: str, name: str, *, title: str, id: str, note: str = ""
) -> Chart | None:
    """``name`` ("loss", "accuracy") over steps of several runs; ``kind`` is "train" or "eval"."""
    series, rows = [], []
    for number, (run, events) in enumerate(logs.items()):
        points = [
            [event["step"], round(event[name], 4)]
            for event in events
            if event["kind"] == kind and event.get(name) is not None
        ]
        if points:
            colour = f"var(--series-{number % 8 + 1})"
            series.append({"name": run, "type": "line", "data": points, "showSymbol": kind == "eval", "color": colour})
            rows += [[run, step, text(value, 4)] for step, value in points]
    if all(len(one["data"]) < 2 for one in series):
        return None  # a head that is fitted at once has no curve
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": "17rem",
        "options": {
            "grid": {**GRID, "top": 16 + 20 * -(-len(series) // 2), "bottom": 30},
            "legend": {"top": 0},
            "xAxis": {"type": "value", "name": "step"},
            "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": "@decimal"}},
            "tooltip": {"trigger": "axis", "valueFormatter": "@decimal3"},
            "series": series,
        },
        "columns": ["run", "step", name],
        "rows": rows,
    }


def whisker(low: Sequence[Any], high: Sequence[Any], colour: str) -> dict[str, Any]:
    """The series of one interval, a line from point to point that answers to no pointer."""
    return {
        "type": "line", "data": [[round(value, 4) for value in end] for end in (low, high)], "showSymbol": False,
        "silent": True, "color": colour, "lineStyle": {"width": 1.5, "opacity": 0.55}, "tooltip": {"show": False},
    }  # fmt: skip


def coverage(figures: Mapping[str, Any], *, id: str) -> Chart:
    """Accuracy on the share of pairs that the model is surest of; ``figures``: `rewardtrain.rowwise.selective`."""
    points = figures["points"]
    line = [[round(point["coverage"], 4), round(point["value"], 4)] for point in points]
    bounds = [[round(point["coverage"], 4), round(point[key], 4)] for key in ("low", "high") for point in points]
    half = len(points)
    thin = {"type": "line", "showSymbol": False, "silent": True, "color": "var(--series-2)", "tooltip": {"show": False}}
    faint = {**thin, "lineStyle": {"width": 1, "opacity": 0.5}}
    return {
        "id": id,
        "title": "Accuracy on what it is surest of",
        "note": f"Area {figures['area']:.3f}; without an order {figures['random']:.3f}, at best {figures['best']:.3f}.",
        "height": "17rem",
        "options": {
            "grid": {**GRID, "top": 12, "bottom": 36},
            "xAxis": {
                "type": "value", "min": 0, "max": 1, "name": "share of pairs kept",
                "axisLabel": {"formatter": "@percent"},
            },
            "yAxis": {"type": "value", "scale": True, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent1"},
            "series": [
                {"name": "accuracy", "type": "line", "data": line, "symbolSize": 6, "color": "var(--series-2)"},
                {**faint, "data": bounds[:half]},
                {**faint, "data": bounds[half:]},
                {
                    **thin, "data": [[0, round(figures["random"], 4)], [1, round(figures["random"], 4)]],
                    "color": "var(--line-strong)", "lineStyle": {"type": "dashed", "width": 1},
                },
            ],
        },
        "columns": ["share kept", "pairs", "accuracy", "95 % interval"],
        "rows": [
            [f"{100 * point['coverage']:.0f} %", point["n"], text(point["value"], 3), interval(point, 3)]
            for point in points
        ],
    }  # fmt: skip


def length_gaps(rows: Sequence[Mapping[str, Any]], *, id: str) -> Chart:
    """How often the longer response wins by model and by people; ``rows``: `rewardtrain.rowwise.lengths`."""
    labels = [f"over {row['from']:g}" if row["to"] is None else f"{row['from']:g} – {row['to']:g}" for row in rows]
    series = {
        name: [{**row[key], "n": row["n"]} for row in rows] for name, key in (("people", "people"), ("model", "model"))
    }
    return curation.charts.curve(
        labels, series, id=id, title="How often the longer response wins",
        note="Where the model stands above people it pays for length.", x="doublings of length", y="longer wins",
        reference=0.5,
    )  # fmt: skip


def doubts(rows: Sequence[Mapping[str, Any]], *, id: str) -> Chart:
    """People's disagreement by the spread of an ensemble; ``rows``: `rewardtrain.rowwise.doubts`."""
    series = {
        "people disagree": [{**row["people"], "n": row["n"]} for row in rows],
        "model is wrong": [{**row["wrong"], "n": row["n"]} for row in rows],
    }
    return curation.charts.curve(
        [text(row["deviation"], 3) for row in rows], series, id=id, title="The ensemble’s doubt beside people’s",
        note="Fifths of the pairs by how far the members differ; a useful doubt rises with both.",
        x="deviation of the members", y="share",
    )  # fmt: skip


def reliability(calibration: Mapping[str, Any], *, id: str) -> Chart:
    """How often the response that the model gives probability p wins; on the diagonal the model is honest."""
    bins = calibration["bins"]
    points = [[round(row["predicted"], 4), round(row["observed"], 4), row["n"]] for row in bins]
    return {
        "id": id,
        "title": "Reliability",
        "note": ", ".join(f"{name.replace('_', '-')} {calibration[name]:.3f}" for name in ("ece", "brier", "log_loss")),
        "height": "17rem",
        "options": {
            "grid": GRID,
            "xAxis": {"type": "value", "min": 0, "max": 1, "name": "predicted"},
            "yAxis": {"type": "value", "min": 0, "max": 1},
            "tooltip": {},
            "series": [
                {
                    "name": "honest", "type": "line", "data": [[0, 0], [1, 1]], "showSymbol": False, "silent": True,
                    "lineStyle": {"type": "dashed", "color": "var(--line-strong)", "width": 1},
                },
                {"name": "model", "type": "line", "data": points, "symbolSize": 8, "color": "var(--series-2)"},
            ],
        },
        "columns": ["predicted", "observed", "pairs"],
        "rows": [[text(row["predicted"]), text(row["observed"]), row["n"]] for row in bins],
    }  # fmt: skip


def margins(figures: Mapping[str, Any], *, id: str) -> Chart:
    """Reward differences toward the consensus winner, one line for each strength of the consensus."""
    edges = figures["edges"]
    middles = [round((low + high) / 2, 3) for low, high in pairwise(edges)]
    shown = [row for row in figures["strengths"] if row["n"]]
    return {
        "id": id,
        "title": "Margins by strength of the consensus",
        "note": "Right of zero the model agrees. Strong consensus should stand further right.",
        "height": "17rem",
        "options": {
            "grid": GRID,
            "legend": {"top": 0, "type": "scroll"},
            "xAxis": {"type": "category", "data": middles, "name": "reward difference"},
            "yAxis": {"type": "value"},
            "tooltip": {"trigger": "axis"},
            "series": [
                {
                    "name": f"{row['from']:.1f} – {row['to']:.1f}", "type": "line", "data": row["counts"],
                    "showSymbol": False, "smooth": True,
                }
                for row in shown
            ],
        },
        "columns": ["strength", "pairs", "mean difference"],
        "rows": [[f"{row['from']:.1f} – {row['to']:.1f}", row["n"], text(row["mean"], 3)] for row in shown],
    }  # fmt: skip


def accuracies(rows: Sequence[tuple[str, Mapping[str, Any]]], *, id: str, title: str, note: str = "") -> Chart:
    """Named accuracies as dots with their intervals; ``rows``: name and {"value", "low", "high"}; unknown: left out."""
    rows = [(name, row) for name, row in rows if row["value"] is not None and row["low"] is not None]
    names = [name for name, _ in rows]
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": f"{max(9, 4 + 1.8 * len(rows)):.0f}rem",
        "options": {
            "grid": {**GRID, "top": 8},
            "xAxis": {
                "type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent", "hideOverlap": True},
            },
            "yAxis": {
                "type": "category", "data": names, "inverse": True,
                "splitLine": {"show": True, "lineStyle": {"color": "var(--line)"}},
                "axisLabel": {"width": 150, "overflow": "truncate"},
            },
            "tooltip": {"valueFormatter": "@percent1"},
            "series": [
                *(
                    {
                        "type": "line", "data": [[row["low"], name], [row["high"], name]], "showSymbol": False,
                        "silent": True, "color": "var(--line-strong)", "lineStyle": {"width": 3},
                    }
                    for name, row in rows
                ),
                {
                    "name": "accuracy", "type": "scatter", "symbolSize": 11, "z": 3,
                    "data": [[round(row["value"], 4), name] for name, row in rows],
                },
            ],
        },
        "columns": ["", "accuracy", "95 % interval"],
        "rows": [[name, text(row["value"], 3), interval(row, 3)] for name, row in rows],
    }  # fmt: skip


def differences(rows: Sequence[tuple[str, Mapping[str, Any]]], *, id: str, title: str, note: str = "") -> Chart:
    """Named differences as dots with their intervals, around 0."""
    chart = accuracies(rows, id=id, title=title, note=note)
    reach = max([abs(row[key]) for _, row in rows for key in ("low", "high") if row.get(key) is not None], default=1)
    reach = min(1.0, max(0.1, 1.1 * reach))
    axis = {**chart["options"]["xAxis"], "min": -round(reach, 2), "max": round(reach, 2)}
    chart["options"] = {**chart["options"], "xAxis": axis}
    chart["options"]["series"][-1] |= {
        "name": "difference",
        "markLine": {
            "silent": True, "symbol": "none", "label": {"show": False}, "data": [{"xAxis": 0}],
            "lineStyle": {"color": "var(--ink-muted)", "type": "dashed"},
        },
    }  # fmt: skip
    chart["columns"] = ["", "difference", "95 % interval"]
    return chart


def comparison(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Test accuracies of runs in one chart, beside the trivial baseline; ``rows``: {"run", "evaluation" or None}."""
    done = [(row["run"].name, row["evaluation"].figures) for row in rows if row["evaluation"]]
    if not done:
        return None
    named = [(name, figures["accuracy"]) for name, figures in done[:COMPARED]]
    named.append(("longer wins", done[0][1]["baselines"]["longer"]))
    note = f"The newest {COMPARED}, of {len(done)}." if len(done) > COMPARED else ""
    return accuracies(named, id="comparison", title="Accuracy on held-out pairs", note=note)
