"""Hugging Face's Trainer with DataCollatorWithPadding, which pads each batch to its longest; no evaluation or saving.

--sampling random (the Trainer's default) or group_by_length.
"""

import tempfile
import time
from typing import Any

import torch
from common import Work, versions
from torch_model import build_model
from transformers import (
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from ftcore.bench.assignment import parser
from ftcore.bench.recording import Recorder


class Clock(TrainerCallback):
    """Measures the time from the end of one optimizer step to the end of the next."""

    def __init__(self, work: Work, recorder: Recorder) -> None:
        self.work, self.recorder = work, recorder
        self.loss = torch.zeros(())
        self.mask = torch.zeros((0, 0))
        self.ended = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.ended = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        loss, now = self.loss.item(), time.perf_counter()
        lengths = self.mask.sum(dim=1).cpu().numpy()
        self.recorder.step(now - self.ended, len(lengths), lengths, self.mask.numel(), loss, self.work.flops)
        self.ended = time.perf_counter()


class TimedTrainer(Trainer):
    """Passes the inputs of each step to its clock."""

    clock: Clock

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **named: Any) -> Any:
        self.clock.mask = inputs["attention_mask"]
        loss = super().compute_loss(model, inputs, *args, **named)
        self.clock.loss = loss.detach()
        return loss


def settings(work: Work, folder: str) -> TrainingArguments:
    spec = work.bound.spec
    return TrainingArguments(
        output_dir=folder,
        max_steps=work.assignment.steps,
        per_device_train_batch_size=spec.training.batch_size,
        train_sampling_strategy=work.given.sampling,
        learning_rate=spec.optimizer.learning_rate,
        weight_decay=spec.optimizer.weight_decay,
        adam_beta1=spec.optimizer.beta1,
        adam_beta2=spec.optimizer.beta2,
        adam_epsilon=spec.optimizer.epsilon,
        max_grad_norm=spec.training.clip_norm or 0.0,
        lr_scheduler_type="linear",
        warmup_steps=work.bound.plan.learning_rates.warmup_steps,
        seed=spec.training.seed,
        eval_strategy="no",
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def main() -> None:
    words = parser(__doc__ or "")
    words.add_argument("--sampling", choices=["random", "group_by_length"], required=True)
    work = Work(words)
    torch.set_num_threads(work.assignment.threads)
    recorder = Recorder(work.assignment.name, versions("torch", "transformers", "accelerate"))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(work.bound.network.model.tokenizer_folder)
    labels = work.labels.tolist()
    examples = [{"input_ids": ids, "labels": label} for ids, label in zip(work.rows, labels, strict=True)]
    clock = Clock(work, recorder)
    with tempfile.TemporaryDirectory() as folder:
        trainer = TimedTrainer(
            model=build_model(work),
            args=settings(work, folder),
            train_dataset=examples,
            data_collator=DataCollatorWithPadding(tokenizer),
            processing_class=tokenizer,
            callbacks=[clock],
        )
        trainer.clock = clock
        trainer.train()
    recorder.write(work.assignment.output)


if __name__ == "__main__":
    main()
