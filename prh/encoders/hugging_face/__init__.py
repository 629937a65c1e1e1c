"""Models of the library transformers, by a name on the Hugging Face hub or a folder: those for pictures.

It knows how networks are built and what they expect to see, and which files a model is made of; not how
parameters are kept.
"""

from prh.encoders.hugging_face.towers import VisionClassifier, VisionTower

__all__ = ["VisionClassifier", "VisionTower"]
