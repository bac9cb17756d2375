"""A step of an encoder and of a decoder of about 20 million parameters at 128 tokens; writes results/kinds.json.

    python benchmarks/kinds.py                # about 6 minutes on 2 cores

The goal is TensorFlow at 0.9 times the speed of PyTorch, or more. Weights are drawn: their values cost nothing else.
"""

import json
import tempfile
from pathlib import Path

from generated import MODEL, measure_length

from ftcore.bench.summary import figures, verdicts
from ftcore.files import write_json

RESULTS = Path(__file__).parent / "results" / "kinds.json"
LENGTH, BATCH, GOAL = 128, 16, 0.9
COMMON = {"hidden_size": 384, "num_hidden_layers": 6, "pad_token_id": 0, "vocab_size": 30522}
KINDS = {
    "encoder (bert)": {
        **COMMON,
        "model_type": "bert",
        "num_attention_heads": 12,
        "intermediate_size": 1536,
        "max_position_embeddings": 512,
    },
    "decoder (llama)": {
        **COMMON,
        "model_type": "llama",
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "intermediate_size": 1024,
        "max_position_embeddings": 512,
    },
}
SUITE = {
    "steps": 8,
    "warmup": 2,
    "rounds": 3,
    "contestants": [
        {"name": "torch", "ftcore": {"backend": "torch"}},
        {"name": "tf", "ftcore": {"backend": "tf"}},
        {"name": "tf XLA", "ftcore": {"backend": "tf", "set": ["backend={tf: {xla: true}}"]}},
    ],
    "ratios": [
        {"contestant": "tf", "baseline": "torch", "goal": GOAL},
        {"contestant": "tf XLA", "baseline": "torch", "goal": GOAL},
    ],
}


def main() -> None:
    found = {}
    for kind, config in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config.json").write_text(json.dumps(config))
            model = {"from_scratch": {"architecture": folder, "tokenizer": MODEL}}
            found[kind] = measure_length(LENGTH, SUITE, BATCH, model)
    for kind, results in found.items():
        for item in figures(results):
            share = item.limit_share.median if item.limit_share else float("nan")
            print(f"{kind:16} {item.contestant:8} {item.examples_per_second.median:7.1f} examples/s  {share:.2f}")
        for verdict in verdicts(results):
            print(f"{kind:16} {verdict.what}: {verdict.found.median:.2f}")
    write_json(RESULTS, {kind: results.to_json() for kind, results in found.items()})


if __name__ == "__main__":
    main()
