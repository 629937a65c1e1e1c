"""CLIP (Radford et al. 2021) through open_clip: two towers, trained together, each with its layers.

It knows how text encoders are spoken to and where open_clip's weights are kept.
"""

from prh.encoders.clip.text import ClipText, ClipTextEncoder
from prh.encoders.clip.towers import ImageTower, image_classifier, image_tower

__all__ = ["ClipText", "ClipTextEncoder", "ImageTower", "image_classifier", "image_tower"]
