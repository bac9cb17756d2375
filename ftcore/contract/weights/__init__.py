"""Reads files of weights (safetensors or torch.save) one tensor at a time, and compares names and shapes."""

from ftcore.contract.weights.checkpoint import DTYPES, HEAD, WEIGHTS, Checkpoint
from ftcore.contract.weights.fit import check_fit, differences, listed

__all__ = ["DTYPES", "HEAD", "WEIGHTS", "Checkpoint", "check_fit", "differences", "listed"]
