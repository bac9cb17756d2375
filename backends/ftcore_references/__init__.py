"""Plain transformers and torch.optim as references for conformance; nothing of a backend is used."""

REQUIRES = ("torch", "transformers")
"""Top-level packages that must be installed."""
