"""Networks without memory, for those that need numbers while they are built."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class ParametersOnMeta(TorchFunctionMode):
    """Makes what is made empty, as parameters are, on the meta device, and leaves all other numbers alone."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Calls ``func``."""
        kwargs = kwargs or {}
        return func(*args, **{**kwargs, "device": "meta"} if func is torch.empty else kwargs)
