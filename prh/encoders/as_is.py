"""The baseline without a network: what is shown, as it is."""

from torch import Tensor, nn


class AsIs(nn.Module):
    """Puts out its input as one vector; ``num_classes``, which every network takes, means nothing here.

    Args:
        layer: What its only layer is called.
        num_classes: Ignored.
    """

    def __init__(self, layer: str, num_classes: int) -> None:
        super().__init__()
        self.add_module(layer, nn.Flatten())
        self.layer = layer

    def forward(self, shown: Tensor) -> Tensor:
        """Maps N×C×H×W to N×(C·H·W)."""
        flat: Tensor = self.get_submodule(self.layer)(shown)
        return flat
