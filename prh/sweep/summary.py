"""What is said of a sweep: tables, figures, a report and a note, whatever single jobs may lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.findings.tables import as_text
from prh.ground.numbers import short
from prh.report.page import Section, html
from prh.sweep.answer import answer
from prh.sweep.encoders import Together, all_encoders
from prh.sweep.facts import compared, in_one_line, made
from prh.sweep.gathered import GatheredStudy
from prh.sweep.jobs import CHILD_OF

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

REPLICATES = "seed"
"""The axis whose runs figures show as one point each, about their mean."""
SHOWN = (
    *("pair", "which", "layers", "score", "ci_low", "ci_high"),
    *("p", "p_corrected", "p_se", "q", "null_mean", "calibrated"),
)
P_VALUES = (
    "p: of the last layers; p_corrected: of the best, for having chosen them; p_se: by how much either may "
    "be off, 0 where exact; q: the false discovery rate of a score among all of this table."
)
DPI = 200


@dataclass
class Sweep:
    """A sweep's jobs, and what is written of them.

    Attributes:
        client: Of the database that holds them.
        parent: The parent run.
        children: Its jobs.
        folder: Where files are written.
        table: One row per job, pair of encoders and choice of layers; see :func:`prh.tracking.runs.tidy`.
        varied: The swept keys with more than one value, first to last.
        counts: How many jobs there are by status.
        failures: The error of each job that failed, by name.
        figures: Caption to file of what has been drawn.
        undrawn: A line for each figure that could not be.
        together: All encoders of all jobs with each other, by stimuli and metric.
    """

    client: MlflowClient
    parent: Run
    children: list[Run]
    folder: Path
    table: pd.DataFrame
    varied: list[str]
    counts: dict[str, int]
    failures: dict[str, str]
    figures: dict[str, Path] = field(default_factory=dict)
    undrawn: list[str] = field(default_factory=list)
    together: list[Together] = field(default_factory=list)

    @classmethod
    def of(cls, client: MlflowClient, parent: Run, children: list[Run], never: int, folder: Path) -> Sweep:
        """Reads a sweep; ``never`` jobs were not even started."""
        from prh.sweep.jobs import SWEPT
        from prh.tracking.runs import discovered, tidy

        table = discovered(tidy(children))
        swept = [key for key in parent.data.tags.get(SWEPT, "").split(",") if key in table]
        varied = [key for key in swept if table[key].nunique(dropna=False) > 1]
        jobs = table.groupby("status")["run_id"].nunique()
        counts = {str(status): int(count) for status, count in jobs.items()}
        counts |= {"NEVER STARTED": never} if never > 0 else {}
        failures: dict[str, str] = {}
        for run in children:
            if run.info.status == "FAILED":
                name = str(run.info.run_name)
                name += f" ({run.info.run_id[:8]})" if name in failures else ""
                failures[name] = run.data.tags.get("error", "")
        return cls(client, parent, children, folder, table, varied, counts, failures)

    @property
    def axes(self) -> list[str]:
        """What tells conditions apart: the varied keys but the seed, or the seed where it alone varies."""
        return [key for key in self.varied if key != REPLICATES] or self.varied

    @property
    def style(self) -> str:
        """The look that the figures of the jobs have, or of the first; runs of old versions name none."""
        from prh.figures.themes import THEMES

        named = (str(run.data.params.get("figures.style")) for run in self.children)
        return next((style for style in named if style in THEMES), "paper")

    @property
    def scores(self) -> pd.DataFrame:
        """The rows of the last layers that have a score."""
        return self.table[(self.table["which"] == "last") & self.table["score"].notna()]

    @property
    def in_words(self) -> str:
        """How many jobs ended how, and how many of them an earlier sweep had recorded."""
        if not self.counts:
            return "no jobs"
        jobs = ", ".join(f"{count} {status.lower()}" for status, count in self.counts.items())
        before = sum(run.data.tags.get(CHILD_OF) != self.parent.info.run_id for run in self.children)
        said = f"; {before} of them recorded before" if before else ""
        return f"{sum(self.counts.values())} jobs: {jobs}{said}"

    def write_tables(self) -> None:
        """Writes all jobs as tables."""
        self.table.map(as_text).to_csv(self.folder / "jobs.csv", index=False)
        self.table.to_parquet(self.folder / "jobs.parquet", index=False)

    def write_figures(self) -> None:
        """Draws what there is to draw; a figure that fails leaves a line in ``undrawn``."""
        from prh.figures.scale import alignment_by_quality, has_scale
        from prh.figures.sweep import depth_of_all, sweep_scores

        self._draw_encoders()
        scores, axes = self.scores, self.axes
        if len(scores) and axes:
            caption = "Scores of the last layers. Dotted or gray: what 5% of permutations exceed."
            self._draw("scores", caption, partial(sweep_scores, scores, axes))
        to_text = scores[scores["pair"] == "model_vs_text"]
        if has_scale(to_text):
            caption = "Likeness to the text model against the size and quality of the vision model."
            self._draw("scale", caption, partial(alignment_by_quality, to_text, axes))
        layers = self._layers()
        if len(layers):
            names = list(dict.fromkeys(layers["run"]))
            caption = "Scores against the other side's last layer, by depth."
            self._draw("depth", caption, partial(depth_of_all, layers, names))

    def _draw_encoders(self) -> None:
        """Draws all encoders of all jobs with each other, where they share stimuli and metric."""
        from prh.figures.plan import of_cast
        from prh.report.captions import OF_MANY

        self.together, lost = all_encoders(self.client, self.children)
        self.undrawn += lost
        for number, one in enumerate(self.together, 1):
            end = f"_{number}" if number > 1 else ""
            one.write(self.folder / f"pairs{end}.csv")
            for name, figure in of_cast(one.cast, one.shown, one.metric).items():
                caption = f"{OF_MANY[name]}: {one.shown}, {one.metric}"
                self._draw(f"{name}{end}", caption, figure)

    def _draw(self, name: str, caption: str, figure: Callable[[], Figure]) -> None:
        from prh.figures import save
        from prh.figures.style import KINDS, drawn_in

        path = self.folder / "figures" / name
        try:
            with drawn_in(self.style):
                save(figure(), path, DPI)
        except Exception as error:  # of whatever kind: one figure is not worth a sweep's summary
            self.undrawn.append(f"figure {name} could not be drawn ({type(error).__name__}: {error})")
            for kind in KINDS:
                path.with_suffix(kind).unlink(missing_ok=True)
        else:
            self.figures[caption] = path.with_suffix(".png")

    def _layers(self) -> pd.DataFrame:
        """Returns every job's scores by depth, against the last layer of the other side."""
        import pandas as pd

        from prh.tracking.runs import PAIRS

        first = self.table.drop_duplicates("run_id").set_index("run_id")
        rows: list[dict[str, Any]] = []
        for run in self.children:
            facts = first.loc[run.info.run_id]
            name = ", ".join(f"{axis}={facts[axis]}" for axis in self.axes) or run.info.run_name
            for pair in PAIRS:
                if f"{pair}.by_layer" not in run.data.metrics:
                    continue
                history = self.client.get_metric_history(run.info.run_id, f"{pair}.by_layer")
                if len(history) < 2:
                    continue  # one layer has no depth
                steps = max(point.step for point in history)
                rows += [
                    {"run": name, "pair": pair, "depth": round(point.step / steps, 6), "score": point.value}
                    for point in history
                ]
        return pd.DataFrame(rows)

    def write_report(self) -> None:
        """Writes what the jobs say of a study, and everything as one page."""
        rows = self.table[self.table["score"].notna()]
        study = GatheredStudy.of(self.client, self.children, self.varied, self.folder / "study")
        study.write()
        sections = study.sections()
        if self.figures or self.undrawn:
            missing = " ".join(f"{line[0].upper()}{line[1:]}." for line in self.undrawn)
            sections.insert(0, Section("At a glance", figures=self.figures, text=missing))
        if len(rows):
            columns = [*self.varied, *SHOWN]
            sections += [one.section() for one in self.together]
            sections.append(Section("All jobs", columns, rows[columns].values.tolist(), text=P_VALUES))
        if self.failures:
            sections.append(Section("Failed", ["job", "error"], list(self.failures.items())))
        facts = compared(self.table)
        said = answer(self.scores, self.axes, study)
        title = study.title or str(self.parent.info.run_name)
        page = html(title, self.in_words, sections, said, facts | made(self.parent))
        (self.folder / "report.html").write_text(page, encoding="utf-8")

    def note(self) -> str:
        """Returns the parent's description in the MLflow UI: how it ended, and scores of the last layers."""
        from prh.inference.score import p_text

        lines = [self.in_words, "", in_one_line(compared(self.table))]
        lines += [f"\n**{name} failed**: {error}" for name, error in self.failures.items()]
        lines += [f"\n{line}" for line in self.undrawn]
        lines += [f"\n{sentence}" for one in self.together for sentence in one.cast.sentences()]
        last = self.scores.head(60)
        if len(last):
            p = [
                p_text(value, error, exact=error == 0)
                for value, error in zip(last["p"], last["p_se"], strict=True)
            ]
            columns = [*self.varied, "pair", "score", "ci_low", "ci_high", "p", "q"]
            lines += ["", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
            for row in last.assign(p=p)[columns].values.tolist():
                cells = [short(value) if isinstance(value, float) else str(value) for value in row]
                lines.append("| " + " | ".join(cells) + " |")
        return "\n".join([*lines, "", "Figures, table and report.html: artifacts, summary/"])
