"""Files of weights, safetensors or written by torch.save: reading one tensor at a time, comparing names and shapes."""

from ftcore.contract.weights.checkpoint import DTYPES, HEAD, WEIGHTS, Checkpoint
from ftcore.contract.weights.fit import check_fit, differences, listed

__all__ = ["DTYPES", "HEAD", "WEIGHTS", "Checkpoint", "check_fit", "differences", "listed"]
