"""What users choose where rows come from a stream, or predictions go to one."""

from typing import Literal

StreamFormat = Literal["jsonl", "csv", "tsv", "json", "conll"]
"""The formats of data that need not be read twice, or from the end."""
OutputFormat = Literal["jsonl", "csv"]
"""The formats of predictions."""
OnBadRow = Literal["stop", "skip"]
"""What is done where a row is wrong: stop, or go on without it."""
FeaturePooling = Literal["mean", "cls", "max", "last", "pooler", "none"]
"""How a sequence becomes one vector; none: a vector for each token."""
