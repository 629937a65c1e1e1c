"""What a text transformer holds of each token, pooled to one vector per sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prh.errors import ConfigError

if TYPE_CHECKING:
    import torch

TokenPool = Literal["avg", "cls", "last"]


def hidden_states(
    transformer: Any,
    tokenizer: Any,
    sentences: list[str],
    names: Sequence[str],
    pool: TokenPool,
    limit: int | None,
    special_tokens: bool = True,
) -> dict[str, NDArray[np.float32]]:
    """Returns what a transformer holds before and after each block, one vector per sentence.

    Args:
        transformer: A model of transformers' that takes tokens; of two stacks, the one that reads.
        tokenizer: Its own, with a token for padding. It pads on the right, where tokens that read from left
            to right, and those at fixed positions, are the same as alone.
        sentences: N of them.
        names: Of the states: before the first block, after each.
        pool: How tokens become one vector.
        limit: Tokens that are read at most.
        special_tokens: Whether averages take in tokens that stand for no text.

    Returns:
        Float32, N×D for each name.

    Raises:
        ConfigError: A sentence has no tokens.
    """
    import torch

    inputs = tokenizer(
        sentences,
        padding=True,
        padding_side="right",
        truncation=limit is not None,
        max_length=limit,
        return_special_tokens_mask=True,
        return_tensors="pt",
    ).to(transformer.device)
    text = ~inputs.pop("special_tokens_mask").bool()
    mask = inputs["attention_mask"]
    if empty := [sentence for sentence, count in zip(sentences, mask.sum(1), strict=True) if not count]:
        raise ConfigError("text", f"the model reads nothing in {empty[0]!r}", "Give every stimulus a caption")
    with torch.inference_mode():
        states = transformer(**inputs, output_hidden_states=True).hidden_states
    if pool == "avg" and not special_tokens:
        words = mask * text
        mask = torch.where(words.any(1, keepdim=True), words, mask)
    return {
        name: pool_tokens(state.float(), mask.unsqueeze(-1), pool).cpu().numpy()
        for name, state in zip(names, states, strict=True)
    }


def pool_tokens(state: torch.Tensor, mask: torch.Tensor, pool: TokenPool) -> torch.Tensor:
    """Reduces N×T×D to N×D, leaving out padding."""
    import torch

    if pool == "cls":
        return state[:, 0]
    if pool == "last":
        # The last token that is no padding, on whichever side the padding is.
        last = mask.shape[1] - 1 - mask.squeeze(-1).flip(1).argmax(dim=1)
        return state[torch.arange(len(state)), last]
    return (state * mask).sum(dim=1) / mask.sum(dim=1)
