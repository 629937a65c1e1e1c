"""What looks at images, or at signals laid out like images: a network by its constructor, and with weights.

It knows networks and where weights come from, and nothing of how features are read and kept.
"""

from prh.encoders.vision.model import VisionEncoder, VisionModel

__all__ = ["VisionEncoder", "VisionModel"]
