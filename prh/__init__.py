"""prh: do independently trained networks organise the same stimuli in the same way?

Importing this package is cheap: torch, mlflow, umap and the like are imported where they are used.
"""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__version__ = "0.1.0"


class _TorchvisionLoader(Loader):
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

            # A CPU build of torch beside PyPI's torchvision (built for CUDA) cannot load the compiled
            # operators, and torchvision then fails at import although prh needs none of them. With the
            # schemas of nms and qnms declared, models, weights, data sets and transforms all work.
            self.library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            for operator in ("nms", "qnms"):
                schema = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                self.library.define(schema)  # type: ignore[no-untyped-call]
            self.real.exec_module(module)


class _TorchvisionFinder(MetaPathFinder):
    """Looks at one import only, torchvision's; on a healthy installation its loader changes nothing."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != "torchvision":
            return None
        spec = PathFinder.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _TorchvisionLoader(spec.loader)
        return spec


if not any(isinstance(finder, _TorchvisionFinder) for finder in sys.meta_path):
    sys.meta_path.insert(0, _TorchvisionFinder())
