"""The files of a run: matrices, tables and figures under its output folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prh import figures
from prh.config import Settings
from prh.figures.style import MODEL_COLOUR, REFERENCE_COLOUR
from prh.progress import Reporter
from prh.report import Section, html
from prh.results import (
    TABLE_CAPTION,
    TABLE_COLUMNS,
    Comparison,
    score_records,
    write_csv,
    write_rdm,
    write_scores,
)
from prh.similarity import DegenerateFeatures, cluster_scores, rdm
from prh.similarity.arrays import Array
from prh.similarity.clusters import ClusterScores
from prh.similarity.rdm import Distance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from prh.experiment import Findings
    from prh.study import Claim

ROLES = ("model", "reference")
COLOURS = {"model": MODEL_COLOUR, "reference": REFERENCE_COLOUR}


def write(found: Findings, settings: Settings) -> None:
    """Writes the grids, the class RDMs of every layer, the table of scores and the list of stimuli."""
    output = settings.output_dir
    for comparison in found.comparisons:
        comparison.write(output / "matrices")
    write_scores(output / "tables" / "scores.csv", found.comparisons)
    stimuli = found.stimuli
    rows = [
        [int(i), stimuli.class_names[label]] for i, label in zip(stimuli.ids, stimuli.labels, strict=True)
    ]
    write_csv(output / "tables" / "stimuli.csv", ["row", "class"], rows)
    for role in (*ROLES, "text"):
        distance: Distance = "cosine" if role == "text" else settings.metric.geometry
        rdms: dict[str, Any] = {
            layer: _class_rdm(found, role, layer, distance) for layer in found.centroids[role]
        }
        np.savez(output / "matrices" / f"class_rdms_{role}.npz", classes=list(stimuli.class_names), **rdms)
        last = rdms[found.centroids[role].last]
        write_rdm(output / "matrices" / f"class_rdm_{role}_last.csv", last, stimuli.class_names)


CAPTIONS = {
    "stimuli": "Stimuli",
    "umap_last": "UMAP of the last layer of each vision model",
    "heatmap_model_vs_reference": "Layer against layer",
    "score_by_depth": "Likeness to the text model by depth",
    "rsa_scatter_model": "Distances between classes in the model and in the text model",
    "rsa_scatter_reference": "Distances between classes in the reference and in the text model",
    "umap_layers_model": "UMAP of the model, layer by layer",
    "umap_layers_reference": "UMAP of the reference, layer by layer",
}


def write_report(found: Findings, settings: Settings, claims: list[Claim]) -> None:
    """Writes ``report.html``: scores, figures and what they were made with, on one page to pass on."""
    output = settings.output_dir
    images = {caption: output / "figures" / f"{name}.png" for name, caption in CAPTIONS.items()}
    sections = [
        *(Section(c.title, TABLE_COLUMNS, c.table_rows()) for c in found.comparisons),
        *([Section("Claims", *_columns_and_rows([claim.record() for claim in claims]))] if claims else []),
        Section("Figures", figures={caption: path for caption, path in images.items() if path.exists()}),
        Section("All layers", *_columns_and_rows(score_records(found.comparisons))),
    ]
    sections[2] = replace(sections[2], text=TABLE_CAPTION)
    used = (found.model, found.reference)
    lead = "; ".join(f"{e.name}, weights {e.weights.source}" for e in used) + f"; {found.text.label}"
    page = html(settings.metric.name, f"{found.stimuli.name}, {len(found.stimuli)} stimuli; {lead}", sections)
    (output / "report.html").write_text(page, encoding="utf-8")


def _columns_and_rows(records: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    return list(records[0]), [list(record.values()) for record in records]


def draw(found: Findings, settings: Settings, report: Reporter) -> None:
    """Draws every figure, each as PNG and SVG."""
    plan = _figures(found, settings)
    with report.progress("Drawing figures", len(plan), "figures") as advance:
        for name, figure in plan.items():
            figures.save(figure(), settings.output_dir / "figures" / name, settings.figures.dpi)
            advance(1)


def _figures(found: Findings, settings: Settings) -> dict[str, Callable[[], Figure]]:
    across, *against_text = found.comparisons
    metric = settings.metric.name
    plan: dict[str, Callable[[], Figure]] = {
        "stimuli": lambda: figures.stimulus_grid(found.stimuli),
        "umap_last": lambda: figures.umap_panels(
            "UMAP of the last layer", [_panel(found, settings, role) for role in ROLES], *_classes(found)
        ),
        "heatmap_model_vs_reference": lambda: figures.layer_heatmap(
            across.grid, across.title, across.a, across.b, metric
        ),
        "score_by_depth": lambda: figures.score_by_depth(
            [
                figures.DepthCurve(comparison.a, comparison.grid, COLOURS[role])
                for role, comparison in zip(ROLES, against_text, strict=True)
            ],
            f"Likeness to {found.text.label}, {against_text[0].rows}",
            settings.metric.for_classes().name,
        ),
    }
    for role, comparison in zip(ROLES, against_text, strict=True):
        name = found.features[role].encoder
        plan[f"umap_layers_{role}"] = partial(_umap_layers, found, settings, role, name)
        plan[f"rsa_scatter_{role}"] = partial(_scatter, found, settings, role, comparison)
    return plan


def _umap_layers(found: Findings, settings: Settings, role: str, name: str) -> Figure:
    shown, layers = found.layouts[role], found.features[role]
    panels = [_panel(found, settings, role, layer) for layer in shown]
    which = "layer by layer" if len(shown) == len(layers) else f"{len(shown)} of {len(layers)} layers"
    return figures.umap_panels(f"UMAP of {name}, {which}", panels, *_classes(found))


def _panel(found: Findings, settings: Settings, role: str, layer: str | None = None) -> figures.Panel:
    """Returns one layer's panel; without a layer the last one's, named together with its network."""
    features = found.features[role]
    name = layer or features.last
    shown = found.stimuli.labels[: settings.figures.umap_points]
    clusters: ClusterScores | None = None
    # Undefined for a degenerate layer, and where all stimuli shown are of one class or each of its own.
    with suppress(ValueError):
        clusters = cluster_scores(features[name][: len(shown)], shown, settings.metric.geometry)
    title = name if layer else f"{features.encoder}: {name}"
    return figures.Panel(title, found.layouts[role][name], clusters)


def _classes(found: Findings) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    return found.stimuli.labels, found.stimuli.class_names


def _scatter(found: Findings, settings: Settings, role: str, comparison: Comparison) -> Figure:
    distance, layer = settings.metric.geometry, found.centroids[role].last
    return figures.rsa_scatter(
        _class_rdm(found, role, layer, distance),
        _class_rdm(found, "text", found.centroids["text"].last, "cosine"),
        found.stimuli.class_names,
        comparison.grid.last,
        settings.metric.for_classes().name,
        f"{comparison.a} ({layer}) × {comparison.b}",
        (f"cosine distance in {comparison.b}", f"{distance} distance in {comparison.a}"),
        COLOURS[role],
    )


def _class_rdm(found: Findings, role: str, layer: str, distance: Distance) -> Array:
    """Returns the condensed RDM of the classes, NaN throughout where the layer is degenerate."""
    try:
        return rdm(found.centroids[role][layer], distance)
    except DegenerateFeatures:
        classes = len(found.stimuli.class_names)
        return np.full(classes * (classes - 1) // 2, np.nan)
