"""What size of picture a network takes, found by showing it some on torch's meta device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess

if TYPE_CHECKING:
    from torch import nn

SIDES = (224, 256, 299, 240, 288, 320, 384, 448, 512)
"""What published networks take, the usual ones first."""
ANY_CLASSES = 10


def suiting(network: Network, key: str, preprocess: Preprocess, train: bool) -> Preprocess:
    """Returns a preprocessing with another size of picture where the network refuses this one.

    Vision transformers take pictures of one size, Inception none that vanish on the way. Of a network
    that takes none on the meta device nothing is known, and the preprocessing stays.

    Args:
        network: What is shown pictures.
        key: Its config node.
        preprocess: What it would be shown.
        train: Whether it is to be trained: auxiliary heads ask for a size, too.
    """
    if preprocess.input_size is None:
        return preprocess
    outline = network.outline(key, ANY_CLASSES).train(train)
    others = (replace(preprocess, resize=side, crop=side) for side in SIDES)
    return next((found for found in (preprocess, *others) if _takes(outline, found)), preprocess)


def _takes(network: nn.Module, preprocess: Preprocess) -> bool:
    import torch

    size = preprocess.input_size
    assert size is not None, "asked before"
    try:
        with torch.no_grad():
            network(torch.empty((2, *size), device="meta"))
    except Exception:  # whatever a network may raise
        return False
    return True
