"""Writes sentence-transformers' files into a result: see `ftcore.models.sentence_reading`."""

from pathlib import Path

from ftcore.contract.network import Architecture, Head, Transformer
from ftcore.files import write_json
from ftcore.models.sentence_reading import (
    LENGTHS,
    MODES,
    MODULES,
    NORMALIZE,
    OTHER_MODES,
    POOLING,
    POOLING_CONFIG,
    TRANSFORMER,
)

CLASSES = "sentence_transformers.models."


def write_sentence_files(folder: Path, architecture: Architecture, head: Head, max_length: int) -> list[str]:
    """Write the files that sentence-transformers needs to load a model folder with this pooling.

    Args:
        folder: folder of the model, which transformers can load.
        architecture: architecture of the network.
        head: head of the network.
        max_length: most tokens of a text.

    Returns:
        A note for the user if it has no such pooling; then nothing is written.
    """
    if not isinstance(architecture.body, Transformer) or head.pooling not in MODES:
        return [f"sentence-transformers has no pooling {head.pooling}: the folder has no {MODULES}"]
    steps = {"": TRANSFORMER, "1_Pooling": POOLING, **({"2_Normalize": NORMALIZE} if head.normalize else {})}
    for path in filter(None, steps):
        (folder / path).mkdir()
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"{CLASSES}{step}"}
        for place, (path, step) in enumerate(steps.items())
    ]
    write_json(folder / MODULES, modules)
    modes = {field: pooling == head.pooling for pooling, field in MODES.items()}
    pooling_config = {
        "word_embedding_dimension": architecture.body.hidden,
        **modes,
        **dict.fromkeys(OTHER_MODES, False),
        "include_prompt": True,
    }
    write_json(folder / "1_Pooling" / POOLING_CONFIG, pooling_config)
    write_json(folder / LENGTHS, {"max_seq_length": max_length, "do_lower_case": False})
    return []
