"""The one training loop, evaluation, checkpoints and resume, the run folder."""
