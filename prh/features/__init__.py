"""What the networks make of the stimuli: one matrix per layer, computed once and kept."""

from prh.features.extract import text_features, vision_features
from prh.features.features import Features
from prh.features.layers import All, Last, Layers, Stages
from prh.features.store import FeatureStore

__all__ = ["All", "FeatureStore", "Features", "Last", "Layers", "Stages", "text_features", "vision_features"]
