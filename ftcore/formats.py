"""The choices for reading rows from a stream and for writing predictions, and the name of a result's description."""

from typing import Literal

StreamFormat = Literal["jsonl", "csv", "tsv", "json", "conll"]
"""The data formats that can be read in one pass from the start."""
OutputFormat = Literal["jsonl", "csv"]
"""The formats of predictions."""
OnBadRow = Literal["stop", "skip"]
"""What to do with a bad row: stop, or skip it."""
FeaturePooling = Literal["mean", "cls", "max", "last", "pooler", "none"]
"""How a sequence becomes one vector; "none" gives one vector per token."""
DESCRIPTION = "ftcore.json"
"""The file of a result with what its model was trained for."""
