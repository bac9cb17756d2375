"""The reports are made of the run folders that the comparison's tests write."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "comparison"))
