"""What the networks make of the stimuli: one matrix per layer, computed once and kept.

It knows stimuli and encoders: layers, hooks, pooling, the runner and the store. What layers are compared by
and what for, it does not know.
"""

from prh.features.extract import Shown, features_of, text_features, vision_features
from prh.features.features import Features
from prh.features.layers import All, Last, Layers, Stages
from prh.features.store import FeatureStore

__all__ = [
    "All",
    "FeatureStore",
    "Features",
    "Last",
    "Layers",
    "Shown",
    "Stages",
    "features_of",
    "text_features",
    "vision_features",
]
