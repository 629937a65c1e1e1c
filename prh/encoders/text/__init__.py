"""What reads: sentence models with their layers, tokens pooled, the sentences that names are put into.

It knows where files of models come from, and nothing of images or of how features are kept.
"""

from prh.encoders.text.encoder import TextEncoder
from prh.encoders.text.prompt import Prompt
from prh.encoders.text.sentence import SentenceEncoder, SentenceModel, Wordless

__all__ = ["Prompt", "SentenceEncoder", "SentenceModel", "TextEncoder", "Wordless"]
