"""Time steps of the same network in KerasHub with train_on_batch: python keras_hub_fit.py KIND prints JSON seconds."""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from work import KINDS, LABELS, LEARNING_RATE, VOCABULARY, Kind, batches

from ftcore.contract import Batch

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import keras_hub
import tensorflow as tf


def bert(config: Any) -> keras.Model:
    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=VOCABULARY,
        num_layers=config["num_hidden_layers"],
        num_heads=config["num_attention_heads"],
        hidden_dim=config["hidden_size"],
        intermediate_dim=config["intermediate_size"],
        dropout=0.1,
        max_sequence_length=config["max_position_embeddings"],
        num_segments=2,
    )
    pooled = keras.layers.Dropout(0.1)(backbone.output["pooled_output"])
    return keras.Model(backbone.input, keras.layers.Dense(LABELS)(pooled))


def llama(config: Any) -> keras.Model:
    backbone = keras_hub.models.LlamaBackbone(
        vocabulary_size=VOCABULARY,
        num_layers=config["num_hidden_layers"],
        num_query_heads=config["num_attention_heads"],
        hidden_dim=config["hidden_size"],
        intermediate_dim=config["intermediate_size"],
        num_key_value_heads=config["num_key_value_heads"],
        tie_word_embeddings=True,
    )
    return keras.Model(backbone.input, backbone.token_embedding(backbone.output, reverse=True))


def t5(config: Any) -> keras.Model:
    backbone = keras_hub.models.T5Backbone(
        vocabulary_size=VOCABULARY,
        num_layers=config["num_layers"],
        num_heads=config["num_heads"],
        hidden_dim=config["d_model"],
        intermediate_dim=config["d_ff"],
        key_value_dim=config["d_kv"],
        dropout=0.1,
        activation="relu",
        use_gated_activation=False,
    )
    decoded = backbone.output["decoder_sequence_output"]
    return keras.Model(backbone.input, backbone.token_embedding(decoded, reverse=True))


MODELS: dict[str, Callable[[Any], keras.Model]] = {"bert": bert, "llama": llama, "t5": t5}


def inputs_of(kind: Kind, batch: Batch) -> dict[str, Any]:
    given = batch.inputs
    ids, mask = given["input_ids"], given["attention_mask"]
    if kind.has_target:
        return {
            "encoder_token_ids": ids,
            "encoder_padding_mask": mask,
            "decoder_token_ids": given["decoder_input_ids"],
            "decoder_padding_mask": given["decoder_attention_mask"],
        }
    types = {"segment_ids": given["token_type_ids"]} if kind.config["model_type"] == "bert" else {}
    return {"token_ids": ids, "padding_mask": mask, **types}


def main(name: str) -> None:
    threads = len(os.sched_getaffinity(0))
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    kind = KINDS[name]
    model = MODELS[kind.config["model_type"]](kind.config)
    optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=0.01)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    seconds = []
    for batch in batches(kind):
        begin = time.perf_counter()
        float(model.train_on_batch(inputs_of(kind, batch), batch.targets["labels"]))
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "parameters": model.count_params()}))


if __name__ == "__main__":
    main(sys.argv[1])
