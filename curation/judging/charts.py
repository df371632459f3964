"""Charts of the judge lab and the budget planner: stored figures in, the context of `components/chart.html` out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curation import charts
from curation.charts import Chart, interval, text
from curation.intervals import wilson
from curation.judging.calibration import BINS

Link = Callable[..., str] | None
GRID = {"left": 8, "right": 16, "top": 34, "bottom": 34, "containLabel": True}


def by_dimension(dimensions: Sequence[Mapping[str, Any]], names: Mapping[str, str], link: Link) -> Chart:
    """Agreement with people in each dimension, people's own among them; ``link(dimension, judge)``."""
    shown = [row["dimension"] or "overall" for row in dimensions]
    series: dict[str, list[dict[str, Any] | None]] = {"people, each with the others": []}
    for row in dimensions:
        series["people, each with the others"].append(_point(row["people"]))
    judges = sorted({judge["rater"] for row in dimensions for judge in row["judges"]})
    for judge in judges[:8]:
        points: list[dict[str, Any] | None] = []
        for row in dimensions:
            own = next((found for found in row["judges"] if found["rater"] == judge), None)
            url = link(dimension=row["dimension"], judge=judge, show="wrong") if link else ""
            points.append(_point(own["agreement"], url) if own else None)
        series[names.get(judge, judge)] = points
    made = charts.curve(
        shown, series, id="by-dimension", title="Agreement with people by dimension",
        note="A point opens the pairs on which the judge and people differ." if link else "",
        x="dimension", y="agreement",
    )  # fmt: skip
    for line in made["options"]["series"]:
        if line.get("name"):
            line |= {"lineStyle": {"width": 0}}  # dimensions have no order
    return made


def reliability(judges: Sequence[Mapping[str, Any]], names: Mapping[str, str], link: Link) -> Chart | None:
    """How often each judge is right where it is so sure; None where none says how sure it is."""
    told = [judge for judge in judges if judge["calibration"]["n"]][:6]
    if not told:
        return None
    edges = [0.5 + which / (2 * BINS) for which in range(BINS)]
    labels = [f"{low:.2f}–{low + 1 / (2 * BINS):.2f}" for low in edges]
    series = {}
    for judge in told:
        points: list[dict[str, Any] | None] = [None] * BINS
        for row in judge["calibration"]["before"]["bins"]:
            low, high = wilson(row["observed"] * row["n"], row["n"])
            url = link(judge=judge["rater"], sure=f"{row['from']:.2f}") if link else ""
            point = {"value": round(row["observed"], 4), "low": round(low, 4), "high": round(high, 4), "n": row["n"]}
            points[round((row["from"] - 0.5) * 2 * BINS)] = {**point, "url": url}
        series[names.get(judge["rater"], judge["rater"])] = points
    errors = ", ".join(
        f"{names.get(judge['rater'], judge['rater'])} {judge['calibration']['before']['ece']:.3f}" for judge in told
    )
    made = charts.curve(
        labels, series, id="reliability", title="Are judges as sure as they are right?",
        note=f"On the dashed line they are. Calibration error: {errors}.", x="how sure", y="right",
    )  # fmt: skip
    made["options"]["series"].append(
        {
            "name": "as sure as right", "type": "line", "silent": True, "showSymbol": False,
            "color": "var(--ink-muted)", "lineStyle": {"type": "dashed", "width": 1},
            "data": [[place, round(low + 1 / (4 * BINS), 4)] for place, low in enumerate(edges)],
        }
    )  # fmt: skip
    return made


def lengths(judge: Mapping[str, Any], name: str, link: Link) -> Chart | None:
    """How often the longer response is chosen by how much longer it is, by people and by one judge."""
    curve = judge["length"]["curve"]
    if not curve:
        return None
    labels = [
        f"{2 ** row['from']:.2g}–{2 ** row['to']:.2g} times" if row["to"] else f"over {2 ** row['from']:.2g} times"
        for row in curve
    ]

    def points(who: str) -> list[dict[str, Any] | None]:
        return [
            {
                "value": round(row[who], 4), "low": round(row[f"{who}_low"], 4), "high": round(row[f"{who}_high"], 4),
                "n": row["n"],
                "url": link(judge=judge["rater"], show="longer", gap=row["from"]) if link and who == "judge" else "",
            }
            for row in curve
        ]  # fmt: skip

    return charts.curve(
        labels, {"people": points("people"), name: points("judge")}, id="lengths",
        title="Is the longer response chosen?", note="On pairs where people and the judge both chose a side.",
        x="the longer one is", y="it is chosen", reference=0.5,
    )  # fmt: skip


def costs(
    judges: Sequence[Mapping[str, Any]], people: Mapping[str, Any], names: Mapping[str, str], link: Link
) -> Chart | None:
    """What a label costs against how often it agrees with people; None where no cost is known."""
    known = [
        judge for judge in judges if judge["cost"]["label"] is not None and judge["agreement"]["value"] is not None
    ]
    if not known:
        return None
    ceiling = [{"yAxis": people["value"], "name": "people"}] if people["value"] is not None else []
    return {
        "id": "costs",
        "title": "What agreement costs",
        "note": "Money a label. The dashed line is how often people agree with each other.",
        "height": "18rem",
        "options": {
            "grid": {**GRID, "right": 60},
            "legend": {"top": 0, "type": "scroll"},
            "xAxis": {"type": "value", "name": "money a label", "min": 0},
            "yAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "tooltip": {"trigger": "item", "valueFormatter": "@percent1"},
            "series": [
                {
                    "name": names.get(judge["rater"], judge["rater"]), "type": "scatter", "symbolSize": 12,
                    "data": [
                        {
                            "value": [judge["cost"]["label"], round(judge["agreement"]["value"], 4)],
                            **({"url": link(judge=judge["rater"])} if link else {}),
                        }
                    ],
                    **(
                        {
                            "markLine": {
                                "silent": True, "symbol": "none", "label": {"show": False}, "data": ceiling,
                                "lineStyle": {"color": "var(--ink-muted)", "type": "dashed"},
                            }
                        }
                        if number == 0 and ceiling
                        else {}
                    ),
                }
                for number, judge in enumerate(known)
            ],
        },
        "columns": ["judge", "money a label", "agreement", "95 % interval"],
        "rows": [
            [
                names.get(judge["rater"], judge["rater"]), f"{judge['cost']['label']:.6f}",
                text(judge["agreement"]["value"], 3), interval(judge["agreement"], 3),
            ]
            for judge in known
        ],
    }  # fmt: skip


def promises(
    plans: Sequence[Mapping[str, Any]], chosen: float, judges: Sequence[str], link: Callable[..., str]
) -> Chart:
    """The share of pairs that goes to each judge and to people, by what is promised; ``link(promise)``."""
    labels = [f"{100 * plan['promise']:.0f} %" for plan in plans]
    series = [*judges, "people"]
    return {
        "id": "promises",
        "title": "Who answers, by what is promised",
        "note": "Where nothing can be promised everything goes to people. A bar chooses its promise.",
        "height": "18rem",
        "options": {
            "grid": GRID,
            "legend": {"top": 0, "type": "scroll"},
            "xAxis": {"type": "category", "data": labels, "name": "promised agreement"},
            "yAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent1"},
            "series": [
                {
                    "name": name, "type": "bar", "stack": "shares", "barCategoryGap": "12%",
                    "data": [
                        {
                            "value": round(plan["shares"][place], 4),
                            "itemStyle": {"opacity": 1 if abs(plan["promise"] - chosen) < 0.005 else 0.55},
                            "url": link(promise=plan["promise"]),
                        }
                        for plan in plans
                    ],
                    **({"itemStyle": {"color": "var(--line-strong)"}} if name == "people" else {}),
                }
                for place, name in enumerate(series)
            ],
        },
        "columns": ["promise", *series, "money a pair", "agreement on labelled pairs"],
        "rows": [
            [
                label, *(f"{100 * share:.1f} %" for share in plan["shares"]), f"{plan['cost']:.4f}",
                text(plan["agreement"]["value"], 3),
            ]
            for label, plan in zip(labels, plans, strict=True)
        ],
    }  # fmt: skip


def _point(figures: Mapping[str, Any], url: str = "") -> dict[str, Any] | None:
    if figures["value"] is None:
        return None
    value = figures["value"]
    low, high = (value if figures[end] is None else figures[end] for end in ("low", "high"))
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "n": figures["n"], "url": url}
