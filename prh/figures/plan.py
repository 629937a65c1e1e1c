"""Which figures a run draws, of what it has found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prh import figures
from prh.figures.style import drawn_in, theme, themed
from prh.figures.text import range_of
from prh.findings.cast import CAPABILITIES, Cast
from prh.findings.comparing import metric_of_text
from prh.findings.comparison import Comparison
from prh.findings.findings import Findings, class_rdm
from prh.ground.progress import Reporter
from prh.inference.layer_grid import LayerGrid
from prh.similarity import DegenerateFeatures, Metric, MutualKNN, cluster_scores
from prh.similarity.clusters import ClusterScores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROLES = ("model", "reference")
Plan = dict[str, "Callable[[], Figure]"]
NEIGHBOURS = 10


@dataclass(frozen=True)
class Style:
    """How figures are drawn.

    Attributes:
        points: How many of the stimuli maps of layers show.
        dpi: Of PNG files.
        further: Figures that a study shows otherwise than every run does, by our names.
        also: Figures of one's own by name; each has ``draw(found)``, which returns a matplotlib figure.
        theme: The look of all of them, by its name.
        formats: Of their files.
    """

    points: int
    dpi: int
    further: Collection[str] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    theme: str = "paper"
    formats: Collection[str] = ("png", "svg", "pdf")


def draw(found: Findings, style: Style, folder: Path, report: Reporter) -> None:
    """Draws every figure of a run in each format."""
    plan = _figures(found, style)
    with drawn_in(style.theme), report.progress("Drawing figures", len(plan), "figures") as advance:
        for name, figure in plan.items():
            figures.save(figure(), folder / name, style.dpi, style.formats)
            advance(1)


def _figures(found: Findings, style: Style) -> Plan:
    across, *against_text = found.comparisons
    metric = _unit(found.asked.metric)
    plan: Plan = {
        "stimuli": lambda: figures.stimulus_grid(found.stimuli),
        "umap_last": lambda: figures.umap_panels(
            f"UMAP of the last layer{_first(found, style)}",
            [_panel(found, style, role) for role in found.layouts],
            *_classes(found),
        ),
        "heatmap_model_vs_reference": lambda: figures.layer_heatmap(
            across.grid, across.title, across.a, across.b, metric
        ),
    }
    for role in ROLES:
        name = found.features[role].encoder
        plan[f"umap_layers_{role}"] = partial(_umap_layers, found, style, role, name)
    if against_text:
        plan |= _beside_text(found, style, against_text)
    if found.cast is not None:
        plan |= of_cast(found.cast, f"{found.stimuli.name}, {len(found.stimuli)} stimuli", metric)
    own: Plan = {name: themed()(partial(figure.draw, found)) for name, figure in style.also.items()}
    return plan | _of_study(found, style) | own


def of_cast(cast: Cast, shown: str, metric: str) -> Plan:
    """Returns the pictures of many: the matrix of pairs, the map, and who is better the more capable."""
    controls = [one.name for one in cast.members if one.control]
    plan: Plan = {
        "pairs": lambda: figures.pair_matrix(cast.table, f"Last layers, {shown}", metric, controls),
        "map": lambda: figures.representation_map(
            cast.table, f"Last layers, {shown}", metric, [one.sense for one in cast.members], controls
        ),
    }
    if (best := cast.best_table) is not None:
        title = f"Best layers, chosen on other stimuli than scored on, {shown}"
        plan["pairs_best"] = partial(figures.pair_matrix, best, title, metric, controls)
    if (layers := cast.layers) is not None:
        name, _, of = shown.rpartition(", ")
        title = f"Layers, {name}, {of if of.startswith(f'{layers.n} ') else f'the first {layers.n} of {of}'}"
        plan["layer_paths"] = partial(figures.layer_map, layers.table, layers.paths, title, metric, controls)
    if "text" in cast.trends:
        plan["capability"] = partial(_capability, cast, metric)
    return plan


def _capability(cast: Cast, metric: str) -> Figure:
    place, anchor = next((i, one) for i, one in enumerate(cast.members) if one.sense == "words")
    panels: dict[str, Any] = {}
    for kind, trend in cast.trends["text"].items():
        points = [
            figures.ModelPoint(
                one.name,
                float(cast.table.scores[i, place]),
                float(cast.table.ci_low[i, place]),
                float(cast.table.ci_high[i, place]),
                getattr(one, kind),
                one.control,
            )
            for i, one in enumerate(cast.members)
            if one.sense != "words"
            and np.isfinite(cast.table.scores[i, place])
            # A twin stands under its network, or nowhere: what has no size at all is a line.
            and not (np.isnan(getattr(one, kind)) and np.isfinite(one.parameters))
        ]
        panels[CAPABILITIES[kind]] = points, trend
    title = f"Likeness to {anchor.name} by capability; hollow: untrained"
    return figures.alignment_by_capability(panels, title, metric, [CAPABILITIES["parameters"]])


def _of_study(found: Findings, style: Style) -> Plan:
    """Returns the figures that a study shows otherwise than every run does: one network, rows for columns."""
    across, metric = found.comparisons[0], _unit(found.asked.metric)
    title = f"{across.b} × {across.a}, {across.rows}"
    plan: Plan = {
        "heatmap_reference_vs_model": lambda: figures.layer_heatmap(
            _transposed(across.grid), title, across.b, across.a, metric
        )
    }
    for role in ROLES:
        plan[f"umap_last_{role}"] = partial(_umap_last, found, style, role)
    return {name: figure for name, figure in plan.items() if name in style.further}


def _unit(metric: Metric) -> str:
    """Returns what a metric's scores are called along an axis."""
    return range_of(metric.name, metric.minimum, metric.maximum)


def _transposed(grid: LayerGrid) -> LayerGrid:
    cells = [name for name, kind in LayerGrid.__annotations__.items() if kind == "Array"]
    return replace(grid, a=grid.b, b=grid.a, **{name: getattr(grid, name).T for name in cells})


def _umap_last(found: Findings, style: Style, role: str) -> Figure:
    title = f"UMAP of the last layer{_first(found, style)}"
    return figures.umap_panels(title, [_panel(found, style, role)], *_classes(found))


def _beside_text(found: Findings, style: Style, against_text: Sequence[Comparison]) -> Plan:
    metric = _unit(metric_of_text(found.asked.metric, found.read))
    plan: Plan = {
        "score_by_depth": lambda: figures.score_by_depth(
            [
                figures.DepthCurve(comparison.a, comparison.grid, getattr(theme(), role))
                for role, comparison in zip(ROLES, against_text, strict=True)
            ],
            f"Likeness to {against_text[0].b}, {against_text[0].rows}",
            metric,
        ),
    }
    for role, comparison in zip(ROLES, against_text, strict=True):
        if len(comparison.grid.b) > 1:
            plan[f"heatmap_{comparison.pair}"] = partial(
                figures.layer_heatmap, comparison.grid, comparison.title, comparison.a, comparison.b, metric
            )
        if found.read["text"].rows == "classes":
            plan[f"rsa_scatter_{role}"] = partial(_scatter, found, style, role, comparison)
        else:
            # A degenerate layer has no neighbours to show.
            with suppress(DegenerateFeatures):
                plan[f"neighbours_{role}"] = partial(figures.neighbour_page, *_neighbours(found, role))
    return plan


def _neighbours(found: Findings, role: str) -> tuple[Any, ...]:
    seen, read = found.features[role], found.features["text"]
    metric = MutualKNN(min(NEIGHBOURS, len(found.stimuli) - 1))
    nearest = [metric.prepare(features[features.last]).indices for features in (seen, read)]
    return found.stimuli, *nearest, (seen.encoder, read.encoder)


def _umap_layers(found: Findings, style: Style, role: str, name: str) -> Figure:
    shown, layers = found.layouts[role], found.features[role]
    panels = [_panel(found, style, role, layer) for layer in shown]
    which = "layer by layer" if len(shown) == len(layers) else f"{len(shown)} of {len(layers)} layers"
    title = f"UMAP of {name}, {which}{_first(found, style)}"
    return figures.umap_panels(title, panels, *_classes(found))


def _first(found: Findings, style: Style) -> str:
    """Says that not all stimuli are shown, where that is so."""
    n, most = len(found.stimuli), style.points
    return f", the first {most} of {n} stimuli" if n > most else ""


def _panel(found: Findings, style: Style, role: str, layer: str | None = None) -> figures.Panel:
    """Returns one layer's panel; without a layer the last one's, named together with its network."""
    features = found.features[role]
    name = layer or features.last
    shown = found.stimuli.labels[: style.points]
    clusters: ClusterScores | None = None
    # Undefined for a degenerate layer, and where all stimuli shown are of one class or each of its own.
    with suppress(ValueError):
        clusters = cluster_scores(features[name][: len(shown)], shown, found.asked.metric.geometry)
    title, subtitle = (name, "") if layer else (features.encoder, name)
    return figures.Panel(title, found.layouts[role][name], clusters, subtitle)


def _classes(found: Findings) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    return found.stimuli.labels, found.stimuli.class_names


def _scatter(found: Findings, style: Style, role: str, comparison: Comparison) -> Figure:
    distance, layer = found.asked.metric.geometry, found.read[role].last
    return figures.rsa_scatter(
        class_rdm(found, role, layer, distance),
        class_rdm(found, "text", found.read["text"].last, "cosine"),
        found.stimuli.class_names,
        comparison.grid.last,
        metric_of_text(found.asked.metric, found.read).name,
        f"{comparison.a} ({layer}) × {comparison.b}",
        (f"{distance} distance in {comparison.a}", f"cosine distance in {comparison.b}"),
        getattr(theme(), role),
    )
