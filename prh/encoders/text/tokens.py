"""What a text transformer holds of each token, pooled to one vector per sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

TokenPool = Literal["avg", "cls", "last"]


def hidden_states(
    model: SentenceTransformer, batch: list[str], names: Sequence[str], pool: TokenPool
) -> dict[str, NDArray[np.float32]]:
    """Returns what the transformer inside the model holds after each block, one vector per sentence."""
    import torch

    inputs = model.tokenizer(
        batch, padding=True, truncation=True, max_length=model.max_seq_length, return_tensors="pt"
    ).to(model.device)
    transformer: Any = model[0].auto_model
    with torch.inference_mode():
        states = transformer(**inputs, output_hidden_states=True).hidden_states
    mask = inputs["attention_mask"].unsqueeze(-1)
    return {
        name: pool_tokens(state, mask, pool).float().cpu().numpy()
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
