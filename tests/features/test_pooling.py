"""One vector per stimulus from every shape of output."""

import pytest
import torch

from prh.features.factors import images
from prh.features.pooling import pooled

N, C, P = "NCP"
MAPS, TOKENS, FLAT = torch.randn(2, 3, 4, 5), torch.randn(2, 7, 3), torch.randn(2, 6)
LAST = MAPS.permute(0, 2, 3, 1).contiguous()
WINDOWS = MAPS.reshape(2, 3, 2, 2, 5).permute(0, 2, 3, 4, 1).reshape(4, 10, 3)
OF_MAPS = images(9, 3, 4, 5)
OF_LAST = (((N, 9),), ((P, 4),), ((P, 5),), ((C, 3),))
OF_TOKENS = (((N, 9),), ((P, 7),), ((C, 3),))
OF_SERIES = (((N, 9),), ((C, 7),), ((P, 3),))
OF_WINDOWS = (((N, 9), (P, 2)), ((P, 10),), ((C, 3),))
TIME_FIRST = (((P, 7),), ((N, 9),), ((C, 3),))
SCORES = (((N, 9),), ((P, 7),), ((P, 3),))
OF_FLAT = (((N, 9),), ((C, 2), (P, 3)))


@pytest.mark.parametrize(
    ("output", "axes", "pool", "expected"),
    [
        (MAPS, OF_MAPS, "avg", MAPS.mean((2, 3))),
        (MAPS, OF_MAPS, "cls", MAPS.mean((2, 3))),
        (MAPS, OF_MAPS, "max", MAPS.amax((2, 3))),
        (MAPS, OF_MAPS, "flatten", MAPS.reshape(2, 60)),
        (MAPS.contiguous(memory_format=torch.channels_last), OF_MAPS, "flatten", MAPS.reshape(2, 60)),
        (LAST, OF_LAST, "avg", MAPS.mean((2, 3))),
        (LAST, OF_LAST, "cls", MAPS.mean((2, 3))),
        (LAST, OF_LAST, "max", MAPS.amax((2, 3))),
        (LAST, OF_LAST, "flatten", LAST.reshape(2, 60)),
        (WINDOWS, OF_WINDOWS, "avg", MAPS.mean((2, 3))),
        (WINDOWS, OF_WINDOWS, "max", MAPS.amax((2, 3))),
        (WINDOWS, OF_WINDOWS, "flatten", WINDOWS.reshape(2, 60)),
        (TOKENS, OF_TOKENS, "avg", TOKENS.mean(1)),
        (TOKENS, OF_TOKENS, "max", TOKENS.amax(1)),
        (TOKENS, OF_TOKENS, "cls", TOKENS.mean(1)),
        (TOKENS, OF_TOKENS, "flatten", TOKENS.reshape(2, 21)),
        (TOKENS, OF_SERIES, "avg", TOKENS.mean(2)),
        (TOKENS, OF_SERIES, "cls", TOKENS.mean(2)),
        (TOKENS, SCORES, "avg", TOKENS.reshape(2, 21)),
        (TOKENS.transpose(0, 1), TIME_FIRST, "avg", TOKENS.mean(1)),
        (TOKENS.transpose(0, 1), TIME_FIRST, "cls", TOKENS.mean(1)),
        (TOKENS.transpose(0, 1), TIME_FIRST, "flatten", TOKENS.reshape(2, 21)),
        (TOKENS, None, "flatten", TOKENS.reshape(2, 21)),
        *((FLAT, OF_FLAT, pool, FLAT) for pool in ("avg", "max", "cls", "flatten")),
    ],
)
def test_it_reduces_positions_and_owns_its_memory(output, axes, pool, expected):
    original = output.clone()
    result = pooled(output, pool, axes)
    torch.testing.assert_close(result, expected)
    result.zero_()
    torch.testing.assert_close(output, original)


@pytest.mark.parametrize(
    ("pool", "placeless", "expected"),
    [
        ("avg", [0], TOKENS[:, 1:].mean(1)),
        ("max", [0, 1], TOKENS[:, 2:].amax(1)),
        ("avg", [6], TOKENS[:, :6].mean(1)),
        ("cls", [0, 1], TOKENS[:, 0]),
        ("cls", [6], TOKENS[:, 6]),
        ("flatten", [0], TOKENS.reshape(2, 21)),
        ("avg", range(7), TOKENS.mean(1)),
    ],
)
def test_tokens_without_a_place_are_no_positions(pool, placeless, expected):
    torch.testing.assert_close(pooled(TOKENS, pool, OF_TOKENS, placeless), expected)
    time_first = pooled(TOKENS.transpose(0, 1), pool, TIME_FIRST, placeless)
    torch.testing.assert_close(time_first, expected)
    torch.testing.assert_close(pooled(MAPS, pool, OF_MAPS, placeless), pooled(MAPS, pool, OF_MAPS))
