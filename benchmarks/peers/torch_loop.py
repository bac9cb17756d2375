"""A hand-written PyTorch loop around transformers' model, as a careful user would write it.

--batches padded: each batch is padded to its longest example, and made when it is needed.
--batches packed: the batches that ftcore packs, made before the clock starts, so that the loop only trains.
"""

import time
from collections.abc import Iterator

import numpy as np
import torch
from common import Work, versions
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch_model import build_model, build_optimizer
from transformers import PreTrainedModel

from ftcore.bench.assignment import parser
from ftcore.bench.recording import Recorder
from ftcore.contract import Batch
from ftcore.data.batches import global_batch


def padded(work: Work) -> Iterator[dict[str, Tensor]]:
    for ids in work.order():
        lengths = work.lengths(ids)
        input_ids = np.full(
            (len(ids), int(lengths.max())), work.bound.network.model.network.architecture.body.pad_token
        )
        for place, number in enumerate(ids):
            input_ids[place, : lengths[place]] = work.rows[number]
        mask = np.arange(input_ids.shape[1]) < lengths[:, None]
        yield {
            "input_ids": torch.from_numpy(input_ids),
            "attention_mask": torch.from_numpy(mask.astype(np.int64)),
            "labels": torch.from_numpy(work.labels[ids].astype(np.int64)),
        }


def packed(work: Work) -> Iterator[dict[str, Tensor]]:
    def tensors(batch: Batch) -> dict[str, Tensor]:
        arrays = {**batch.inputs, "labels": batch.targets["labels"]}
        return {name: torch.from_numpy(array).long() for name, array in arrays.items()}

    train = work.bound.data.train
    return iter([tensors(batch) for ids in work.order() for batch in global_batch(train, ids, "packed")])


def padded_logits(model: PreTrainedModel, inputs: dict[str, Tensor]) -> Tensor:
    return model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits


def packed_logits(model: PreTrainedModel, inputs: dict[str, Tensor]) -> Tensor:
    segments = inputs["segment_ids"]
    together = (segments.unsqueeze(1) == segments.unsqueeze(2)).unsqueeze(1)
    hidden_states = model.bert(
        input_ids=inputs["input_ids"],
        token_type_ids=inputs["token_type_ids"],
        position_ids=inputs["position_ids"],
        attention_mask=together,
    ).last_hidden_state
    first = hidden_states.flatten(0, 1)[inputs["starts"]]
    pooled = torch.tanh(model.bert.pooler.dense(first))
    return model.classifier(model.dropout(pooled))


MODES = {"padded": (padded, padded_logits), "packed": (packed, packed_logits)}


def main() -> None:
    words = parser(__doc__ or "")
    words.add_argument("--batches", choices=list(MODES), required=True)
    work = Work(words)
    torch.set_num_threads(work.assignment.threads)
    recorder = Recorder(work.assignment.name, versions("torch", "transformers"))
    make_batches, logits_of = MODES[work.given.batches]
    model, device = build_model(work), torch.device("cuda" if torch.cuda.is_available() else "cpu")
    optimizer = build_optimizer(work, model.to(device))
    clip_norm, rates = work.bound.spec.training.clip_norm, work.bound.plan.learning_rates
    batches, order, ended = make_batches(work), work.order(), time.perf_counter()
    for step, ids in enumerate(order, start=1):
        inputs = {name: tensor.to(device) for name, tensor in next(batches).items()}
        for group in optimizer.param_groups:
            group["lr"] = rates.at(step)
        loss = cross_entropy(logits_of(model, inputs), inputs["labels"])
        loss.backward()
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        value, now = loss.item(), time.perf_counter()
        recorder.step(now - ended, len(ids), work.lengths(ids), inputs["input_ids"].numel(), value, work.flops)
        ended = time.perf_counter()
    recorder.write(work.assignment.output)


if __name__ == "__main__":
    main()
