"""Many networks trained side by side on one GPU, which one small network would leave idle."""

from voxaffect.runs.side_by_side.run import check_side_by_side, train_side_by_side

__all__ = ["check_side_by_side", "train_side_by_side"]
