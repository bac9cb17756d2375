"""Time steps of a network on one of ftcore's backends: python ours.py KIND BACKEND prints seconds per step as JSON."""

import json
import math
import os
import sys
import time

from work import KINDS, LABELS, LEARNING_RATE, Kind, batches

from ftcore.contract import Program, Step
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.network import Network
from ftcore.contract.optimizers import AdamW
from ftcore.models import FAMILIES, LANGUAGE_MODELS, decay_exempt, drawn_tensors


def network_of(kind: Kind) -> Network:
    config, name = kind.config, kind.config["model_type"]
    if kind.labels_each == "position":
        family = LANGUAGE_MODELS[name]
        architecture = family.architecture(config, None)
        return Network(architecture, family.token_head(architecture, family.is_tied(config)))
    described = FAMILIES[name]
    architecture = described.architecture(config, None)
    return Network(architecture, described.head(architecture, LABELS, described.pooling, "joint"))


def main(name: str, backend: str) -> None:
    kind, loss = KINDS[name], CrossEntropy()
    network = network_of(kind)
    program = Program(
        network,
        loss,
        AdamW(learning_rate=LEARNING_RATE),
        decay_exempt=decay_exempt(network),
        options={"threads": len(os.sched_getaffinity(0))},
    )
    learner = backends.load(backend).build(program)
    learner.load_tensors(drawn_tensors(network.tensors, network.architecture, 0))
    seconds = []
    for index, batch in enumerate(batches(kind), start=1):
        begin = time.perf_counter()
        total = loss.weight(batch)
        float(learner.train_step(Step(index, [batch], total, LEARNING_RATE)).loss)
        seconds.append(time.perf_counter() - begin)
    parameters = sum(math.prod(parameter.shape) for parameter in network.parameters)
    print(json.dumps({"seconds": seconds, "parameters": parameters}))


if __name__ == "__main__":
    main(*sys.argv[1:])
