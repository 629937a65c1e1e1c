"""torchvision beside a build of torch for another device, which cannot load its compiled operators.

torchvision then fails at import, although prh needs none of them. With the schemas of two declared, models,
weights, data sets and transforms all work.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType


def mend_torchvision() -> None:
    """Has torchvision import where it was built for another torch, such as PyPI's beside a CPU build.

    Others import it too, so it is mended as Python finds it. Where both are of one build, nothing is done.
    """
    if _builds_differ() and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _builds_differ() -> bool:
    try:
        torch, torchvision = (version(name).partition("+")[2] for name in ("torch", "torchvision"))
    except PackageNotFoundError:
        return False
    return torch != torchvision


class _Finder(MetaPathFinder):
    """Looks at one import only, torchvision's."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != "torchvision":
            return None
        spec = PathFinder.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Mending(spec.loader)
        return spec


class _Mending(Loader):
    """Runs torchvision's own loader; if its compiled operators are absent, declares two and retries."""

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        try:
            self.real.exec_module(module)
        except RuntimeError as error:
            if "operator torchvision::" not in str(error):
                raise
            for name in [n for n in sys.modules if n.startswith("torchvision.")]:
                del sys.modules[name]
            import torch

            self.library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            for operator in ("nms", "qnms"):
                schema = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                self.library.define(schema)  # type: ignore[no-untyped-call]
            self.real.exec_module(module)
