"""The baseline without a network: the pixels themselves."""

from torch import Tensor, nn


class Pixels(nn.Module):
    """Puts out its input as one vector; ``num_classes``, which every network takes, means nothing here."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.pixels = nn.Flatten()

    def forward(self, images: Tensor) -> Tensor:
        """Returns N×(C·H·W)."""
        flat: Tensor = self.pixels(images)
        return flat
