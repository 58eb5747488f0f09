"""Fitting with Lightning, and export to a bundle; needs `voxaffect[train]`."""

from voxaffect.errors import missing_extra

try:
    import lightning  # noqa: F401
    import onnx  # noqa: F401
    import torch  # noqa: F401
    import tqdm  # noqa: F401
except ImportError as error:
    raise missing_extra("train", error) from error
