"""Measure a framework's float32 matrix product for the limit: --framework torch or tensorflow."""

from collections.abc import Callable

import numpy as np
from common import quiet_tensorflow

from ftcore.bench.matmul import parser
from ftcore.files import write_json
from ftcore.machine.matmul import rates


def by_torch(threads: int) -> Callable[[np.ndarray, np.ndarray], Callable[[], object]]:
    import torch

    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def prepare(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
        # as a linear map holds it: [outputs, inputs]
        rows, weight = torch.from_numpy(left).to(device), torch.from_numpy(right.T.copy()).to(device)

        def product() -> None:
            torch.nn.functional.linear(rows, weight)
            if device.type == "cuda":
                torch.cuda.synchronize()

        return product

    return prepare


def by_tensorflow(threads: int) -> Callable[[np.ndarray, np.ndarray], Callable[[], object]]:
    quiet_tensorflow(threads)
    import tensorflow as tf

    def prepare(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
        rows, weight = tf.constant(left), tf.constant(right)
        # on a CPU an eager operation returns when it is done
        return lambda: tf.matmul(rows, weight)

    return prepare


FRAMEWORKS = {"torch": by_torch, "tensorflow": by_tensorflow}

if __name__ == "__main__":
    words = parser()
    words.add_argument("--framework", choices=list(FRAMEWORKS), required=True)
    given = words.parse_args()
    write_json(given.output, rates(FRAMEWORKS[given.framework](given.threads), given.shapes))
