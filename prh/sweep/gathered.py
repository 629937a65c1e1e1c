"""What the jobs of a sweep say of a study's claims, gathered."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from prh.report.page import Section

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

TABLES = ("claims", "claims_by_layer")


@dataclass
class GatheredStudy:
    """Claims of all jobs, and the figures that each drew.

    Attributes:
        folder: Where they are written.
        varied: The swept keys, columns of every table.
        tables: All jobs' claims, and the numbers behind them, by name.
        drawn: Caption to file.
    """

    folder: Path
    varied: list[str]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    drawn: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, client: MlflowClient, children: list[Run], varied: list[str], folder: Path) -> GatheredStudy:
        """Fetches what each job has recorded of the study; one that broke off may have a part of it."""
        import pandas as pd

        gathered = cls(folder, varied)
        found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
        for run in children:
            if not client.list_artifacts(run.info.run_id, "study"):
                continue
            job = {key: run.data.tags.get(f"sweep.{key}", "") for key in varied}
            with tempfile.TemporaryDirectory() as scratch:
                own = Path(client.download_artifacts(run.info.run_id, "study", scratch))
                for name in (name for name in TABLES if (own / f"{name}.csv").exists()):
                    with suppress(ValueError):  # an upload that broke off
                        table = pd.read_csv(own / f"{name}.csv", keep_default_na=False, dtype=str)
                        found[name].append(table.assign(**job))
                gathered._keep_figures(own, ", ".join(f"{key}={value}" for key, value in job.items()))
        gathered.tables = {name: gathered._sorted(tables) for name, tables in found.items() if tables}
        return gathered

    def _keep_figures(self, own: Path, job: str) -> None:
        """Keeps a job's figures; of several jobs that drew one of the same name, each has a number."""
        for path in sorted(own.glob("*.png")):
            self.folder.mkdir(exist_ok=True)
            same = sum(1 for kept in self.drawn.values() if kept.stem.split("-")[0] == path.stem)
            name = f"{path.stem}-{same + 1}" if same else path.stem
            for kind in (".png", ".svg"):
                if path.with_suffix(kind).exists():
                    shutil.copy(path.with_suffix(kind), self.folder / f"{name}{kind}")
            self.drawn[f"{path.stem}, {job}" if job else path.stem] = self.folder / f"{name}.png"

    def _sorted(self, tables: list[pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        from prh.study.claim import order

        whole = pd.concat(tables).sort_values("number", key=lambda n: n.map(order), kind="stable")
        return whole[[*self.varied, *(column for column in whole if column not in self.varied)]]

    def write(self) -> None:
        """Writes the tables."""
        for name, table in self.tables.items():
            self.folder.mkdir(exist_ok=True)
            table.to_csv(self.folder / f"{name}.csv", index=False)

    def sections(self) -> list[Section]:
        """Returns claims and figures as parts of a report."""
        from prh.study import tally

        if "claims" not in self.tables:
            return []
        claims = self.tables["claims"]
        rows, said = claims.values.tolist(), tally(claims["verdict"])
        sections = [Section("Claims of the study", list(claims), rows, text=said)]
        drawn = dict(sorted(self.drawn.items()))
        return [*sections, Section("Figures of the study", figures=drawn)] if drawn else sections
