"""A published study's sentences as numbers with verdicts, and its figures by the names it gave them.

What counts as a claim being true is written beside each number, so that a reader may disagree.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass as plain_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS, Settings
from prh.inference.bootstrap import bootstrap_counts, interval
from prh.inference.score import p_text
from prh.results import write_csv
from prh.similarity import rsa, stimulus_scores
from prh.similarity.arrays import Array
from prh.similarity.rdm import Distance

if TYPE_CHECKING:
    from prh.experiment import Findings

HOLDS, FAILS, OPEN, SILENT = "holds", "does not hold", "undecided", "not applicable"
SHOWN = 2000
"""Clusters and second distances are looked at in the first so many stimuli."""


@plain_dataclass(frozen=True)
class Claim:
    """One sentence, tested.

    Attributes:
        claim: What the study says.
        where: The network and layer, where it speaks of several.
        measured: The number behind the verdict, in words.
        rule: When it counts as true.
        verdict: ``holds``, ``does not hold``, ``undecided`` or ``not applicable``.
    """

    claim: str
    where: str
    measured: str
    rule: str
    verdict: str

    def record(self) -> dict[str, str]:
        """Returns it as a row of a table, the verdict where it is seen."""
        return {name: getattr(self, name) for name in ("claim", "where", "verdict", "measured", "rule")}


@dataclass(frozen=True, config=SETTINGS)
class Study:
    """What a study says, in this project's names.

    Attributes:
        group: Class names that are said to separate from all others.
        middle: Stages of the model that are said to cluster best.
        last_stage: Stage of the model that is said to cluster worse than those.
        pooled: Layer of the model that is said to cluster better than ``last_stage``.
        early: Layers of the reference that are said to be closer to the model than its ``late`` one.
        late: The reference's last layer.
        lowest: By distance, the model's layer that is said to be least like ``late``.
        rsa: The score that the study reports for reference × text.
        tolerance: How far from it a score still is "about" it.
        outlier: The class that is said to spoil the agreement with the text.
        figures: By distance, the study's name of a figure and ours.
    """

    group: list[str]
    middle: list[str]
    last_stage: str
    pooled: str
    early: list[str]
    late: str
    lowest: dict[str, str]
    rsa: float
    tolerance: float
    outlier: str
    figures: dict[str, dict[str, str]]

    def claims(self, found: Findings, settings: Settings) -> list[Claim]:
        """Tests every claim; one that speaks of a layer or class that this run lacks is not applicable."""
        tests: list[Callable[[Findings, Settings], Iterator[Claim]]] = [
            self._group_separates,
            partial(self._clusters_better, better=self.middle, worse=self.last_stage),
            partial(self._clusters_better, better=[self.pooled], worse=self.last_stage),
            self._early_is_closer,
            self._lowest,
            self._middle_peaks,
            self._cosine_is_higher,
            self._about,
            self._outlier,
        ]
        claims: list[Claim] = []
        for test in tests:
            try:
                claims += test(found, settings)
            except (LookupError, ValueError) as error:
                name = getattr(test, "func", test).__name__.strip("_").replace("_", " ")
                claims.append(Claim(name, "", f"this run has no {error}", "", SILENT))
        return claims

    def write(self, found: Findings, settings: Settings) -> list[Claim]:
        """Writes ``study/claims.csv`` and copies of the figures by the study's names."""
        claims, output = self.claims(found, settings), settings.output_dir
        records = [claim.record() for claim in claims]
        rows = [list(record.values()) for record in records]
        write_csv(output / "study" / "claims.csv", list(records[0]), rows)
        for name, ours in self.figures.get(settings.metric.geometry, {}).items():
            for kind in ("png", "svg"):
                shutil.copy(output / "figures" / f"{ours}.{kind}", output / "study" / f"{name}.{kind}")
        return claims

    def _group_separates(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        inside = [found.stimuli.class_names.index(name) for name in self.group]
        labels = np.isin(found.stimuli.labels[:SHOWN], inside).astype(np.int64)
        chance = float(labels.mean() ** 2 + (1 - labels.mean()) ** 2)
        for role in ("model", "reference"):
            for layer in found.features[role]:
                silhouettes, purities = self._scores(found, settings, role, layer, labels)
                yield Claim(
                    f"{', '.join(self.group)} separate from the rest",
                    f"{found.features[role].encoder} {layer}",
                    f"purity {purities.mean():.3f} (chance {chance:.2f}), "
                    f"silhouette {silhouettes.mean():.3f}",
                    "purity of 10 neighbours at least 0.9, silhouette above 0",
                    _verdict(purities.mean() >= 0.9 and silhouettes.mean() > 0),
                )

    def _clusters_better(
        self, found: Findings, settings: Settings, better: list[str], worse: str
    ) -> Iterator[Claim]:
        labels = found.stimuli.labels[:SHOWN]
        scores = {
            layer: self._scores(found, settings, "model", layer, labels)[0] for layer in [*better, worse]
        }
        best = max(better, key=lambda layer: scores[layer].mean())
        gain = scores[best] - scores[worse]
        low, high = interval(bootstrap_counts(len(gain), 1000, settings.seed) @ gain / len(gain), 0.95)
        yield Claim(
            f"{' or '.join(better)} clusters better than {worse}",
            found.features["model"].encoder,
            f"silhouette {scores[best].mean():.3f} ({best}) against {scores[worse].mean():.3f}; "
            f"difference [{low:.3f}, {high:.3f}]",
            "95% interval of the difference above 0",
            HOLDS if low > 0 else FAILS if high < 0 else OPEN,
        )

    def _scores(
        self, found: Findings, settings: Settings, role: str, layer: str, labels: Any
    ) -> tuple[Array, Array]:
        return stimulus_scores(found.features[role][layer][:SHOWN], labels, settings.metric.geometry)

    def _early_is_closer(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        grid = found.comparisons[0].grid
        late = grid.scores[:, _at(grid.b, self.late)]
        for layer in self.early:
            gain = grid.scores[:, _at(grid.b, layer)] - late
            yield Claim(
                f"{layer} is closer to every layer of the model than {self.late}",
                f"{found.comparisons[0].b} × {found.comparisons[0].a}, {settings.metric.geometry}",
                f"in {int((gain > 0).sum())} of {len(gain)} layers; smallest gain {gain.min():.3f}",
                "in every layer",
                _verdict(bool((gain > 0).all())),
            )

    def _lowest(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        grid = found.comparisons[0].grid
        row, said = grid.scores[:, _at(grid.b, self.late)], self.lowest[settings.metric.geometry]
        lowest = int(np.nanargmin(row))
        yield Claim(
            f"{self.late} is least like {said}",
            settings.metric.geometry,
            f"least like {grid.a[lowest]}, {row[lowest]:.3f}; {said} {row[_at(grid.a, said)]:.3f}",
            f"the lowest score is that of {said}",
            _verdict(grid.a[lowest] == said),
        )

    def _middle_peaks(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        grid = found.comparisons[0].grid
        for column, layer in enumerate(grid.b):
            peak = int(np.nanargmax(grid.scores[:, column]))
            yield Claim(
                "likeness peaks in an intermediate layer of the model",
                f"{found.comparisons[0].b} {layer}, {settings.metric.geometry}",
                f"at {grid.a[peak]}, {grid.scores[peak, column]:.3f}",
                "neither at the first nor at the last layer",
                _verdict(0 < peak < len(grid.a) - 1),
            )

    def _cosine_is_higher(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        model, reference = found.features["model"], found.features["reference"]
        gains = np.array(
            [
                rsa(a[:SHOWN], b[:SHOWN], "cosine") - rsa(a[:SHOWN], b[:SHOWN], "euclidean")
                for a in model.values()
                for b in reference.values()
            ]
        )
        yield Claim(
            "cosine scores are higher than Euclidean ones for most pairs of layers",
            f"first {min(SHOWN, len(found.stimuli))} stimuli",
            f"in {int((gains > 0).sum())} of {len(gains)} pairs; median difference {np.median(gains):.3f}",
            "in more than half of the pairs",
            _verdict(bool((gains > 0).mean() > 0.5)),
        )

    def _about(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        comparison = found.comparisons[2]
        score = comparison.grid.last
        yield Claim(
            f"RSA with the text model is about {self.rsa}",
            f"{comparison.a} × {comparison.b}, {settings.metric.geometry}",
            f"{score.value:.3f} [{score.ci_low:.2f}, {score.ci_high:.2f}], p = {p_text(score.p)}",
            f"at most {self.tolerance} away",
            _verdict(abs(score.value - self.rsa) <= self.tolerance),
        )

    def _outlier(self, found: Findings, settings: Settings) -> Iterator[Claim]:
        names, centroids = found.stimuli.class_names, found.read
        vision = centroids["reference"][centroids["reference"].last]
        text = centroids["text"][centroids["text"].last]
        distances: tuple[Distance, Distance] = settings.metric.geometry, "cosine"
        whole = rsa(vision, text, distances)
        without = {
            name: rsa(np.delete(vision, i, axis=0), np.delete(text, i, axis=0), distances) - whole
            for i, name in enumerate(names)
        }
        most = max(without, key=lambda name: without[name])
        yield Claim(
            f"{self.outlier} explains what does not fit the text model",
            f"{centroids['reference'].encoder}, {settings.metric.geometry}",
            f"without it the score changes by {without[self.outlier]:+.3f}; "
            f"the most by leaving out {most}, {without[most]:+.3f}",
            f"no class gains more by being left out than {self.outlier}, and it gains",
            _verdict(most == self.outlier and without[most] > 0),
        )


def _verdict(true: bool) -> str:
    return HOLDS if true else FAILS


def _at(layers: tuple[str, ...], name: str) -> int:
    if name not in layers:
        raise KeyError(name)
    return layers.index(name)
