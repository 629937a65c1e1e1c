"""Which axes of a layer's output are stimuli, channels and positions, followed from the input on.

A forward pass on torch's meta device is watched call by call:

* what moves axes (permute, transpose) is done to a tensor whose sides all differ, to see where each went;
* what cuts axes anew (view, reshape, flatten) takes the factors in their order;
* what takes axes away (mean, select, unbind) is done to such a tensor, too;
* a product of matrices has the last axis of its second factor;
* all else that keeps the number of axes (convolutions, linear maps, norms, pooling, sums, slices, attention,
  recurrent layers) keeps their kinds, whatever their extents.

What fits none of these has axes that are unknown, and so has what is made of it alone.

Tokens that show no place of the image, such as class tokens and registers, are told by what they are made
of: where tokens are put in a row, those that come from parameters alone. They are followed as axes are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from prh.features.factors import CHANNELS, POSITIONS, Axes, Axis, changed, cut, extents_of, position_axis

MOVES = {"permute", "transpose", "transpose_", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "mT", "T"}
CUTS = {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "squeeze_", "unsqueeze_"} | {
    *("view_as", "reshape_as", "ravel", "atleast_3d")
}
TAKES = {"mean", "sum", "amax", "amin", "max", "min", "std", "var", "norm", "prod", "logsumexp"} | {
    *("select", "unbind", "argmax", "argmin", "median", "any", "all", "count_nonzero", "index_select")
}
SLICES = {"__getitem__", "narrow", "split", "chunk", "flip", "roll"}
"""Of these, what becomes of a row of tokens is seen on an example."""
PRODUCTS = {"matmul", "__matmul__", "__rmatmul__", "bmm", "mm", "baddbmm"}
SIDES = (3, 5, 7, 11, 13, 17, 19, 23)
"""Of the tensor that axes are told apart by."""


class AxesFollowed(TorchFunctionMode):
    """While it is active, knows the axes of every tensor that is made from those it was told of."""

    def __init__(self) -> None:
        super().__init__()
        # Tensors are kept, lest another has the id of one that is gone.
        self._known: dict[int, tuple[torch.Tensor, Axes]] = {}
        self._made_of_it: dict[int, torch.Tensor] = {}
        self._placeless: dict[int, list[bool]] = {}

    def tell(self, tensor: torch.Tensor, axes: Axes) -> None:
        """Says what the axes of a tensor are."""
        self._known[id(tensor)] = tensor, axes
        self._made_of_it[id(tensor)] = tensor

    def depends(self, tensor: torch.Tensor) -> bool:
        """Returns whether a tensor was made from those it was told of, not from parameters alone."""
        return id(tensor) in self._made_of_it

    def of(self, tensor: torch.Tensor) -> Axes | None:
        """Returns the axes of a tensor, None where they are unknown."""
        known = self._known.get(id(tensor))
        # Some calls change a tensor's shape in place.
        return known[1] if known and extents_of(known[1]) == tuple(tensor.shape) else None

    def placeless(self, tensor: torch.Tensor) -> list[int]:
        """Returns which of a tensor's tokens show no place of the image: class tokens, registers."""
        return [token for token, marked in enumerate(self._marks(tensor)) if marked]

    def _marks(self, tensor: Any) -> list[bool]:
        return self._placeless.get(id(tensor), []) if self._known.get(id(tensor)) else []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Calls ``func``, and notes the axes of the tensors that it returns."""
        kwargs = kwargs or {}
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        before = [(tensor.shape, axes) for tensor in given if (axes := self.of(tensor)) is not None]
        result = func(*args, **kwargs)
        if any(self.depends(tensor) for tensor in given):
            changed_in_place = [args[0]] if getattr(func, "__name__", "") == "__setitem__" else []
            made_of_it = [*tree_leaves(result), *changed_in_place]
            self._made_of_it |= {id(leaf): leaf for leaf in made_of_it if isinstance(leaf, torch.Tensor)}
        if before:
            name = getattr(func, "__name__", "")
            if name == "__get__":  # x.T and x.mT
                name = getattr(getattr(func, "__self__", None), "__name__", "")
            for nth, made in enumerate(tree_leaves(result)):
                if not isinstance(made, torch.Tensor):
                    continue
                axes = self._made(func, name, args, kwargs, made, before)
                if axes is not None:
                    self.tell(made, axes)
                    self._mark(func, name, args, kwargs, made, nth, given)
        return result

    def _made(
        self, func: Any, name: str, args: Any, kwargs: Any, made: torch.Tensor, before: list[tuple[Any, Axes]]
    ) -> Axes | None:
        shape = tuple(made.shape)
        first = self.of(args[0]) if args and isinstance(args[0], torch.Tensor) else None
        if name in CUTS and first is not None:
            return cut(first, shape)
        if (name in MOVES or (name in TAKES and len(shape) < len(first or ()))) and first is not None:
            return _by_example(func, args, kwargs, first, shape)
        if name == "__getitem__" and first is not None:
            return _indexed(first, args[1], shape)
        if name in PRODUCTS and len(args) > 1:
            return _product(self.of(args[0]), self.of(args[1]), shape)
        if name == "stack" and len(before[0][1]) == len(shape) - 1:
            dim = kwargs.get("dim", args[1] if len(args) > 1 else 0) % len(shape)
            axes = before[0][1]
            return (*axes[:dim], ((CHANNELS, shape[dim]),), *axes[dim:])
        if name == "einsum":
            return _einsum(args, [self.of(tensor) for tensor in tree_leaves(args[1:])], shape)
        alike = [axes for _, axes in before if len(axes) == len(shape)]
        exact = [axes for axes in alike if extents_of(axes) == shape]
        return changed((exact or alike)[0], shape) if alike else None

    def _mark(
        self, func: Any, name: str, args: Any, kwargs: Any, made: torch.Tensor, nth: int, given: Any
    ) -> None:
        """Notes which tokens of a result, the ``nth`` of a call, show no place of the image."""
        place, marks = self._row(made), list[bool]()
        if place is not None and name in ("cat", "concat", "concatenate"):
            dim = kwargs.get("dim", args[1] if len(args) > 1 else 0) % made.ndim
            parts = list(args[0] if args else kwargs["tensors"])
            for part in parts if dim == place else parts[:1]:
                marks += self._marks(part) or [not self.depends(part)] * part.shape[place]
        elif place is not None and name in SLICES and self._marks(args[0]):
            marks = self._sliced(func, args, kwargs, nth, place)
        elif place is not None:
            known = (self._marks(tensor) for tensor in given)
            marks = next((marks for marks in known if len(marks) == made.shape[place]), [])
        self._placeless[id(made)] = marks if any(marks) else []

    def _row(self, tensor: torch.Tensor) -> int | None:
        axes = self.of(tensor)
        return position_axis(axes) if axes else None

    def _sliced(self, func: Any, args: Any, kwargs: Any, nth: int, place: int) -> list[bool]:
        """Returns the marks of what is sliced, from a tensor that has them in place of numbers."""
        whole, marks, before = args[0], self._marks(args[0]), self._row(args[0])
        shape = [len(marks) if dim == before else 1 for dim in range(whole.ndim)]
        example = torch.tensor(marks, device="cpu").view(shape).expand(whole.shape)
        sliced = tree_leaves(func(example, *args[1:], **kwargs))[nth]
        found: list[bool] = sliced.movedim(place, 0).flatten(1)[:, 0].tolist()
        return found


def _by_example(func: Any, args: Any, kwargs: Any, axes: Axes, shape: tuple[int, ...]) -> Axes | None:
    """Returns the axes after a call that moves some or takes some away, seen on a tensor of other sides."""
    sides = SIDES[: len(axes)]
    example = func(torch.empty(sides, device="meta"), *args[1:], **kwargs)
    went = tree_leaves(example)[0].shape
    if len(went) != len(shape) or any(side not in sides for side in went):
        return None
    return changed(tuple(axes[sides.index(side)] for side in went), shape)


def _indexed(axes: Axes, index: Any, shape: tuple[int, ...]) -> Axes | None:
    """Returns the axes of ``x[index]``, of slices, numbers, None and the ellipsis."""
    parts = list(index) if isinstance(index, tuple) else [index]
    rest, found = list(axes), list[Axis]()
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    for part in parts if any(part is Ellipsis for part in parts) else [*parts, Ellipsis]:
        if part is None:
            found.append(((POSITIONS, 1),))
        elif part is Ellipsis:
            free = len(axes) - taken
            found += [rest.pop(0) for _ in range(free)]
        elif isinstance(part, slice):
            found.append(rest.pop(0))
        elif isinstance(part, int):
            rest.pop(0)
        elif isinstance(part, torch.Tensor) and part.ndim == 1 and part.dtype == torch.long:
            found.append(rest.pop(0))
        else:
            return None
    return changed(tuple(found), shape) if len(found) == len(shape) else None


def _product(a: Axes | None, b: Axes | None, shape: tuple[int, ...]) -> Axes | None:
    """Returns the axes of a product of matrices; numbers without known axes map a row to another."""
    if a is None:
        return changed(b, shape) if b is not None and len(b) == len(shape) else None
    last = b[-1] if b is not None else a[-1]
    return changed((*a[:-1], last), shape) if len(a) == len(shape) else None


def _einsum(args: Sequence[Any], axes: Sequence[Axes | None], shape: tuple[int, ...]) -> Axes | None:
    if not isinstance(args[0], str) or "->" not in args[0] or "." in args[0]:
        return None
    inputs, output = args[0].replace(" ", "").split("->")
    of: dict[str, Axis] = {}
    for letters, known in zip(inputs.split(","), axes, strict=False):
        if known is not None:
            of = {**dict(zip(letters, known, strict=True)), **of}
    # a letter of weights alone is what they map to
    found = tuple(of.get(letter, ((CHANNELS, n),)) for letter, n in zip(output, shape, strict=True))
    return changed(found, shape)
