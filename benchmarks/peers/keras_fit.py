"""Keras' Model.fit on KerasHub's BERT: a tf.data pipeline that pads each batch to its longest, ftcore's order.

The weights are random, which does not change the speed. --jit auto is Keras' default, which compiles with XLA for every
new length of a batch; off is a graph that is traced once.
"""

import math
import time
from typing import Any

import numpy as np
from common import Work, quiet_tensorflow, versions

from ftcore.bench.assignment import parser
from ftcore.bench.recording import Recorder
from ftcore.contract.optimizers import LearningRates

JIT: dict[str, Any] = {"auto": "auto", "on": True, "off": False}


def build_model(work: Work) -> Any:
    import keras
    import keras_hub

    body, head = work.bound.network.model.network.architecture.body, work.bound.network.model.network.head
    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=body.vocabulary,
        num_layers=body.blocks,
        num_heads=body.attention.heads,
        hidden_dim=body.hidden,
        intermediate_dim=body.feed_forward.intermediate,
        dropout=body.hidden_dropout,
        max_sequence_length=body.positions,
        num_segments=body.token_types,
    )
    pooled = keras.layers.Dropout(head.dropout)(backbone.output["pooled_output"])
    return keras.Model(backbone.input, keras.layers.Dense(head.outputs)(pooled))


def build_optimizer(work: Work, model: Any) -> Any:
    import keras

    spec, rates = work.bound.spec, work.bound.plan.learning_rates
    optimizer = keras.optimizers.AdamW(
        schedule(rates),
        weight_decay=spec.optimizer.weight_decay,
        beta_1=spec.optimizer.beta1,
        beta_2=spec.optimizer.beta2,
        epsilon=spec.optimizer.epsilon,
        global_clipnorm=spec.training.clip_norm,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def schedule(rates: LearningRates) -> Any:
    import keras
    from keras import ops

    class Linear(keras.optimizers.schedules.LearningRateSchedule):
        """Warm-up from 0, then down to 0."""

        def __call__(self, step: Any) -> Any:
            done = ops.cast(step, "float32")
            rising = done / max(rates.warmup_steps, 1)
            falling = (rates.total_steps - done) / max(rates.total_steps - rates.warmup_steps, 1)
            return rates.peak * ops.where(done < rates.warmup_steps, rising, falling)

    return Linear()


def build_data(work: Work) -> Any:
    import tensorflow as tf

    order, pad = np.concatenate(work.order()), work.bound.network.model.network.architecture.body.pad_token
    rows = tf.ragged.constant([work.rows[number] for number in order], dtype=tf.int32)

    def inputs(ids: Any, labels: Any) -> Any:
        token_ids = ids.to_tensor(pad)
        mask = tf.sequence_mask(ids.row_lengths(), tf.shape(token_ids)[1], dtype=tf.int32)
        return {"token_ids": token_ids, "segment_ids": tf.zeros_like(token_ids), "padding_mask": mask}, labels

    data = tf.data.Dataset.from_tensor_slices((rows, work.labels[order]))
    return data.batch(work.bound.plan.batch_size).map(inputs, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def clock(work: Work, recorder: Recorder) -> Any:
    import keras

    order, size = np.concatenate(work.order()), work.bound.plan.batch_size

    class Clock(keras.callbacks.Callback):
        """Measures the time from the end of one batch to the end of the next; fit itself reads the loss."""

        def on_train_begin(self, logs: Any = None) -> None:
            self.ended, self.total, self.seen = time.perf_counter(), 0.0, 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            mean, now = float(logs["loss"]), time.perf_counter()
            ids = order[batch * size : (batch + 1) * size]
            lengths = work.lengths(ids)
            # fit logs the mean since the start of the epoch
            seen = self.seen + len(ids)
            loss = (mean * seen - self.total) / len(ids)
            self.total, self.seen = mean * seen, seen
            recorder.step(now - self.ended, len(ids), lengths, len(ids) * int(lengths.max()), loss, work.flops)
            self.ended = time.perf_counter()

    return Clock()


def main() -> None:
    words = parser(__doc__ or "")
    words.add_argument("--jit", choices=list(JIT), default="auto")
    work = Work(words)
    quiet_tensorflow(work.assignment.threads)
    import keras
    import keras_hub  # noqa: F401 - its version is noted

    recorder = Recorder(work.assignment.name, versions("tensorflow", "keras", "keras_hub"))
    model = build_model(work)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(build_optimizer(work, model), loss, jit_compile=JIT[work.given.jit])
    steps = math.ceil(sum(map(len, work.order())) / work.bound.plan.batch_size)
    if steps != work.assignment.steps:
        raise SystemExit(f"{work.assignment.steps} steps of this data are {steps} whole batches: take fewer steps")
    model.fit(build_data(work), epochs=1, verbose=0, callbacks=[clock(work, recorder)])
    recorder.write(work.assignment.output)


if __name__ == "__main__":
    main()
