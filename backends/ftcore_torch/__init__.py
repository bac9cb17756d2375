"""The PyTorch backend of ftcore: models from transformers, optimizers from torch.optim."""

from ftcore_torch.backend import TorchBackend

__all__ = ["TorchBackend"]
