"""A network before it has parameters: how it is built, its structure, what it expects to see.

It knows torch and how dotted paths are called, and nothing of where parameters come from.
"""

from prh.encoders.network.fit import Fit
from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import AsRecorded, Preprocess

__all__ = ["AsRecorded", "Fit", "Network", "Preprocess"]
