"""Computes conformance references by plain transformers and torch.optim, without any backend."""

REQUIRES = ("torch", "transformers")
"""Top-level packages that must be installed."""
