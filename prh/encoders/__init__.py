"""What turns stimuli into features: vision models, text encoders, and where their weights come from.

Networks made here lie loose, since the dotted path of a network is part of what its weights and features are
kept under. It knows stimuli, and nothing of features, scores or runs.
"""

from prh.encoders.encoder import Encoder, Sense, sense_of, substitute_of
from prh.encoders.network import AsRecorded, Fit, Preprocess
from prh.encoders.resources import Resources
from prh.encoders.text import (
    Captions,
    MultilingualE5,
    Prompt,
    SentenceModel,
    TextEncoder,
    UniversalSentenceEncoder,
    Wordless,
)
from prh.encoders.vision import VisionEncoder, VisionModel

__all__ = [
    "AsRecorded",
    "Captions",
    "Encoder",
    "Fit",
    "MultilingualE5",
    "Preprocess",
    "Prompt",
    "Resources",
    "Sense",
    "SentenceModel",
    "TextEncoder",
    "UniversalSentenceEncoder",
    "VisionEncoder",
    "VisionModel",
    "Wordless",
    "sense_of",
    "substitute_of",
]
