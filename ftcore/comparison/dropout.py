"""Whether a run used dropout: its masks differ between backends, so the losses then differ too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ftcore.files import read_json


def dropout_rates(run: Path) -> dict[str, float]:
    """Return the dropout rates above 0 of a run folder, by name: the spec's, else those of the model's config."""
    spec = yaml.safe_load((run / "spec.yaml").read_text(encoding="utf-8"))
    rate = spec["model"].get("dropout")
    rates = _of_config(read_json(run / "model" / "config.json")) if rate is None else {"model.dropout": rate}
    return {name: float(rate) for name, rate in rates.items() if rate > 0}


def _of_config(config: Mapping[str, Any]) -> dict[str, float]:
    """Return every rate of a Hugging Face config: hidden_dropout_prob, attn_pdrop, drop_path_rate, ..."""
    return {
        name: value
        for name, value in config.items()
        if "drop" in name and isinstance(value, int | float) and not isinstance(value, bool)
    }
