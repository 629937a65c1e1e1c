"""Where a network's parameters come from. Whatever the source, the file's SHA-256 says what was used.

It knows a `Network` and the data to train it on, and not whether the network sees, reads or listens.
"""

from prh.encoders.weights.files import FoundWeights
from prh.encoders.weights.hub import OpenClip, Timm
from prh.encoders.weights.published import Pretrained
from prh.encoders.weights.sources import Fitted, Local, Nothing, Packaged, Random, Weights
from prh.encoders.weights.transformers import Transformers

__all__ = [
    "Fitted",
    "FoundWeights",
    "Local",
    "Nothing",
    "OpenClip",
    "Packaged",
    "Pretrained",
    "Random",
    "Timm",
    "Transformers",
    "Weights",
]
