"""Checks that the layers of ftcore_keras use only keras.ops, so that Keras can run them on another engine."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "backends" / "ftcore_keras"
ENGINES = "ftcore_keras.tensorflow_engine"
FRAMEWORKS = ("tensorflow", "jax", "torch", ENGINES)
"""What no layer imports, by itself or as the beginning of a dotted name."""
LAYERS = sorted((ROOT / "layers").rglob("*.py"))
BESIDE = [ROOT / f"{name}.py" for name in ("foreign", "losses", "native", "network", "overrides", "tensors", "weights")]
"""What needs no engine either, and stands beside the layers."""


def imported(code: str, package: str = "ftcore_keras.layers") -> set[str]:
    """Return the modules that code imports, anywhere in it; `import_module("x")` and the like are imports too."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def forbidden(code: str, package: str = "ftcore_keras.layers") -> list[str]:
    return sorted(
        name for name in imported(code, package) if any(f"{name}.".startswith(f"{one}.") for one in FRAMEWORKS)
    )


def test_there_are_layers_to_check() -> None:
    assert {"attention", "transformer", "recurrent", "convolution", "head"} <= {path.stem for path in LAYERS}
    assert all(path.is_file() for path in BESIDE)


@pytest.mark.parametrize("path", [*LAYERS, *BESIDE], ids=lambda path: path.stem)
def test_a_layer_imports_no_framework_below_keras(path: Path) -> None:
    package = "ftcore_keras.layers" if path.parent.name == "layers" else "ftcore_keras"
    assert forbidden(path.read_text(), package) == []


@pytest.mark.parametrize(
    "code",
    [
        "import tensorflow as tf",
        "import tensorflow.nn",
        "from tensorflow import nn",
        "from tensorflow.nn import bias_add",
        "def call():\n    import tensorflow as tf",
        "if True:\n    from tensorflow import nn",
        "import importlib\nimportlib.import_module('tensorflow')",
        "tf = __import__('tensorflow')",
        "from ftcore_keras.tensorflow_engine.engine import ENGINE",
        "from ftcore_keras import tensorflow_engine",
        "from .. import tensorflow_engine",
        "from ..tensorflow_engine import engine",
    ],
)
def test_the_check_finds_each_form_of_import(code: str) -> None:
    assert forbidden(code) != []


def test_the_check_leaves_others_alone() -> None:
    code = "import keras\nfrom keras import ops\nfrom ftcore_keras.layers.engine import Engine\nimport tensorflowless"
    assert forbidden(code) == []


@pytest.mark.slow
def test_layers_are_built_and_called_where_there_is_no_tensorflow() -> None:
    """On Keras's PyTorch: nothing that a layer calls takes TensorFlow in either."""
    code = (
        "import sys\nsys.modules['tensorflow'] = None\n"
        "import numpy as np\nfrom ftcore_keras.layers.linear import Linear, joint\n"
        "from ftcore_keras.layers.precision import Types\n"
        "class Plain:\n    def add_bias(self, values, bias): return values + bias\n"
        "maps = [Linear(3, 2, Types.of('float64', Plain())), Linear(3, 4, Types.of('float64', Plain()))]\n"
        "for one in maps: one.kernel.assign(np.ones(one.kernel.shape)); one.bias.assign(np.ones(one.bias.shape))\n"
        "print([found.tolist() for found in joint(np.ones((1, 3)), maps, [2, 4])])"
    )
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[[[4.0, 4.0]], [[4.0, 4.0, 4.0, 4.0]]]", done.stderr
