"""The files of a run's findings: matrices and tables under its output folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from prh.findings.cast import Cast
from prh.findings.comparison import write_scores
from prh.findings.findings import Findings, class_rdm
from prh.findings.tables import columns_and_rows, write_csv, write_rdm
from prh.ground.files import written_whole
from prh.similarity.distances import Distance


def write(found: Findings, output: Path) -> None:
    """Writes the grids, the table of scores, the list of stimuli and, without captions, all class RDMs."""
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
        _write_class_rdms(found, output)


def _write_pairs(cast: Cast, output: Path) -> None:
    """Writes all pairs as a table, as arrays, and as the table that the MLflow UI shows."""
    columns, rows = columns_and_rows(cast.rows())
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


def _write_class_rdms(found: Findings, output: Path) -> None:
    stimuli = found.stimuli
    for role in found.read:
        distance: Distance = "cosine" if role == "text" else found.asked.metric.geometry
        rdms: dict[str, Any] = {layer: class_rdm(found, role, layer, distance) for layer in found.read[role]}
        whole = output / "matrices" / f"class_rdms_{role}.npz"
        with written_whole(whole) as part, part.open("wb") as stream:
            np.savez(stream, classes=list(stimuli.class_names), **rdms)
        last = rdms[found.read[role].last]
        write_rdm(output / "matrices" / f"class_rdm_{role}_last.csv", last, stimuli.class_names)
