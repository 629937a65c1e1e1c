"""Axes are followed through whatever a network does to them."""

import pytest
import torch
from torch import nn

from prh.features.axes import AxesFollowed
from prh.features.factors import cut, images, kind_of

C, H, W = 6, 8, 8
"""As many rows as columns and, for some, as channels: extents tell nothing."""


def kinds(function, channels=C):
    """Returns what is known of the axes of a function's result for images: a letter each, ? where nothing."""
    shown = torch.empty((2, channels, H, W), device="meta")
    with AxesFollowed() as followed, torch.inference_mode(), torch.device("meta"):
        followed.tell(shown, images(2, channels, H, W))
        axes = followed.of(function(shown))
    return "?" if axes is None else "".join(map(kind_of, axes))


def windows(x):
    x = x.permute(0, 2, 3, 1).view(2, 2, 4, 2, 4, x.shape[1])
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, x.shape[-1])


def attention(x):
    x = x.flatten(2).transpose(1, 2)
    q, k, v = nn.Linear(x.shape[2], 3 * 12)(x).reshape(2, -1, 3, 4, 3).permute(2, 0, 3, 1, 4).unbind(0)
    weights = (q @ k.transpose(-2, -1)).softmax(-1)
    return weights, (weights @ v).transpose(1, 2).reshape(2, -1, 12)


def with_class_token(x):
    x = x.flatten(2).transpose(1, 2)
    return torch.cat([torch.empty(1, 1, x.shape[2]).expand(2, -1, -1), x], dim=1)


CASES = {
    "convolution": (lambda x: nn.Conv2d(x.shape[1], 8, 3)(x), "NCPP"),
    "channels last": (lambda x: x.permute(0, 2, 3, 1), "NPPC"),
    "by movedim": (lambda x: x.movedim(1, -1) + 1, "NPPC"),
    "and back": (lambda x: nn.Linear(x.shape[1], 8)(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), "NCPP"),
    "tokens": (lambda x: x.flatten(2).transpose(1, 2), "NPC"),
    "tokens by mT": (lambda x: x.flatten(2).mT, "NPC"),
    "mixed tokens": (lambda x: nn.Linear(H * W, 8)(x.flatten(2)), "NCP"),
    "class token": (with_class_token, "NPC"),
    "class token taken": (lambda x: with_class_token(x)[:, 0], "NC"),
    "without class token": (lambda x: with_class_token(x)[:, 1:], "NPC"),
    "windows": (windows, "NPC"),
    "windows put back": (
        lambda x: windows(x).view(2, 2, 2, 4, 4, -1).transpose(2, 3).reshape(2, 8, 8, -1),
        "NPPC",
    ),
    "attention": (lambda x: attention(x)[1], "NPC"),
    "weights of attention": (lambda x: attention(x)[0], "NCPP"),
    "fused attention": (lambda x: nn.functional.scaled_dot_product_attention(*[x.flatten(2).mT] * 3), "NPC"),
    "multi-head module": (
        lambda x: nn.MultiheadAttention(x.shape[1], 2, batch_first=True)(*[x.flatten(2).mT] * 3)[0],
        "NPC",
    ),
    "recurrent, time first": (lambda x: nn.LSTM(x.shape[1], 5)(x.flatten(2).permute(2, 0, 1))[0], "PNC"),
    "recurrent": (lambda x: nn.GRU(x.shape[1], 5, batch_first=True)(x.flatten(2).mT)[0], "NPC"),
    "mean over positions": (lambda x: x.mean((2, 3)), "NC"),
    "mean over channels": (lambda x: x.mean(1), "NPP"),
    "maximum kept": (lambda x: x.amax((-2, -1), keepdim=True), "NCPP"),
    "one row": (lambda x: x[:, :, 0], "NCP"),
    "ellipsis": (lambda x: x[..., None, ::2], "NCPPP"),
    "vector": (lambda x: x.flatten(1), "NC"),
    "patches merged": (
        lambda x: torch.cat([(y := x.permute(0, 2, 3, 1))[:, ::2, ::2], y[:, 1::2, 1::2]], -1),
        "NPPC",
    ),
    "einsum": (lambda x: torch.einsum("nchw,cd->nhwd", x, torch.empty(x.shape[1], 9)), "NPPC"),
    "shuffled channels": (lambda x: x.view(2, 2, -1, H, W).transpose(1, 2).reshape(2, -1, H, W), "NCPP"),
    "numbers alone": (lambda x: torch.empty(2, 4, 4, 4), "?"),
    "unfolded": (lambda x: nn.functional.unfold(x, 3), "?"),
}


@pytest.mark.parametrize("channels", [C, H])
@pytest.mark.parametrize("case", CASES)
def test_every_axis_is_known_for_what_it_is(case, channels):
    function, expected = CASES[case]
    assert kinds(function, channels) == expected


def test_windows_are_positions_on_the_axis_of_stimuli():
    axes = cut(images(2, 1, 8, 8)[:1] + images(2, 1, 8, 8)[2:], (2, 2, 4, 8))
    assert axes == ((("N", 2),), (("P", 2),), (("P", 4),), (("P", 8),))
    assert cut(axes, (4, 4, 8)) == ((("N", 2), ("P", 2)), (("P", 4),), (("P", 8),))


@pytest.mark.parametrize("shape", [(2, 3, 5), (5, 16), (3, 2, 8)])
def test_cuts_through_the_middle_of_a_factor_are_unknown(shape):
    assert cut(((("N", 2),), (("C", 3),), (("P", 8),)), shape) is None


def parameters(*shape):
    return torch.empty(1, *shape, device="meta").expand(2, -1, -1)


def tokens(x):
    return x.flatten(2).mT


def with_registers(x):
    x = with_class_token(x) + parameters(H * W + 1, C)
    return torch.cat([x[:, :1], parameters(3, C), x[:, 1:]], dim=1)


PLACELESS = {
    "patches alone": (tokens, []),
    "class token": (with_class_token, [0]),
    "class token last": (lambda x: torch.cat((tokens(x), parameters(1, C)), 1), [H * W]),
    "registers": (with_registers, [0, 1, 2, 3]),
    "registers left out": (lambda x: with_registers(x)[:, 4:], []),
    "a class token alone": (lambda x: with_registers(x)[:, :1], [0]),
    "some are left": (lambda x: with_registers(x)[:, 2:], [0, 1]),
    "split off": (lambda x: with_registers(x).split([4, H * W], dim=1)[1], []),
    "behind a block": (lambda x: nn.LayerNorm(12)(attention_of(with_registers(x))), [0, 1, 2, 3]),
    "time first": (lambda x: with_class_token(x).transpose(0, 1), [0]),
    "taken": (lambda x: with_class_token(x)[:, 0], []),
    "of channels": (lambda x: torch.cat([x.flatten(2), parameters(1, H * W)], dim=1), []),
}


def attention_of(x):
    q, k, v = nn.Linear(C, 36)(x).reshape(2, -1, 3, 4, 3).permute(2, 0, 3, 1, 4).unbind(0)
    return ((q @ k.transpose(-2, -1)).softmax(-1) @ v).transpose(1, 2).reshape(2, -1, 12)


@pytest.mark.parametrize("case", PLACELESS)
def test_tokens_made_of_parameters_alone_show_no_place(case):
    function, expected = PLACELESS[case]
    shown = torch.empty((2, C, H, W), device="meta")
    with AxesFollowed() as followed, torch.inference_mode(), torch.device("meta"):
        followed.tell(shown, images(2, C, H, W))
        assert followed.placeless(function(shown)) == expected
