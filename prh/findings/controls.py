"""What scores are held against: pixels, classes, the network untrained; the same stimuli seen again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from prh.encoders import Resources, VisionEncoder
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.vision import VisionModel
from prh.encoders.weights import Nothing, Random
from prh.features import Features, FeatureStore, vision_features
from prh.features.features import Matrix
from prh.features.forward import Extraction
from prh.inference.judge import Control
from prh.stimuli import StimulusSet

PIXELS = VisionModel(
    name="pixels",
    architecture="prh.encoders.as_is.AsIs",
    arguments={"layer": "pixels"},
    stages=["pixels"],
    weights=Nothing(),
    preprocess=Preprocess(resize=32, crop=32, mean=[0.5] * 3, std=[0.5] * 3),
)
"""The images as ``model=pixels`` sees them."""


@dataclass(frozen=True)
class Controls:
    """What a run takes out of its scores, and what it reads them against.

    Attributes:
        labels: The class of each stimulus, N; None where classes are not asked for or say nothing.
        matrices: Name of a control to the vision models it is one for, to its N×D features.
        again: Role to N×D features of its last layer on the second version of the stimuli, where it has one.
    """

    labels: NDArray[np.int64] | None
    matrices: dict[str, dict[str, Matrix]]
    again: dict[str, Matrix] = field(default_factory=dict)

    def of(self, pair: str) -> dict[str, Matrix]:
        """Returns the features that are controls for ``<a>_vs_<b>``: those of ``a``, but pixels of both."""
        a, b = pair.split("_vs_")
        found = {name: by_role[a] for name, by_role in self.matrices.items() if a in by_role}
        if b != "text" and b not in self.matrices.get("pixels", {}):
            found.pop("pixels", None)
        return found


def controls(
    asked: Sequence[Control],
    encoders: dict[str, VisionEncoder],
    features: dict[str, Features],
    stimuli: StimulusSet,
    how: Extraction,
    store: FeatureStore,
    resources: Resources,
) -> Controls:
    """Returns the features of the controls that a run asks for, from the store or computed.

    Args:
        asked: Their names.
        encoders: The vision models of the run, by role.
        features: Of these models; their twins are read at the same last layer.
        stimuli: What was shown.
        how: How features are computed.
        store: Keeps them.
        resources: What weights are looked for with.
    """
    report, matrices = resources.report, {}
    if "pixels" in asked:
        pixels = PIXELS.resolve("inference.beyond", resources)
        seen = vision_features(pixels, stimuli, ["pixels"], how, store, report)["pixels"]
        others = (role for role, encoder in encoders.items() if encoder.fingerprint != pixels.fingerprint)
        matrices["pixels"] = dict.fromkeys(others, seen)
    if "random_twin" in asked:
        matrices["random_twin"] = {}
        for role, trained in encoders.items():
            if trained.parameters == 0 or isinstance(trained.model.weights, Random):
                report.note(f"{trained.name} is untrained, so it has no untrained twin to be compared with")
                continue
            twin = replace(trained.model, weights=Random(), preprocess=trained.weights.preprocess)
            last = features[role].last
            encoder = twin.resolve(role, resources)
            matrices["random_twin"][role] = vision_features(encoder, stimuli, [last], how, store, report)[
                last
            ]
    different = len(np.unique(stimuli.labels))
    telling = "classes" in asked and 1 < different < len(stimuli)
    return Controls(stimuli.labels if telling else None, matrices)
