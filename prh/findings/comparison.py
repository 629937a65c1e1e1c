"""Two encoders compared layer by layer, as metrics, table rows and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from prh.findings.remarks import remarks
from prh.findings.tables import columns_and_rows, write_csv
from prh.ground.files import written_whole
from prh.ground.numbers import interval, number, significant
from prh.inference.layer_grid import LayerGrid
from prh.inference.score import Score, p_text

TABLE_COLUMNS = ["layers", "score", "95% interval", "p", "null"]
TABLE_CAPTION = (
    "p of best: corrected for choosing the best of all layers; ±: how far other permutations might move p, "
    "exact: all were tried"
)


@dataclass(frozen=True)
class Comparison:
    """Two encoders compared layer by layer.

    Attributes:
        pair: ``model_vs_reference``, ``model_vs_text`` or ``reference_vs_text``: its name in MLflow.
        a: Encoder of the grid's rows.
        b: Encoder of the grid's columns.
        rows: What was paired, e.g. ``1000 stimuli`` or ``10 class centroids``.
        grid: The judged scores.
        further: Numbers of this pair beyond the grid, by the name they have in MLflow after ``<pair>.``,
            e.g. ``best.crossfit`` or ``last.beyond_pixels.ci_low``.
        measured: Numbers of one's own about the last layers, by name.
    """

    pair: str
    a: str
    b: str
    rows: str
    grid: LayerGrid
    further: dict[str, float] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Names the two encoders and what was paired."""
        return f"{self.a} × {self.b}, {self.rows}"

    def metrics(self) -> list[tuple[str, float, int]]:
        """Returns (name, value, step), named alike in every run."""
        grid, last = self.grid, self.grid.last
        found = [
            (f"{self.pair}.by_layer", float(score), step) for step, score in enumerate(grid.scores[:, -1])
        ]
        for name, value in (
            ("score", last.value),
            ("p", last.p),
            ("p_se", last.p_se),
            ("ci_low", last.ci_low),
            ("ci_high", last.ci_high),
            ("null_mean", last.null_mean),
            ("critical", last.critical),
            ("calibrated", last.calibrated),
        ):
            found.append((f"{self.pair}.last.{name}", value, 0))
        if (best := grid.best_at) is not None:
            found.append((f"{self.pair}.best.score", float(grid.scores[best]), 0))
            found.append((f"{self.pair}.best.p", float(grid.p_corrected[best]), 0))
            found.append((f"{self.pair}.best.p_se", float(grid.p_corrected_se[best]), 0))
            found.append((f"{self.pair}.best.ci_low", float(grid.ci_low[best]), 0))
            found.append((f"{self.pair}.best.ci_high", float(grid.ci_high[best]), 0))
        found += [(f"{self.pair}.last.{name}", value, 0) for name, value in self.measured.items()]
        return found + [(f"{self.pair}.{name}", value, 0) for name, value in self.further.items()]

    def tags(self) -> dict[str, str]:
        """Returns the names of the layers that ``last`` and ``best`` speak of."""
        tags = {f"{self.pair}.last.layers": f"{self.grid.a[-1]} × {self.grid.b[-1]}"}
        if (best := self.grid.best_at) is not None:
            tags[f"{self.pair}.best.layers"] = f"{self.grid.a[best[0]]} × {self.grid.b[best[1]]}"
        return tags

    def table_rows(self) -> list[list[str]]:
        """Returns the last and the best pair of layers as a person reads them, and what explains the last."""
        grid = self.grid
        last = len(grid.a) - 1, len(grid.b) - 1
        rows = [self._row("last", last, grid.cell(*last))]
        for kind in ("classes", "groups"):
            if (share := self.further.get(f"last.explained_by_{kind}")) is not None:
                rows.append([f"of it explained by {kind}", f"{share:.0%}", "", "", ""])
        if (best := grid.best_at) is not None and grid.scores.size > 1:
            rows.append(self._row("best", best, grid.corrected(*best)))
        return rows

    def remarks(self) -> list[str]:
        """Returns what else is known of the last and the best pair of layers, a sentence each."""
        own = [
            f"last, {name.replace('_', ' ')}: {significant(value, 4)}"
            for name, value in self.measured.items()
        ]
        return remarks(self.further, self.grid.last) + own

    def _row(self, which: str, at: tuple[int, int], score: Score) -> list[str]:
        if np.isnan(score.value):
            numbers = ["n/a"] * 4
        elif np.isnan(score.p):
            numbers = [number(score.value), "–", "–", "–"]
        else:
            numbers = [
                number(score.value),
                interval(score.ci_low, score.ci_high),
                p_text(score.p, score.p_se, score.exact),
                f"{number(score.null_mean)} ± {number(score.null_sd)}",
            ]
        across = f" × {self.grid.b[at[1]]}" if len(self.grid.b) > 1 else ""
        return [f"{which}: {self.grid.a[at[0]]}{across}", *numbers]

    def write(self, folder: Path) -> None:
        """Writes ``<pair>.npz``, the whole grid, and ``<pair>.csv``, its scores with layer names."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in asdict(self.grid).items()}
        with written_whole(folder / f"{self.pair}.npz") as part, part.open("wb") as stream:
            np.savez(stream, **arrays)
        rows = [
            [name, *map(float, scores)] for name, scores in zip(self.grid.a, self.grid.scores, strict=True)
        ]
        write_csv(folder / f"{self.pair}.csv", [f"{self.a} \\ {self.b}", *self.grid.b], rows)


def score_records(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Returns every pair of layers of every comparison as one flat record."""
    return [{"pair": c.pair, "a": c.a, "b": c.b, **row} for c in comparisons for row in c.grid.rows()]


def write_scores(path: Path, comparisons: Sequence[Comparison]) -> None:
    """Writes every pair of layers of every comparison as one row of a CSV table."""
    write_csv(path, *columns_and_rows(score_records(comparisons)))
