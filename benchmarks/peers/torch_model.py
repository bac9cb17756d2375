"""transformers' BertForSequenceClassification with ftcore's initial values, and plain AdamW."""

import torch
from common import Work
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from ftcore.models import decay_exempt


def build_model(work: Work) -> PreTrainedModel:
    network = work.bound.network.model.network
    fields = {**network.architecture.config, "num_labels": network.head.outputs, "dtype": "float32"}
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="sdpa")
    tensors = work.bound.network.model.tensors
    model.load_state_dict({name: torch.from_numpy(array.astype("float32")) for name, array in tensors.items()})
    return model.train()


def build_optimizer(work: Work, model: torch.nn.Module) -> torch.optim.Optimizer:
    spec, exempt = work.bound.spec.optimizer, decay_exempt(work.bound.network.model.network)
    named = dict(model.named_parameters())
    groups = [
        {"params": [named[name] for name in named if name not in exempt], "weight_decay": spec.weight_decay},
        {"params": [named[name] for name in named if name in exempt], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=spec.learning_rate, betas=(spec.beta1, spec.beta2), eps=spec.epsilon, fused=True
    )
