"""Checks arrays once, where they enter the library."""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MIN_STIMULI = 4
"""Three stimuli have three distances, whose ranks correlate perfectly by chance one time in six."""


class DegenerateFeatures(ValueError):
    """Features for which the metric is undefined: NaN or infinite values, or no variation."""


def as_matrix(x: Any, name: str = "x") -> Array:
    """Returns ``x`` as a float64 matrix.

    Args:
        x: N×D NumPy array, torch tensor on any device, or nested sequence.
        name: What error messages call it.

    Raises:
        ValueError: Not numeric, not two-dimensional, or fewer than four rows.
        DegenerateFeatures: Some rows hold NaN or infinite values; the message says which.
    """
    if hasattr(x, "detach"):
        x = x.detach().float().cpu().numpy()
    try:
        matrix = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers ({error})") from error
    if matrix.ndim != 2:
        raise ValueError(f"{name} must be stimuli × features, but has shape {matrix.shape}")
    if len(matrix) < MIN_STIMULI:
        raise ValueError(f"{name} has {len(matrix)} rows, but similarity needs at least {MIN_STIMULI}")
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if len(bad):
        raise DegenerateFeatures(f"{name} has NaN or infinite values in {_rows(bad)}")
    return matrix


def multiplied(a: NDArray[Any], b: NDArray[Any], device: str) -> NDArray[Any]:
    """Returns the matrix product, computed on a torch device or, without one, by NumPy."""
    where, kind = torch_device(device), np.result_type(a, b)
    if where == "cpu":
        product: NDArray[Any] = a @ b
        return product
    import torch

    left, right = (torch.from_numpy(np.ascontiguousarray(z, dtype=kind)).to(where) for z in (a, b))
    result: NDArray[Any] = (left @ right).cpu().numpy()
    return result


def torch_device(device: str) -> str:
    """Returns the torch device for large products: CUDA where named, or there for ``auto``, else the CPU.

    Other accelerators lack float64 or compute it slowly. On the CPU nothing needs torch.

    Raises:
        ModuleNotFoundError: CUDA is named, and torch is not installed.
    """
    if device.startswith("cuda"):
        if find_spec("torch") is None:
            raise ModuleNotFoundError(f"device={device} needs torch: pip install torch, or use cpu")
        return device
    if device != "auto" or find_spec("torch") is None:
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def without_outliers(matrix: Array, share: float, name: str) -> Array:
    """Returns features with their largest values clamped, rows scaled to length one (Huh et al. 2024).

    Args:
        matrix: N×D.
        share: Values are clamped at ±q, with q the mean over rows of each row's ``share`` quantile of |x|.
        name: What error messages call it.

    Raises:
        DegenerateFeatures: Some rows are zero.
    """
    bound = float(np.quantile(np.abs(matrix), share, axis=1).mean())
    return unit_rows(np.clip(matrix, -bound, bound), name, "zero", "and cannot be scaled to length one")


def unit_rows(matrix: Array, name: str, why: str, so: str = "where this distance is undefined") -> Array:
    """Returns the rows scaled to length one.

    Raises:
        DegenerateFeatures: Some rows are zero, which has no direction.
    """
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    zero = np.flatnonzero(lengths[:, 0] == 0)
    if len(zero):
        raise DegenerateFeatures(f"{name} is {why} in {_rows(zero)}, {so}")
    directions: Array = matrix / lengths
    return directions


def _rows(indices: NDArray[np.intp]) -> str:
    shown = ", ".join(map(str, indices[:5]))
    more = f" and {len(indices) - 5} more" if len(indices) > 5 else ""
    return f"row{'s' if len(indices) > 1 else ''} {shown}{more}"
