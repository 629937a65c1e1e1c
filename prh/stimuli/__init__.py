"""What is shown to the networks: images, their labels and captions, and where they come from.

It knows files and downloads, and nothing of the networks that look.
"""

from prh.ground.torchvision import mend_torchvision
from prh.stimuli.audio import AudioFolder, LibrosaExample
from prh.stimuli.fashion_mnist import FashionMNIST
from prh.stimuli.folders import CaptionedFolder, ImageFolder
from prh.stimuli.libraries import HuggingFace, Torchvision
from prh.stimuli.openmoji import OpenMoji
from prh.stimuli.reaction_diffusion import ReactionDiffusion
from prh.stimuli.stimulus_set import Dataset, StimulusSet, sample_order
from prh.stimuli.tuxpaint import TuxPaint

# Here, since all that imports torchvision, or a library that does, comes to stimuli first.
mend_torchvision()

__all__ = [
    "AudioFolder",
    "CaptionedFolder",
    "Dataset",
    "FashionMNIST",
    "HuggingFace",
    "ImageFolder",
    "LibrosaExample",
    "OpenMoji",
    "ReactionDiffusion",
    "StimulusSet",
    "Torchvision",
    "TuxPaint",
    "sample_order",
]
