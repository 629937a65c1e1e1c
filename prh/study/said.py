"""What a published study says, by the names that this project has for its layers and classes."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.ground.values import SETTINGS, FolderName, Name

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


@dataclass(frozen=True, config=SETTINGS)
class Said:
    """What a study says.

    Attributes:
        title: The study's.
        link: Where it is to be read, or found; an address that begins with ``https://``.
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

    title: Name
    link: Annotated[str, Field(pattern=r"^https://\S+$")]
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
