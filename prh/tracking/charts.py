"""The charts that the MLflow UI opens with: scores, p and curves by layer; all else folded away.

Keys are those of MLflow's own pages, which write the same when charts are arranged by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

RUNS_SHOWN = 30
THE_REST = {"prh-all": "Model metrics", "prh-system": "System metrics"}
"""What MLflow calls the sections in which it puts a chart for each metric that has none."""
Card = dict[str, Any]


def charts(pairs: Sequence[str]) -> tuple[list[Card], list[Card]]:
    """Returns the sections and the charts in them."""
    sections, cards = list[Card](), list[Card]()
    for uuid, title, metric, chart in (
        ("prh-scores", "Scores of the last layers", "last.score", _bars),
        ("prh-p", "p of the last layers", "last.p", _bars),
        ("prh-depth", "Scores layer by layer", "by_layer", _curve),
        ("prh-best", "Scores of the best layers", "best.score", _bars),
    ):
        sections.append(_section(uuid, title, uuid != "prh-best"))
        cards += [chart(f"{pair}.{metric}", pair, uuid) for pair in pairs]
    return [*sections, *(_section(uuid, name, False) for uuid, name in THE_REST.items())], cards


def _section(uuid: str, name: str, unfolded: bool) -> Card:
    return {"uuid": uuid, "name": name, "display": unfolded, "isReordered": False, "columns": 3}


def _card(kind: str, metric: str, pair: str, section: str) -> Card:
    return {
        "uuid": f"prh-{metric}",
        "type": kind,
        "runsCountToCompare": RUNS_SHOWN,
        "metricSectionId": section,
        "deleted": False,
        "isGenerated": False,
        "displayName": pair.replace("_vs_", " × "),
        "metricKey": metric,
    }


def _bars(metric: str, pair: str, section: str) -> Card:
    return _card("BAR", metric, pair, section)


def _curve(metric: str, pair: str, section: str) -> Card:
    return _card("LINE", metric, pair, section) | {
        "selectedMetricKeys": [metric],
        "lineSmoothness": 0,
        "xAxisScaleType": "linear",
        "scaleType": "linear",
        "range": {},
        "xAxisKey": "step",
        "selectedXAxisMetricKey": "",
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "ignoreOutliers": False,
        "useGlobalXaxisKey": True,
        "useGlobalLineSmoothing": True,
    }
