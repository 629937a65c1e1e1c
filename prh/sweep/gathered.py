"""What the jobs of a sweep say of a study's claims, gathered."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from prh.report.claims import Judged, claims_section, figure_caption
from prh.report.page import Section
from prh.study import Claim, Part, Told

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
        told: What each job says of the study itself.
    """

    folder: Path
    varied: list[str]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    drawn: dict[str, Path] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

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
                told = Told.read(own)
                gathered.told += [told] if told else []
                gathered._keep_figures(own, ", ".join(f"{key}={value}" for key, value in job.items()), told)
        gathered.tables = {name: gathered._sorted(tables) for name, tables in found.items() if tables}
        gathered.drawn = dict(sorted(gathered.drawn.items(), key=lambda one: one[1].name))
        return gathered

    def _keep_figures(self, own: Path, job: str, told: Told | None) -> None:
        """Keeps a job's figures; of several jobs that drew one of the same name, each has a number."""
        for path in sorted(own.glob("*.png")):
            self.folder.mkdir(exist_ok=True)
            same = sum(1 for kept in self.drawn.values() if kept.stem.split("-")[0] == path.stem)
            name = f"{path.stem}-{same + 1}" if same else path.stem
            for drawn in own.glob(f"{path.stem}.*"):
                shutil.copy(drawn, self.folder / f"{name}{drawn.suffix}")
            caption = figure_caption(path.stem, told)
            self.drawn[f"{caption}, {job}" if job else caption] = self.folder / f"{name}.png"

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

    def judged(self) -> list[Judged]:
        """Returns every job's claims, in the study's order."""
        rows = self.tables["claims"].to_dict("records") if "claims" in self.tables else []
        numbers = (
            self.tables["claims_by_layer"].to_dict("records") if "claims_by_layer" in self.tables else []
        )
        behind: dict[tuple[str, ...], list[Part]] = {}
        for row in numbers:
            part = Part(row["what"], *(float(row[end]) for end in ("value", "low", "high")))
            behind.setdefault((*self._job(row), row["number"]), []).append(part)
        names = ("number", "claim", "where", "verdict", "measured", "rule")
        return [
            Judged(
                ", ".join(self._job(row)),
                Claim(
                    **{name: row[name] for name in names},
                    parts=behind.get((*self._job(row), row["number"]), ()),
                ),
            )
            for row in rows
        ]

    def _job(self, row: dict[str, str]) -> tuple[str, ...]:
        return tuple(row[key] for key in self.varied)

    @property
    def title(self) -> str:
        """What a page is called that is about this study: its title, and the networks really used."""
        if not self.told:
            return ""
        networks = dict.fromkeys(name for told in self.told for name in told.networks.values())
        return f"{self.told[0].title}: {', '.join(networks)}"

    def sections(self) -> list[Section]:
        """Returns claims and figures as parts of a report."""
        if "claims" not in self.tables:
            return []
        sections = [claims_section(self.judged(), self.told)]
        if self.drawn:
            sections.append(Section("The study's figures, by its own numbers", figures=self.drawn))
        return sections
