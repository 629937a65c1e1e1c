"""What tells models of transformers for pictures from those for speech, and what is said of either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Modality:
    """What models take.

    Attributes:
        part: What towers call the network, which the names of its parameters begin with; and, with
            ``_config`` after it, what models of several towers call its configuration.
        takes: What it takes, in a word.
        verb: What it does with that.
        input: What transformers calls that.
        needs: Keys that configurations of such networks have.
        remedy: What to give in place of a model that is none.
        instead: An option that needs no download.
        classifier: Dotted path of what is trained where weights can't be had, None where nothing is.
    """

    part: str
    takes: str
    verb: str
    input: str
    needs: tuple[str, ...]
    remedy: str
    instead: str
    classifier: str | None

    def fits(self, kind: Any, config: Any) -> bool:
        """Returns whether a class of transformers, None for none, is a network that takes it alone."""
        if kind is None or kind.main_input_name != self.input:
            return False
        alone = not getattr(config, "is_encoder_decoder", False)
        return alone and all(hasattr(config, key) for key in self.needs)


PICTURES = Modality(
    part="vision",
    takes="pictures",
    verb="see",
    input="pixel_values",
    needs=(),
    remedy="Give the folder of a vision model that save_pretrained wrote, or a name on the Hugging Face hub",
    instead="model=efficientnet_lite0",
    classifier="prh.encoders.hugging_face.VisionClassifier",
)
# Networks that take spectrograms call them input_values, too, but have no convolutions over samples.
SPEECH = Modality(
    part="speech",
    takes="waveforms",
    verb="hear",
    input="input_values",
    needs=("conv_kernel", "conv_stride", "num_hidden_layers"),
    remedy="Give the folder of a speech model that save_pretrained wrote, or a name on the Hugging Face hub, "
    "e.g. facebook/wav2vec2-base",
    instead="model=speech",
    classifier=None,
)
