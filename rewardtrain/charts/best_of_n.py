"""Best of n: gold and proxy reward over the distance from the policy, and where over-optimisation begins."""

from collections.abc import Mapping
from typing import Any

from curation.charts import Chart, interval, text
from rewardtrain.drawing import GRID, whisker

LABELS = {
    "gold": "gold, chosen by this model",
    "proxy": "this model's own reward",
    "longer": "gold, the longest chosen",
}
RULES = {"single": "one member", "mean": "mean of members", "worst": "least of members", "penalty": "mean less spread"}


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    curve = figures.get("curve") or []
    if not curve:
        return []
    oracle = figures["oracle"]["value"] if figures.get("oracle") else None
    series = {
        label: [{"n": point["n"], "kl": point["kl"], **point[key]} for point in curve] for key, label in LABELS.items()
    }
    found = [
        _curve(series, f"{id}-best-of-n", "Best of n: gold against the reward that chooses", _note(figures), oracle)
    ]
    if figures.get("ensemble"):
        kl_of = {point["n"]: point["kl"] for point in curve}
        rules = {
            RULES.get(name, name): [{"n": point["n"], "kl": kl_of[point["n"]], **point["gold"]} for point in points]
            for name, points in figures["ensemble"].items()
        }
        note = "Gold of the response that each rule of the ensemble chooses."
        found.append(_curve(rules, f"{id}-rules", "Best of n by rules of the ensemble", note, None))
    return found


def notes(figures: Mapping[str, Any]) -> list[str]:
    if not figures.get("overoptimised"):
        return []
    return [
        f"Over-optimised: beyond the best of {figures['fall']['peak']} gold falls while the model's reward still rises."
    ]


def _note(figures: Mapping[str, Any]) -> str:
    fall = figures.get("fall") or {}
    if not fall:
        return ""
    return f"Gold is highest at n = {fall['peak']}; from there to the largest n it changes by {text(fall['value'], 3)}."


def _curve(series: Mapping[str, list[Any]], id: str, title: str, note: str, oracle: float | None) -> Chart:
    drawn: list[dict[str, Any]] = []
    for number, (name, points) in enumerate(series.items()):
        colour = f"var(--series-{number + 1})"
        line = {
            "name": name, "type": "line", "color": colour, "symbolSize": 7,
            "data": [[round(point["kl"], 4), round(point["value"], 4)] for point in points],
        }  # fmt: skip
        if oracle is not None and not drawn:
            line["markLine"] = {
                "silent": True, "symbol": "none", "data": [{"yAxis": oracle}],
                "label": {"formatter": "best by gold", "color": "var(--ink-muted)", "position": "insideEndTop"},
                "lineStyle": {"color": "var(--ink-muted)", "type": "dashed"},
            }  # fmt: skip
        drawn.append(line)
        drawn += [whisker([point["kl"], point["low"]], [point["kl"], point["high"]], colour) for point in points]
    return {
        "id": id,
        "title": title,
        "note": note,
        "height": "20rem",
        "options": {
            "grid": {**GRID, "top": 48, "bottom": 36},
            "legend": {"top": 0, "type": "scroll", "data": list(series)},
            "xAxis": {"type": "value", "name": "KL from the policy, nats", "axisLabel": {"formatter": "@decimal"}},
            "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": "@decimal"}},
            "tooltip": {"trigger": "item", "valueFormatter": "@decimal3"},
            "series": drawn,
        },
        "columns": ["n", "KL", "what", "value", "95 % interval"],
        "rows": [
            [point["n"], text(point["kl"]), name, text(point["value"], 3), interval(point, 3)]
            for name, points in series.items()
            for point in points
        ],
    }
