"""A published study, its sentences tested on what a run has found."""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic.dataclasses import dataclass

from prh.findings.findings import Findings
from prh.ground.values import SETTINGS
from prh.similarity.distances import Distance
from prh.study import clusters, likeness, words
from prh.study.claim import Claim, Sentence, order
from prh.study.evidence import Evidence, substitutes
from prh.study.said import Said
from prh.study.told import Told
from prh.study.written import write_claims


@dataclass(frozen=True, config=SETTINGS)
class Study(Said):
    """A study; a run by Euclidean distance judges what it says by that, any other run the rest."""

    def claims(self, found: Findings) -> list[Claim]:
        """Tests every claim about this run's distance, in the study's order."""
        instead = substitutes(found)
        return [Claim.of(sentence, instead) for sentence in self.sentences(found)]

    def sentences(self, found: Findings) -> list[Sentence]:
        """Returns what is said about this run's distance, with how it is tested, in the study's order."""
        evidence = Evidence.of(found)
        sentences = likeness.sentences(self, evidence)
        if not evidence.euclidean:
            sentences += clusters.sentences(self, evidence) + words.sentences(self, evidence)
        return sorted(sentences, key=lambda sentence: order(sentence.number))

    def write(self, found: Findings, output: Path) -> list[Claim]:
        """Writes the claims, what is told of the study, and its figures by its names, to ``study``."""
        claims, folder = self.claims(found), output / "study"
        write_claims(claims, folder)
        drawn = self.drawn(found.asked.metric.geometry)
        networks = {role: encoder.name for role, encoder in found.encoders.items()}
        Told(self.title, self.link, networks, drawn).write(folder)
        for name, ours in drawn.items():
            # What a run without a text encoder does not draw is not there.
            for figure in (output / "figures").glob(f"{ours}.*"):
                shutil.copy(figure, folder / f"{name}{figure.suffix}")
        return claims

    def drawn(self, distance: Distance) -> dict[str, str]:
        """Returns the study's name of each figure that a run by a distance draws, and ours."""
        return dict(self.figures.get("euclidean" if distance == "euclidean" else "cosine", {}))
