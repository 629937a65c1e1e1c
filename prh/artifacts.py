"""The files of a run: matrices, tables and figures under its output folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prh.config import Settings
from prh.files import written_whole
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
from prh.similarity import DegenerateFeatures, rdm
from prh.similarity.arrays import Array
from prh.similarity.rdm import Distance

if TYPE_CHECKING:
    from prh.cast import Cast
    from prh.experiment import Findings
    from prh.study import Claim


def write(found: Findings, settings: Settings) -> None:
    """Writes the grids, the table of scores, the list of stimuli and, without captions, all class RDMs."""
    output = settings.output_dir
    for comparison in found.comparisons:
        comparison.write(output / "matrices")
    write_scores(output / "tables" / "scores.csv", found.comparisons)
    if found.cast is not None:
        _write_pairs(found.cast, output)
    stimuli = found.stimuli
    names = [stimuli.class_names[label] for label in stimuli.labels]
    columns = {"row": stimuli.ids.tolist(), "class": names}
    groups = None if stimuli.groups is None else stimuli.groups.tolist()
    for column, values in (("group", groups), ("name", stimuli.names), ("caption", stimuli.captions)):
        if values is not None:
            columns[column] = list(values)
    rows = list(zip(*columns.values(), strict=True))
    write_csv(output / "tables" / "stimuli.csv", list(columns), rows)
    if found.read and found.read["text"].rows == "classes":
        _write_class_rdms(found, settings)


def _write_pairs(cast: Cast, output: Path) -> None:
    """Writes all pairs as a table, as arrays, and as the table that the MLflow UI shows."""
    columns, rows = _columns_and_rows(cast.table.rows())
    write_csv(output / "tables" / "pairs.csv", columns, rows)
    arrays = {
        name: getattr(cast.table, name)
        for name, kind in type(cast.table).__annotations__.items()
        if kind == "Array"
    }
    whole = output / "matrices" / "pairs.npz"
    with written_whole(whole) as part, part.open("wb") as stream:
        np.savez(stream, names=list(cast.table.names), **arrays)
    known = [[None if value != value else value for value in row] for row in rows]
    with written_whole(output / "pairs.json") as part:
        part.write_text(json.dumps({"columns": columns, "data": known}), encoding="utf-8")


def _write_class_rdms(found: Findings, settings: Settings) -> None:
    output, stimuli = settings.output_dir, found.stimuli
    for role in found.read:
        distance: Distance = "cosine" if role == "text" else settings.metric.geometry
        rdms: dict[str, Any] = {layer: class_rdm(found, role, layer, distance) for layer in found.read[role]}
        whole = output / "matrices" / f"class_rdms_{role}.npz"
        with written_whole(whole) as part, part.open("wb") as stream:
            np.savez(stream, classes=list(stimuli.class_names), **rdms)
        last = rdms[found.read[role].last]
        write_rdm(output / "matrices" / f"class_rdm_{role}_last.csv", last, stimuli.class_names)


OF_MANY = {
    "pairs": "All pairs of encoders at their last layers",
    "map": "A map of representations: near are those that arrange stimuli alike",
    "capability": "Likeness to the text model against what vision models can do",
}
CAPTIONS = {
    "stimuli": "Stimuli",
    "umap_last": "UMAP of the last layers",
    "neighbours_model": "Nearest neighbours in the model and in the text model",
    "neighbours_reference": "Nearest neighbours in the reference and in the text model",
    "heatmap_model_vs_reference": "Layer against layer",
    "heatmap_model_vs_text": "Layer against layer of the text model",
    "heatmap_reference_vs_text": "The reference's layers against the text model's",
    "score_by_depth": "Likeness to the text model by depth",
    "rsa_scatter_model": "Distances between classes in the model and in the text model",
    "rsa_scatter_reference": "Distances between classes in the reference and in the text model",
    "umap_layers_model": "UMAP of the model, layer by layer",
    "umap_layers_reference": "UMAP of the reference, layer by layer",
}


def write_report(found: Findings, settings: Settings, claims: list[Claim]) -> None:
    """Writes ``report.html``: scores, figures and what they were made with, on one page to pass on."""
    output = settings.output_dir
    images, many = (
        {caption: output / "figures" / f"{name}.png" for name, caption in captions.items()}
        for captions in (CAPTIONS, OF_MANY)
    )
    of_many = [] if found.cast is None else _of_many(found.cast, many)
    sections = [
        *of_many,
        *(_scores(comparison) for comparison in found.comparisons),
        *_claims(claims),
        Section("Figures", figures={caption: path for caption, path in images.items() if path.exists()}),
        Section("All layers", *_columns_and_rows(score_records(found.comparisons))),
    ]
    last = len(of_many) + len(found.comparisons) - 1
    sections[last] = replace(sections[last], text=f"{sections[last].text} {TABLE_CAPTION}.".strip())
    used = (found.model, found.reference)
    lead = "; ".join(f"{e.name}, weights {e.weights.source}" for e in used)
    lead += "" if found.text is None else f"; {found.text.label}"
    lead = f"{found.stimuli.name}, {len(found.stimuli)} stimuli; {lead}"
    if found.stimuli.credit:
        lead += f". {found.stimuli.credit}"
    page = html(settings.metric.name, lead, sections)
    with written_whole(output / "report.html") as part:
        part.write_text(page, encoding="utf-8")


def _of_many(cast: Cast, images: dict[str, Path]) -> list[Section]:
    text = " ".join(cast.sentences())
    there = {caption: path for caption, path in images.items() if path.exists()}
    columns, rows = _columns_and_rows(cast.table.rows())
    return [
        Section("Many networks at once", figures=there, text=text),
        Section("All pairs of last layers", columns, rows),
    ]


def _claims(claims: list[Claim]) -> list[Section]:
    from prh.study import tally

    if not claims:
        return []
    columns, rows = _columns_and_rows([claim.record() for claim in claims])
    return [Section("Claims of the study", columns, rows, text=tally(claim.verdict for claim in claims))]


def _scores(comparison: Comparison) -> Section:
    text = " ".join(f"{remark[0].upper()}{remark[1:]}." for remark in comparison.remarks())
    return Section(comparison.title, TABLE_COLUMNS, comparison.table_rows(), text=text)


def _columns_and_rows(records: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    return list(records[0]), [list(record.values()) for record in records]


def class_rdm(found: Findings, role: str, layer: str, distance: Distance) -> Array:
    """Returns the condensed RDM of the classes, NaN throughout where the layer is degenerate."""
    try:
        return rdm(found.read[role][layer], distance)
    except DegenerateFeatures:
        classes = len(found.stimuli.class_names)
        return np.full(classes * (classes - 1) // 2, np.nan)
