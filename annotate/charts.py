"""Charts of collection: figures in, the context of `components/chart.html` out (ECharts options and a table)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from annotate.quality import EDGES, Share

Chart = dict[str, Any]
GRID = {"left": 8, "right": 16, "top": 12, "bottom": 8, "containLabel": True}
COUNTS = {"type": "value", "minInterval": 1, "axisLabel": {"formatter": "@compact"}}


def over_time(points: Sequence[tuple[str, int]], *, unit: str) -> Chart:
    """Answers in each hour or day, and all until then."""
    total, sums = 0, []
    for _moment, n in points:
        total += n
        sums.append(total)
    hourly = unit == "hour"
    note = _("Bars: in each hour. Line: all until then.") if hourly else _("Bars: in each day. Line: all until then.")
    return {
        "id": "over-time",
        "title": _("Answers over time"),
        "note": note,
        "height": "14rem",
        "options": {
            "grid": {**GRID, "top": 28},
            "legend": {"top": 0},
            "tooltip": {"trigger": "axis", "valueFormatter": "@count"},
            "xAxis": {"type": "category", "data": [moment for moment, _ in points]},
            "yAxis": [
                {"type": "value", "minInterval": 1, "axisLabel": {"formatter": "@compact"}},
                {
                    "type": "value",
                    "minInterval": 1,
                    "axisLabel": {"formatter": "@compact"},
                    "splitLine": {"show": False},
                },
            ],
            "series": [
                {
                    "name": _("each hour") if hourly else _("each day"),
                    "type": "bar",
                    "data": [n for _moment, n in points],
                    "color": "var(--gold-line)",
                },
                {
                    "name": _("all"),
                    "type": "line",
                    "yAxisIndex": 1,
                    "data": sums,
                    "showSymbol": len(points) < 3,
                    "color": "var(--series-6)",
                },
            ],
        },
        "columns": [_("hour") if hourly else _("day"), _("answers"), _("all until then")],
        "rows": [[moment, n, sum_] for (moment, n), sum_ in zip(points, sums, strict=True)],
    }


def seconds(spread: Mapping[str, Any], *, of: int) -> Chart:
    """How many answers took how long, from `annotate.quality.spread`."""
    names = [f"{low}–{high} s" for low, high in pairwise(EDGES)] + [_("over %(seconds)d s") % {"seconds": EDGES[-1]}]
    note = _("Half of the answers take less than %(median)d s, nine of ten less than %(most)d s.") % {
        "median": round(spread["median"]),
        "most": round(spread["p90"]),
    }
    if of > spread["n"]:
        newest = _("The newest %(count)s of %(all)s answers.")
        note += " " + newest % {"count": f"{spread['n']:,}", "all": f"{of:,}"}
    return {
        "id": "seconds",
        "title": _("Active seconds"),
        "note": note,
        "height": "14rem",
        "options": {
            "grid": GRID,
            "tooltip": {"trigger": "axis", "valueFormatter": "@count"},
            "xAxis": {"type": "category", "data": names, "axisLabel": {"interval": 0, "rotate": 35}},
            "yAxis": {"type": "value", "minInterval": 1},
            "series": [{"name": _("answers"), "type": "bar", "data": spread["counts"], "barCategoryGap": "12%"}],
        },
        "columns": [_("seconds"), _("answers")],
        "rows": [list(row) for row in zip(names, spread["counts"], strict=True)],
    }


def shares(rows: Sequence[Share], titles: Mapping[str, str], *, id: str, title: str) -> Chart:
    """A share with its interval for each rater, around one half."""
    names = [titles.get(row.rater, row.rater) for row in rows]
    intervals = [
        {
            "type": "line",
            "data": [[round(row.low, 4), index], [round(row.high, 4), index]],
            "showSymbol": False,
            "silent": True,
            "color": "var(--silver)",
            "lineStyle": {"width": 3},
            "tooltip": {"show": False},
        }
        for index, row in enumerate(rows)
    ]
    points = {
        "name": title,
        "type": "scatter",
        "symbolSize": 9,
        "color": "var(--series-1)",
        "data": [{"value": [round(row.value, 4), index], "name": names[index]} for index, row in enumerate(rows)],
        "markLine": {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"color": "var(--ink-muted)", "type": "dashed"},
            "data": [{"xAxis": 0.5}],
        },
    }
    return {
        "id": id,
        "title": title,
        "note": _("Share of the answers that chose a side, with its 95 % interval; the dashed line is one half."),
        "height": f"{max(8, 4 + 1.6 * len(rows)):.0f}rem",
        "options": {
            "grid": {**GRID, "right": 24},
            "xAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "yAxis": {
                "type": "category",
                "data": names,
                "inverse": True,
                "axisLabel": {"width": 140, "overflow": "truncate"},
            },
            "tooltip": {"trigger": "item", "formatter": "{b}"},
            "series": [*intervals, points],
        },
        "columns": [_("rater"), _("share"), _("95 % interval"), _("answers")],
        "rows": [
            [name, f"{100 * row.value:.0f} %", f"{100 * row.low:.0f} – {100 * row.high:.0f} %", row.n]
            for name, row in zip(names, rows, strict=True)
        ],
    }
