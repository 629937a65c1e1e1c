"""Networks of transformers that hear waveforms, such as wav2vec 2.0, HuBERT and WavLM, untrained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from prh.encoders.hugging_face.configuration import untrained
from prh.encoders.hugging_face.modality import SPEECH
from prh.encoders.hugging_face.prepared import preparation
from prh.encoders.signal.extractor import RATE, AsHeard, of_extractor
from prh.encoders.signal.mel import lengths
from prh.errors import ConfigError


class InRows(nn.Module):
    """What was made of recordings one after the other, in rows again."""

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        """Maps N tensors, 1×D, to N×D."""
        return torch.cat(list(parts))


class SpeechTower(nn.Module):
    """A network that turns recordings into hidden states, each averaged over time.

    It hears recordings one by one, without their padding: some networks normalise over all of time
    (wav2vec 2.0's and HuBERT's group norm), and mean something else where zeros follow.

    Args:
        name: A folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
        num_classes: Ignored; every network takes it.

    Attributes:
        one_by_one: That its parts are not shown all recordings of a batch at once.

    Raises:
        ValueError: There is no such model, or it takes no waveforms.
    """

    modality = SPEECH
    one_by_one = True

    def __init__(self, name: str, num_classes: int) -> None:
        super().__init__()
        self.speech: Any = untrained(name, SPEECH)
        self.shortest = _field(self.speech.config)
        for state in self.hidden_states():
            self.add_module(state, InRows())

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×1×1×T, zeros after each recording, to the last hidden state's averages, N×D."""
        heard = [self._averages(wave) for wave in self._recordings(signals.flatten(1))]
        for state, parts in zip(self.hidden_states(), zip(*heard, strict=True), strict=True):
            rows: Tensor = self.get_submodule(state)(parts)
        return rows

    def _recordings(self, waves: Tensor) -> Iterator[Tensor]:
        """Yields each recording, 1×T, without its padding; on the meta device, all of them, N×T."""
        if waves.is_meta:  # where no sample is known to be padding
            yield functional.pad(waves, (0, max(0, self.shortest - waves.shape[1])))
            return
        for row, length in enumerate(lengths(waves).tolist()):
            yield functional.pad(waves[row : row + 1, :length], (0, max(0, self.shortest - length)))

    def _averages(self, wave: Tensor) -> list[Tensor]:
        """Returns averages over time of what goes into each block, and of what the network puts out."""
        said = self.speech(wave, output_hidden_states=True)
        # Of some networks a norm follows the last block; transformers 4 called that the last hidden state.
        states = (*said.hidden_states[:-1], said.last_hidden_state)
        return [state.float().mean(dim=1) for state in states]

    def hidden_states(self) -> list[str]:
        """Returns the layers: what goes into the first block, and what comes out of each."""
        blocks = range(1, self.speech.config.num_hidden_layers + 1)
        return ["features", *(f"block{block}" for block in blocks)]

    @staticmethod
    def expects(key: str, name: str) -> AsHeard:
        """Returns what a model's feature extractor makes of recordings.

        Args:
            key: The config node of the model.
            name: As the constructor takes it.

        Raises:
            ConfigError: There is no such model, it takes no waveforms, or its feature extractor cannot be
                followed.
        """
        from transformers import AutoFeatureExtractor

        def followed(extractor: Any) -> tuple[AsHeard, int]:
            return of_extractor(extractor), extractor.sampling_rate

        remedy = f"Give another model, or {key}.preprocess='{{_target_: prh.encoders.signal.AsHeard}}'"
        preprocess, rate = preparation(name, key, SPEECH, AutoFeatureExtractor, followed, remedy)
        if rate != RATE:
            problem = f"{name} hears {rate:,} samples per second, and speech has {RATE:,}"
            raise ConfigError(f"{key}.name", problem, "Give a model that was trained at that rate")
        return preprocess


def _field(config: Any) -> int:
    """Returns how many samples the convolutions need to make a frame that attention can see."""
    samples = getattr(config, "squeeze_factor", 1)
    for kernel, stride in reversed(list(zip(config.conv_kernel, config.conv_stride, strict=True))):
        samples = (samples - 1) * stride + kernel
    return int(samples)
