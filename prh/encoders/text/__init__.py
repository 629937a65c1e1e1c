"""What reads: sentence encoders and language models, tokens pooled, the sentences that names are put into.

It knows where files of models come from, and nothing of images or of how features are kept.
"""

from prh.encoders.text.encoder import TextEncoder
from prh.encoders.text.named import SentenceModel, Wordless
from prh.encoders.text.packages import MultilingualE5, PackagedEncoder, UniversalSentenceEncoder
from prh.encoders.text.prompt import Captions, Prompt
from prh.encoders.text.sentence import SentenceEncoder
from prh.encoders.text.transformer import TransformerEncoder

__all__ = [
    "Captions",
    "MultilingualE5",
    "PackagedEncoder",
    "Prompt",
    "SentenceEncoder",
    "SentenceModel",
    "TextEncoder",
    "TransformerEncoder",
    "UniversalSentenceEncoder",
    "Wordless",
]
