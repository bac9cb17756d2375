"""The BERT cases in plain transformers and plain torch: no code of ftcore computes anything here."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification, BertModel

from ftcore.conformance.bert import BertCase
from ftcore.contract import Batch


class PooledBert(nn.Module):
    """BertModel without its pooler, under a pooling of its hidden states."""

    def __init__(self, config: BertConfig, case: BertCase) -> None:
        super().__init__()
        self.case = case
        self.bert = BertModel(config, add_pooling_layer=False)
        width = 4 if case.pair == "separate" else 1
        self.classifier = nn.Linear(width * config.hidden_size, case.outputs)

    def forward(self, input_ids, attention_mask, token_type_ids):
        states = self.bert(input_ids, attention_mask, token_type_ids).last_hidden_state
        rows = [row[: int(mask.sum())] for row, mask in zip(states, attention_mask, strict=True)]
        pooled = torch.stack([POOLINGS[self.case.pooling](row) for row in rows])
        if self.case.normalize:
            pooled = pooled / pooled.norm(dim=1, keepdim=True)
        if self.case.pair == "separate":
            u, v = pooled[0::2], pooled[1::2]
            pooled = torch.cat([u, v, (u - v).abs(), u * v], dim=1)
        return self.classifier(pooled)


class PoolerBert(nn.Module):
    """BertForSequenceClassification, giving logits."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        inner = BertForSequenceClassification(config)
        self.bert, self.classifier = inner.bert, inner.classifier
        self.inner = [inner]

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.inner[0](input_ids, attention_mask, token_type_ids).logits


POOLINGS = {
    "cls": lambda row: row[0],
    "mean": lambda row: row.mean(dim=0),
    "max": lambda row: row.max(dim=0).values,
    "last": lambda row: row[-1],
}


def model(case: BertCase, dtype: torch.dtype) -> nn.Module:
    """Return the plain model of a case with the case's parameters, dropout 0."""
    config = BertConfig.from_dict({**case.network().architecture.config, "num_labels": case.outputs})
    plain = PoolerBert(config) if case.pooling == "pooler" else PooledBert(config, case)
    plain = plain.to(dtype)
    plain.load_state_dict({name: torch.tensor(value) for name, value in case.tensors.items()})
    return plain.train()


def inputs(batch: Batch) -> dict[str, torch.Tensor]:
    """Return the batch's inputs, ids as transformers likes them."""
    return {name: torch.tensor(value, dtype=torch.long) for name, value in batch.inputs.items()}


def loss(case: BertCase, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean loss that a plain loop would take."""
    labels = torch.tensor(batch.targets["labels"])
    if labels.dtype == torch.int32:
        return functional.cross_entropy(logits, labels.long())
    return functional.mse_loss(logits, labels.to(logits.dtype))


def gradients(plain: nn.Module) -> dict[str, np.ndarray]:
    """Return every parameter's gradient."""
    return {name: value.grad.numpy().copy() for name, value in plain.named_parameters()}


def parameters(plain: nn.Module) -> dict[str, np.ndarray]:
    """Return every parameter."""
    return {name: value.detach().numpy().copy() for name, value in plain.named_parameters()}
