"""Sums a sweep up on its parent run: a table of all jobs, figures, a report.

    python -m prh.sweep PARENT_RUN_ID

A multirun does this by itself when it ends; by hand it is for one that was killed, or to draw it anew.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.errors import PrhError
from prh.terminal import Terminal

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

    from prh.report import Section

DEFAULT_URI = "sqlite:///mlruns/mlflow.db"
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


@contextmanager
def closing(terminal: Terminal) -> Iterator[None]:
    """Closes the parent run of a multirun, if one is opened in here, however its jobs end."""
    from prh.tracking.parent import KEYS, PARENT, URI

    interrupted = False
    try:
        yield
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        parent, uri = os.environ.pop(PARENT, None), os.environ.pop(URI, "")
        os.environ.pop(KEYS, None)
        if parent:
            with terminal.progress("Summing up the sweep", 0, ""):
                status = close(uri, parent, interrupted)
            terminal.say(f"Sweep    {status}, summary/report.html among the artifacts of run {parent}")


def close(uri: str, parent_id: str, interrupted: bool) -> str:
    """Ends a parent run as its jobs ended, and sums them up.

    Returns:
        The parent's status: FINISHED, FAILED where a job is not, KILLED where the sweep was interrupted.
    """
    client, parent = _parent(uri, parent_id)
    children = _children(client, parent)
    whole = children and all(run.info.status == "FINISHED" for run in children)
    status = "KILLED" if interrupted else "FINISHED" if whole else "FAILED"
    try:
        summarise(uri, parent_id)
    finally:
        client.set_terminated(parent_id, status)
    return status


def summarise(uri: str, parent_id: str) -> dict[str, Any]:
    """Writes table, figures and report of a sweep and records them on its parent run.

    Returns:
        How many jobs there are by status, and the error of each that failed by name.

    Raises:
        PrhError: There is no such run.
    """
    from prh.tracking.parent import JOBS, SWEPT
    from prh.tracking.runs import bury_the_dead, discovered, tidy

    client, parent = _parent(uri, parent_id)
    bury_the_dead(client, parent.info.experiment_id)
    children = _children(client, parent)
    table = discovered(tidy(children))
    swept = [key for key in parent.data.tags.get(SWEPT, "").split(",") if key]
    failures = {
        run.info.run_name: run.data.tags.get("error", "") for run in children if run.info.status == "FAILED"
    }
    counts = (
        {str(k): int(v) for k, v in table.groupby("status")["run_id"].nunique().items()} if len(table) else {}
    )
    never = int(parent.data.tags.get(JOBS, len(children))) - len(children)
    counts |= {"NEVER STARTED": never} if never > 0 else {}
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), client, parent, children, table, swept, failures, counts)
        client.log_artifacts(parent_id, folder, "summary")
    client.set_tag(parent_id, "mlflow.note.content", _note(table, swept, counts, failures))
    if failures:
        client.set_tag(
            parent_id, "failed", "; ".join(f"{name}: {why}" for name, why in failures.items())[:8000]
        )
    for status, count in counts.items():
        client.log_metric(parent_id, f"jobs.{status.lower().replace(' ', '_')}", count)
    return {"counts": counts, "failures": failures}


def _parent(uri: str, parent_id: str) -> tuple[MlflowClient, Run]:
    from mlflow.exceptions import MlflowException

    from prh.tracking.database import absolute_uri, open_database

    client, _ = open_database(absolute_uri(uri), "prh")
    try:
        return client, client.get_run(parent_id)
    except MlflowException as error:
        raise PrhError(f"{uri} holds no run {parent_id}; copy the parent's id from the MLflow UI") from error


def _children(client: MlflowClient, parent: Run) -> list[Run]:
    from prh.tracking.runs import search

    condition = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    return search(client, parent.info.experiment_id, condition)


def _write(
    folder: Path,
    client: MlflowClient,
    parent: Run,
    children: list[Run],
    table: pd.DataFrame,
    swept: list[str],
    failures: dict[str, str],
    counts: dict[str, int],
) -> None:
    from prh.figures import save
    from prh.figures.scale import alignment_by_quality, has_scale
    from prh.figures.sweep import depth_of_all, sweep_scores
    from prh.report import Section, html
    from prh.results import as_text

    table.map(as_text).to_csv(folder / "jobs.csv", index=False)
    table.to_parquet(folder / "jobs.parquet", index=False)
    figures: dict[str, Path] = {}
    varied = [key for key in swept if key in table and table[key].nunique() > 1]
    last = table[table["which"] == "last"] if "which" in table else table[:0]
    axes = [key for key in varied if key != REPLICATES] or varied
    if len(last) and axes:
        save(sweep_scores(last, axes), folder / "figures" / "scores", 200)
        figures["Scores of the last layers. Dotted or gray: what 5% of permutations exceed."] = (
            folder / "figures" / "scores.png"
        )
    to_text = last[last["pair"] == "model_vs_text"] if len(last) else last
    if len(to_text) and has_scale(to_text):
        save(alignment_by_quality(to_text), folder / "figures" / "scale", 200)
        caption = "Likeness to the text model against the size and quality of the vision model."
        figures[caption] = folder / "figures" / "scale.png"
    layers = _layers(client, children, [key for key in axes if key in table])
    if len(layers):
        names = list(dict.fromkeys(layers["run"]))
        save(depth_of_all(layers, names), folder / "figures" / "depth", 200)
        figures["Scores against the other side's last layer, by depth."] = folder / "figures" / "depth.png"
    shown = [*varied, *SHOWN] if len(last) else []
    sections = _study(client, children, varied, folder / "study")
    if figures:
        sections.insert(0, Section("At a glance", figures=figures))
    if len(last):
        rows = table[table["score"].notna()][shown].values.tolist()
        sections.append(Section("All jobs", shown, rows, text=P_VALUES))
    if failures:
        sections.append(Section("Failed", ["job", "error"], list(failures.items())))
    lead = f"{_in_words(counts)}; {parent.data.tags.get('command', '')}"
    (folder / "report.html").write_text(html(parent.info.run_name, lead, sections), encoding="utf-8")


def _layers(client: MlflowClient, children: list[Run], axes: list[str]) -> pd.DataFrame:
    """Returns every finished job's scores by depth, against the last layer of the other side."""
    import pandas as pd

    from prh.tracking.runs import PAIRS

    rows: list[dict[str, Any]] = []
    for run in children:
        config = {**run.data.params, **{k.removeprefix("sweep."): v for k, v in run.data.tags.items()}}
        name = ", ".join(f"{axis}={config.get(axis, '')}" for axis in axes) or run.info.run_name
        for pair in PAIRS:
            history = client.get_metric_history(run.info.run_id, f"{pair}.by_layer")
            steps = max((point.step for point in history), default=0) or 1
            rows += [
                {"run": name, "pair": pair, "depth": round(point.step / steps, 6), "score": point.value}
                for point in history
            ]
    if not rows:
        return pd.DataFrame(rows)
    # Replicates are one line: their mean.
    return pd.DataFrame(rows).groupby(["run", "pair", "depth"], sort=False, as_index=False)["score"].mean()


def _study(client: MlflowClient, children: list[Run], varied: list[str], folder: Path) -> list[Section]:
    """Gathers what the jobs say of a study's claims, and its figures, each from the job that drew it."""
    import pandas as pd

    from prh.report import Section
    from prh.study import tally
    from prh.study.claim import order

    tables: dict[str, list[pd.DataFrame]] = {"claims": [], "claims_by_layer": []}
    for run in children:
        if not client.list_artifacts(run.info.run_id, "study"):
            continue
        folder.mkdir(exist_ok=True)
        client.download_artifacts(run.info.run_id, "study", str(folder.parent))
        job = {key: run.data.tags.get(f"sweep.{key}", "") for key in varied}
        for name, found in tables.items():
            table = pd.read_csv(folder / f"{name}.csv", keep_default_na=False, dtype={"number": str})
            found.append(table.assign(**job))
    if not tables["claims"]:
        return []
    for name, found in tables.items():
        table = pd.concat(found).sort_values("number", key=lambda n: n.map(order), kind="stable")
        table[[*varied, *(column for column in table if column not in varied)]].to_csv(
            folder / f"{name}.csv", index=False
        )
    claims = pd.read_csv(folder / "claims.csv", keep_default_na=False, dtype=str)
    sections = [
        Section("Claims of the study", list(claims), claims.values.tolist(), text=tally(claims["verdict"]))
    ]
    drawn = {path.stem: path for path in sorted(folder.glob("*.png"))}
    return [*sections, Section("Figures of the study", figures=drawn)] if drawn else sections


def _note(table: pd.DataFrame, swept: list[str], counts: dict[str, int], failures: dict[str, str]) -> str:
    """Returns the parent's description in the MLflow UI: how it ended, and the scores of the last layers."""
    from prh.inference.score import p_text

    lines = [_in_words(counts)]
    lines += [f"\n**{name} failed**: {error}" for name, error in failures.items()]
    if "which" in table:
        last = table[table["which"] == "last"].head(60)
        p = [
            p_text(value, error, exact=error == 0)
            for value, error in zip(last["p"], last["p_se"], strict=True)
        ]
        columns = [*(key for key in swept if key in table), "pair", "score", "ci_low", "ci_high", "p", "q"]
        lines += ["", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
        for row in last.assign(p=p)[columns].values.tolist():
            cells = [f"{value:.3f}" if isinstance(value, float) else str(value) for value in row]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", "Figures, table and report.html: artifacts, summary/"])


def _in_words(counts: dict[str, int]) -> str:
    jobs = ", ".join(f"{count} {status.lower()}" for status, count in counts.items())
    return f"{sum(counts.values())} jobs: {jobs}" if jobs else "no jobs"


def main() -> None:
    """Sums up one sweep from the command line."""
    parser = argparse.ArgumentParser(prog="python -m prh.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("parent", metavar="PARENT_RUN_ID", help="the sweep's parent run, from the MLflow UI")
    parser.add_argument("--uri", default=DEFAULT_URI, help="MLflow tracking URI (%(default)s)")
    asked = parser.parse_args()
    terminal = Terminal()
    try:
        found = summarise(asked.uri, asked.parent)
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)
    terminal.say(_in_words(found["counts"]))
    for name, reason in found["failures"].items():
        terminal.say(f"{name} failed: {reason}")
    terminal.say("Summary  artifacts of the parent run, summary/report.html")


if __name__ == "__main__":
    main()
