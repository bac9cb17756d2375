"""Cross-validate settings for Japanese Vowels on its 270 training rows, to choose those of the benchmark.

    python benchmarks/vowel_folds.py          # every setting, the two seeds: half an hour on 1 core

A plain PyTorch loop with the network, loss, optimizer and schedule of specs/japanese-vowels.yaml; test is never read.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

TRAIN = Path(__file__).parents[2] / "shared" / "data" / "japanese_vowels" / "train.jsonl"
CHANNELS, CLASSES, FOLDS, SEEDS, BATCH = 12, 9, 5, (0, 1), 16


@dataclass(frozen=True)
class Setting:
    """A network and its training; bidirectional."""

    cell: str = "gru"
    pooling: str = "max"
    standardize: bool = True
    hidden: int = 64
    layers: int = 1
    dropout: float = 0.3
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    epochs: int = 40


SETTINGS = [
    *(Setting("lstm", pooling, scaled) for pooling in ("last", "mean", "max") for scaled in (True, False)),
    *(Setting("gru", "last", scaled) for scaled in (True, False)),
    *(Setting("gru", pooling) for pooling in ("mean", "max")),
    *(Setting("gru", pooling, learning_rate=5e-3, epochs=80) for pooling in ("max", "last")),
    Setting(hidden=128, dropout=0.5),
    Setting(hidden=128, dropout=0.5, learning_rate=1e-2, weight_decay=0.1),
    Setting(layers=2, dropout=0.5),
    Setting(pooling="last", hidden=128, dropout=0.5),
    Setting(pooling="last", hidden=128, dropout=0.5, layers=2),
    Setting(hidden=128, dropout=0.5, layers=2),
]


class Net(nn.Module):
    """The network of a setting."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        kind, between = {"lstm": nn.LSTM, "gru": nn.GRU}[setting.cell], setting.dropout if setting.layers > 1 else 0.0
        self.rnn = kind(CHANNELS, setting.hidden, setting.layers, batch_first=True, bidirectional=True, dropout=between)
        self.classifier = nn.Linear(2 * setting.hidden, CLASSES)
        self.dropout = nn.Dropout(setting.dropout)
        self.setting = setting

    def forward(self, sequences: list[Tensor]) -> Tensor:
        """Return logits [sequences, classes]."""
        packed = nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False)
        states, lengths = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.classifier(self.dropout(self._pooled(states, lengths)))

    def _pooled(self, states: Tensor, lengths: Tensor) -> Tensor:
        real = (torch.arange(states.shape[1]) < lengths[:, None])[:, :, None]
        if self.setting.pooling == "mean":
            return (states * real).sum(1) / lengths[:, None]
        if self.setting.pooling == "max":
            return states.masked_fill(~real, -torch.inf).amax(1)
        hidden = self.setting.hidden
        return torch.cat([states[torch.arange(len(states)), lengths - 1, :hidden], states[:, 0, hidden:]], 1)


def right(sequences: list[np.ndarray], labels: np.ndarray, held: np.ndarray, setting: Setting, seed: int) -> int:
    """Train on the rows that are not held out; return the number of correct held-out rows."""
    torch.manual_seed(seed)
    draw, kept = np.random.default_rng(seed), np.setdiff1d(np.arange(len(labels)), held)
    steps = np.concatenate([sequences[row] for row in kept])
    mean, deviation = (steps.mean(0), steps.std(0)) if setting.standardize else (0.0, 1.0)
    values = [torch.tensor((sequence - mean) / deviation, dtype=torch.float32) for sequence in sequences]
    net, classes = Net(setting), torch.tensor(labels)
    total = setting.epochs * -(-len(kept) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=setting.learning_rate, weight_decay=setting.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * total), 1 - step / total)
    )
    for _ in range(setting.epochs):
        for rows in np.array_split(order := draw.permutation(kept), range(BATCH, len(order), BATCH)):
            loss = nn.functional.cross_entropy(net([values[row] for row in rows]), classes[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        return int((net([values[row] for row in held]).argmax(1) == classes[held]).sum())


def accuracy(sequences: list[np.ndarray], labels: np.ndarray, setting: Setting, seed: int) -> float:
    """Return the share of correct rows when their fold is held out; folds are stratified by class."""
    order = np.random.default_rng(100 + seed).permutation(len(labels))
    of_class = [order[labels[order] == one] for one in range(CLASSES)]
    folds = [np.concatenate([rows[fold::FOLDS] for rows in of_class]) for fold in range(FOLDS)]
    return sum(right(sequences, labels, fold, setting, seed) for fold in folds) / len(labels)


def main() -> None:
    torch.set_num_threads(1)
    rows = [json.loads(line) for line in TRAIN.read_text().splitlines()]
    sequences, labels = [np.array(row["x"]) for row in rows], np.array([row["label"] for row in rows])
    for setting in SETTINGS:
        found = [accuracy(sequences, labels, setting, seed) for seed in SEEDS]
        print(f"{np.mean(found):.4f}  {' '.join(f'{one:.4f}' for one in found)}  {setting}", flush=True)


if __name__ == "__main__":
    main()
