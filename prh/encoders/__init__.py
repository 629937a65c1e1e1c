"""What turns stimuli into features: vision models, text encoders, and where their weights come from."""

from prh.encoders.prompt import Prompt
from prh.encoders.resources import Resources
from prh.encoders.text import SentenceModel, TextEncoder, Wordless
from prh.encoders.vision import VisionEncoder, VisionModel

__all__ = ["Prompt", "Resources", "SentenceModel", "TextEncoder", "VisionEncoder", "VisionModel", "Wordless"]
