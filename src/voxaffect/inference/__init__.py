"""Using a bundle: NumPy and ONNX Runtime, nothing else."""
