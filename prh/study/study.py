"""What a published study says, by the names that this project has for its layers and classes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.config import Settings
from prh.results import write_csv
from prh.study import clusters, likeness, words
from prh.study.claim import Claim, Sentence, order
from prh.study.evidence import Evidence, substitutes
from prh.values import SETTINGS, FolderName, Name

if TYPE_CHECKING:
    from prh.experiment import Findings

Seen = Literal["cosine", "euclidean"]
"""The distances that a study speaks of."""
Drawn = Literal[
    "stimuli",
    "umap_last",
    "umap_last_model",
    "umap_last_reference",
    "umap_layers_model",
    "umap_layers_reference",
    "heatmap_model_vs_reference",
    "heatmap_reference_vs_model",
    "heatmap_model_vs_text",
    "heatmap_reference_vs_text",
    "score_by_depth",
    "rsa_scatter_model",
    "rsa_scatter_reference",
]
"""The figures of a run."""
Names = Annotated[list[Name], Field(min_length=1)]
PART_COLUMNS = ["number", "claim", "what", "value", "low", "high"]


@dataclass(frozen=True, config=SETTINGS)
class Study:
    """What a study says; a run by Euclidean distance judges what it says by that, any other run the rest.

    Attributes:
        group: Class names that are said to separate from all others.
        marked: Class names that are said to be told apart better than others outside the group.
        first: The model's first layer, with which ``early`` are said to score 1.0 by Euclidean distance.
        dip: Stage of the model that is said to be less like ``early`` than ``middle``.
        middle: Stages of the model between ``dip`` and ``last_stage``.
        last_stage: Stage of the model that is said to cluster worse than those before it.
        pooled: Last layer of both networks, said to cluster better than what comes before it.
        early: Layers of the reference that are said to be closer to the model than its ``late`` one.
        late: The reference's last layer.
        lowest: By distance, the model's layer that is said to be least like ``late``.
        rsa: The score that the study reports for reference × text.
        tolerance: How far from it an interval must lie to be another score.
        outlier: The class that is said to spoil the agreement with the text.
        figures: By distance, the study's name of a figure and ours.
    """

    group: Names
    marked: Names
    first: Name
    dip: Name
    middle: Names
    last_stage: Name
    pooled: Name
    early: Names
    late: Name
    lowest: dict[Seen, Name]
    rsa: Annotated[float, Field(ge=-1, le=1)]
    tolerance: Annotated[float, Field(gt=0, le=2)]
    outlier: Name
    figures: dict[Seen, dict[FolderName, Drawn]]

    def claims(self, found: Findings, settings: Settings) -> list[Claim]:
        """Tests every claim about this run's distance, in the study's order."""
        instead = substitutes(found)
        return [Claim.of(sentence, instead) for sentence in self.sentences(found, settings)]

    def sentences(self, found: Findings, settings: Settings) -> list[Sentence]:
        """Returns what is said about this run's distance, with how it is tested, in the study's order."""
        evidence = Evidence.of(found, settings)
        sentences = likeness.sentences(self, evidence)
        if not evidence.euclidean:
            sentences += clusters.sentences(self, evidence) + words.sentences(self, evidence)
        return sorted(sentences, key=lambda sentence: order(sentence.number))

    def write(self, found: Findings, settings: Settings) -> list[Claim]:
        """Writes ``study/claims.csv``, ``study/claims_by_layer.csv`` and the figures by the study's names."""
        claims, folder = self.claims(found, settings), settings.output_dir / "study"
        records = [claim.record() for claim in claims]
        write_csv(folder / "claims.csv", list(records[0]), [list(record.values()) for record in records])
        parts = [list(record.values()) for claim in claims for record in claim.part_records()]
        write_csv(folder / "claims_by_layer.csv", PART_COLUMNS, parts)
        for name, ours in self.drawn(settings).items():
            # What a run without a text encoder does not draw is not there.
            for figure in (settings.output_dir / "figures").glob(f"{ours}.*"):
                shutil.copy(figure, folder / f"{name}{figure.suffix}")
        return claims

    def drawn(self, settings: Settings) -> dict[str, str]:
        """Returns the study's name of each figure that this run draws, and ours."""
        figures = self.figures.get("euclidean" if settings.metric.geometry == "euclidean" else "cosine", {})
        return dict(figures)
