"""The same stimuli a second time: what encoders make of other drawings of them, or of other names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prh.encoders import Encoder, sense_of
from prh.features import Features, Shown, features_of
from prh.features.features import Matrix


def seen_again(
    encoders: Mapping[str, Encoder],
    features: Mapping[str, Features],
    shown: Shown,
    named_again: Sequence[Sequence[str | None]],
) -> dict[str, Matrix]:
    """Returns the last layers of encoders on the second version of the stimuli, where it is another for them.

    Args:
        encoders: By role.
        features: Of theirs, per stimulus; the second version is read at the same last layer.
        shown: What was shown first; ``shown.stimuli.again`` is shown now.
        named_again: What is read of each stimulus now, a list of sentences per template and caption.
    """
    stimuli, found = shown.stimuli, dict[str, Matrix]()
    if stimuli.again is None:
        return found
    words = stimuli.again.captions != stimuli.captions or stimuli.again.wordings != stimuli.wordings
    other = {"words": words, "signals": False}
    other["images"] = stimuli.again.fingerprint != stimuli.fingerprint
    now = replace(shown, stimuli=stimuli.again, prompts=named_again)
    for role, encoder in encoders.items():
        if other[sense_of(encoder)] and features[role].rows == "stimuli":
            last = features[role].last
            found[role] = features_of(encoder, [last], now)[last]
    return found
