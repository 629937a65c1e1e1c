"""The tables of a paper: LaTeX for the page (booktabs), CSV with every digit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from prh.export.latex import breakable, escaped, interval, number, p_value, spread
from prh.export.recorded import Recorded
from prh.export.scores import last_and_best, layer_scores, read_table
from prh.export.wording import of_classes

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS, UPRIGHT = 14, 5
"""Columns of a grid of layers: a wider one is CSV alone; from so many on, heads stand on their sides."""
ONE_PAGE = 34
"""Rows of a table that still float; longer ones go on over pages."""
LEFT = r">{\raggedright\arraybackslash}p"
NOTE = r"$^{*}$: exact, all permutations were tried; $\pm$: Monte-Carlo error of $p$"
"""What the caption of a table with p says."""


class Table(NamedTuple):
    """One table of the paper.

    Attributes:
        name: Of its files and, after ``tab:``, its label.
        caption: In LaTeX.
        data: With every digit, for CSV.
        shown: Cells in LaTeX by their heads, in LaTeX too; None of one that no page holds.
        columns: LaTeX's letters for the columns.
        long: Whether it goes on over pages however few its rows are.
    """

    name: str
    caption: str
    data: pd.DataFrame
    shown: pd.DataFrame | None
    columns: str
    long: bool = False

    @property
    def over_pages(self) -> bool:
        """Whether it goes on over pages, and does not float."""
        return self.long or (self.shown is not None and len(self.shown) > ONE_PAGE)

    def latex(self) -> str:
        """Returns it as LaTeX."""
        assert self.shown is not None
        long = self.over_pages
        style: Any = self.shown.style.hide(axis="index")
        text: str = style.to_latex(
            hrules=True,
            environment="longtable" if long else None,
            column_format=self.columns,
            caption=self.caption,
            label=f"tab:{self.name}",
            position=None if long else "tbp",
            position_float=None if long else "centering",
        )
        if long:
            return "{\\footnotesize\n" + text + "}\n"
        return text.replace("\\centering\n", "\\centering\n\\footnotesize\n", 1)

    def write(self, folder: Path) -> None:
        """Writes ``NAME.csv`` and, where a page holds it, ``NAME.tex``."""
        from prh.findings.tables import write_csv

        rows = self.data.astype(object).where(self.data.notna(), "")
        write_csv(folder / f"{self.name}.csv", list(self.data), rows.to_numpy().tolist())
        if self.shown is not None:
            (folder / f"{self.name}.tex").write_text(self.latex(), encoding="utf-8")


def tables(run: Recorded) -> list[Table]:
    """Returns every table that the run has the numbers for; what it lacks is remembered."""
    if not run.jobs:
        found = [_scores(run), _pairs(run, "tables/pairs.csv", "pairs"), *_grids(run), _claims(run)]
    else:
        numbered = sorted(run.files.glob("pairs*.csv"))
        found = [_jobs(run), *(_pairs(run, file.name, file.stem) for file in numbered), _claims(run)]
    return [table for table in found if table is not None]


def _scores(run: Recorded) -> Table | None:
    if (every := layer_scores(run)) is None:
        run.lacking.add("tables/scores.csv")
        return None
    data = last_and_best(every)
    pairs = [f"{_pair(row.a, row.b)}{_rows(run, row.pair)}" for row in data.itertuples()]
    shown = _frame(
        {
            "Encoders": [pair if pair not in pairs[:i] else "" for i, pair in enumerate(pairs)],
            "Layers": [f"{row.which}: {_pair(row.layer_a, row.layer_b)}" for row in data.itertuples()],
            **_numbers(run, data),
        }
    )
    caption = (
        f"Scores of all pairs of encoders{about(run)}. $p$ of best: corrected for having chosen among all "
        f"layers. {NOTE}."
    )
    return Table("scores", caption, data, shown, f"{LEFT}{{1.9in}}{LEFT}{{1.7in}}rrrr")


def about(run: Recorded) -> str:
    """Returns what a caption says of a run, with a comma before: the metric and the stimuli."""
    n, data = run.tags.get("data.n"), run.tags.get("data")
    facts = [run.metric, f"{n} stimuli of {data}" if n and data else ""]
    return "".join(f", {escaped(fact)}" for fact in facts if fact)


def _rows(run: Recorded, pair: str) -> str:
    """Returns what the rows of a pair were where they were not stimuli."""
    if not pair.endswith("_vs_text") or not of_classes(run):
        return ""
    listing = read_table(run, "tables/stimuli.csv", ("class",))
    return " (class centroids)" if listing is None else f" ({listing['class'].nunique()} class centroids)"


def _numbers(run: Recorded, data: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the columns that every table of scores has."""
    rows = list(data.itertuples())
    exact = [str(getattr(row, "exact", row.p_se == 0)) == "True" for row in rows]
    columns = {
        "Score": [number(row.score) for row in rows],
        _level(run): [interval(row.ci_low, row.ci_high) for row in rows],
        "$p$": [p_value(row.p, row.p_se, e) for row, e in zip(rows, exact, strict=True)],
    }
    if "q" in data:
        columns["$q$"] = [p_value(row.q) for row in rows]
    if "null_sd" in data:
        columns["Null"] = [spread(row.null_mean, row.null_sd) for row in rows]
    if "best_crossfit" in data:
        columns["Best layers"] = [number(row.best_crossfit) for row in rows]
    return columns


def _level(run: Recorded) -> str:
    level = (run.jobs[0] if run.jobs else run).params.get("inference.level")
    return "Interval" if level is None else rf"{100 * float(level):.3g}\% interval"


def _pairs(run: Recorded, path: str, name: str) -> Table | None:
    data = read_table(run, path, ("a", "b"))
    if data is None:
        return None
    shown = _frame({"Encoders": [_pair(row.a, row.b) for row in data.itertuples()], **_numbers(run, data)})
    caption = f"All pairs of encoders at their last layers{about(run)}. $q$: false discovery rate. {NOTE}."
    if "Best layers" in shown:
        caption += " Best layers: chosen on other stimuli than scored on."
    return Table(name, caption, data, shown, f"{LEFT}{{2.9in}}" + "r" * (len(shown.columns) - 1))


def _grids(run: Recorded) -> list[Table]:
    """Returns the layers of each pair of encoders against each other, the fewer of them as columns."""
    if (every := layer_scores(run)) is None:
        return []
    found = []
    for pair, own in every.groupby("pair", sort=False):
        if len(own) < 2:
            continue
        a, b = own.iloc[0][["a", "b"]]
        grid = own.pivot(index="layer_a", columns="layer_b", values="score")
        grid = grid.loc[own["layer_a"].unique(), own["layer_b"].unique()]
        down, across = a, b
        if len(grid.columns) > len(grid):
            grid, down, across = grid.T, b, a
        data = grid.rename_axis(None, axis=1).reset_index(names="layer")
        caption = (
            f"Scores of the layers of {escaped(down)} (rows) with those of {escaped(across)} (columns)"
            f"{about(run)}. Bold: the best."
        )
        shown = _grid_cells(grid) if len(grid.columns) <= MOST_COLUMNS else None
        found.append(Table(f"layers_{pair}", caption, data, shown, "l" + "r" * len(grid.columns)))
    return found


def _grid_cells(grid: pd.DataFrame) -> pd.DataFrame:
    best = grid.max().max()
    cells = grid.map(lambda v: rf"$\mathbf{{{v:.3f}}}$" if v == best else number(v))
    turned = r"\rotatebox{{90}}{{{}}}" if len(grid.columns) > UPRIGHT else "{}"
    columns = {turned.format(escaped(str(name))): list(cells[name]) for name in cells}
    return _frame({"": [escaped(str(name)) for name in cells.index], **columns})


def _claims(run: Recorded) -> Table | None:
    data = read_table(run, "study/claims.csv", ("number", "claim", "where", "verdict", "measured", "rule"))
    if data is None:
        return None
    keys = [key for key in run.swept if key in data]
    told = {"number": "", "claim": "Claim", "where": "Where", "verdict": "Verdict", "measured": "Measured"}
    shown = _frame({head: [_words(v) for v in data[name]] for name, head in told.items()})
    for key in reversed(keys):
        shown.insert(1, escaped(key), [escaped(str(value)) for value in data[key]])
    columns = "l" * (1 + len(keys)) + "".join(f"{LEFT}{{{w}in}}" for w in (1.8, 1.3, 0.8, 1.9))
    caption = (
        "Claims of the study, each with its verdict and the number behind it; the rules stand in claims.csv."
    )
    return Table("claims", caption, data, shown, columns, long=True)


def _jobs(run: Recorded) -> Table | None:
    data = read_table(run, "jobs.csv", ("pair", "which", "layers", *run.swept))
    if data is None:
        run.lacking.add("summary/jobs.csv")
        return None
    columns = ["pair", "which", "layers", "score", "ci_low", "ci_high", "p", "p_corrected", "p_se", "q"]
    data = data.loc[data["score"].notna(), [*run.swept, *(c for c in columns if c in data)]]
    last = data[data["which"] == "last"]
    shown = _frame(
        {
            **{escaped(key): [escaped(value) for value in last[key]] for key in run.swept},
            "Encoders": [escaped(pair.replace("_vs_", " × ")) for pair in last["pair"]],
            **_numbers(run, last),
        }
    )
    caption = f"Scores of the last layers in every job. $q$: false discovery rate over all jobs. {NOTE}."
    return Table("jobs", caption, data, shown, "l" * (len(run.swept) + 1) + "rrrr")


def _frame(columns: dict[str, list[str]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns)


def _pair(a: str, b: str) -> str:
    return rf"{breakable(a)} $\times$ {breakable(b)}"


def _words(text: object) -> str:
    """Returns a cell of words; numbers in it have a minus that is one, long names may be broken."""
    words = re.sub(r"(?<![\w.])-(?=\d)", "−", str(text)).split(" ")
    return " ".join(breakable(word) if len(word) > 20 else escaped(word) for word in words)
