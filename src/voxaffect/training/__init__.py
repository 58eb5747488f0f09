"""Experiments, fitting with Lightning, and export to a bundle; needs `voxaffect[train]`."""
