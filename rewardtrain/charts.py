"""Charts of the reward lab: logs and figures in, the context of `components/chart.html` out."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from curation.charts import Chart, interval, text

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
    """Named accuracies as dots with their intervals; ``rows``: name and {"value", "low", "high"}."""
    names = [name for name, _ in rows]
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": f"{max(9, 4 + 1.8 * len(rows)):.0f}rem",
        "options": {
            "grid": {**GRID, "top": 8},
            "xAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "yAxis": {"type": "category", "data": names, "inverse": True, "splitLine": {"show": True}},
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
                    "name": "accuracy", "type": "scatter", "symbolSize": 11,
                    "data": [[round(row["value"], 4), name] for name, row in rows],
                },
            ],
        },
        "columns": ["", "accuracy", "95 % interval"],
        "rows": [[name, text(row["value"], 3), interval(row, 3)] for name, row in rows],
    }  # fmt: skip


def comparison(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Test accuracies of runs in one chart, beside the trivial baseline; ``rows``: {"run", "evaluation" or None}."""
    done = [(row["run"].name, row["evaluation"].figures) for row in rows if row["evaluation"]]
    if not done:
        return None
    named = [(name, figures["accuracy"]) for name, figures in done]
    named.append(("longer wins", done[0][1]["baselines"]["longer"]))
    return accuracies(named, id="comparison", title="Accuracy on held-out pairs")
