"""Fitting with Lightning, and export to a bundle; needs `voxaffect[train]`."""

from voxaffect.errors import require

require("train")
