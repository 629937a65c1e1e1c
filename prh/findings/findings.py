"""All that one run computed, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from prh.encoders import Encoder, substitute_of
from prh.features import Features
from prh.features.layout import Layout
from prh.findings.cast import Cast
from prh.findings.comparison import Comparison
from prh.findings.question import Question
from prh.similarity import DegenerateFeatures, rdm
from prh.similarity.arrays import Array
from prh.similarity.distances import Distance
from prh.stimuli import StimulusSet


@dataclass(frozen=True)
class Used:
    """An encoder as it was used.

    Attributes:
        name: What tables and figures call it.
        source: Where its weights came from.
        sha256: Of the weights.
        substitute: What it is in place of what was asked for and could not be had; empty where it is that.
    """

    name: str
    source: str
    sha256: str = ""
    substitute: str = ""

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        """Returns what is told of an encoder."""
        return cls(encoder.label, encoder.source, encoder.sha256, substitute_of(encoder))


@dataclass(frozen=True)
class Findings:
    """Everything that one run computed, for figures, tables and tracking.

    Attributes:
        asked: What was asked of the features.
        stimuli: What was shown.
        encoders: What read them, by role: ``model``, ``reference``, ``text`` unless the run is one without
            words, and what ``also`` names.
        features: Of ``model`` and ``reference`` per stimulus; of ``text`` per caption, or else per class.
        read: What vision and text are compared by: features per stimulus where there are captions, else
            class centroids; empty without a text encoder.
        comparisons: Judged layer grids: model × reference and, with text, model × text, reference × text.
        layouts: UMAP of the layers that figures show, of the vision models and of captions; None without one.
        cast: All pairs of these and of the encoders that ``also`` names; None where it names none.
    """

    asked: Question
    stimuli: StimulusSet
    encoders: Mapping[str, Used]
    features: dict[str, Features]
    read: dict[str, Features]
    comparisons: list[Comparison]
    layouts: dict[str, dict[str, Layout | None]]
    cast: Cast | None


def class_rdm(found: Findings, role: str, layer: str, distance: Distance) -> Array:
    """Returns the condensed RDM of the classes, NaN throughout where the layer is degenerate."""
    try:
        return rdm(found.read[role][layer], distance)
    except DegenerateFeatures:
        classes = len(found.stimuli.class_names)
        return np.full(classes * (classes - 1) // 2, np.nan)
