"""One vector per stimulus from every shape of output."""

import pytest
import torch

from prh.features.pooling import pooled

MAPS, TOKENS, FLAT = torch.randn(2, 3, 4, 5), torch.randn(2, 7, 3), torch.randn(2, 6)


@pytest.mark.parametrize(
    ("output", "pool", "expected"),
    [
        (MAPS, "avg", MAPS.mean((2, 3))),
        (MAPS, "cls", MAPS.mean((2, 3))),
        (MAPS, "max", MAPS.amax((2, 3))),
        (MAPS, "flatten", MAPS.reshape(2, 60)),
        (MAPS.contiguous(memory_format=torch.channels_last), "flatten", MAPS.reshape(2, 60)),
        (TOKENS, "avg", TOKENS.mean(1)),
        (TOKENS, "max", TOKENS.amax(1)),
        (TOKENS, "cls", TOKENS[:, 0]),
        (TOKENS, "flatten", TOKENS.reshape(2, 21)),
        *((FLAT, pool, FLAT) for pool in ("avg", "max", "cls", "flatten")),
    ],
)
def test_it_reduces_positions_and_owns_its_memory(output, pool, expected):
    original = output.clone()
    result = pooled(output, pool)
    torch.testing.assert_close(result, expected)
    result.zero_()
    torch.testing.assert_close(output, original)
