"""Changes the number of tokens of an architecture."""

from dataclasses import replace
from typing import Any

from ftcore.contract.network import Architecture, Transformer
from ftcore.models.families import FAMILIES


def with_vocabulary(architecture: Architecture, rows: int, pad_token: int | None = None) -> Architecture:
    """Return the architecture with a token table of another size, described by its family.

    Args:
        architecture: an architecture that reads tokens.
        rows: rows of the table.
        pad_token: the new id of the padding token; None to keep it.
    """
    config: dict[str, Any] = {**architecture.config, "vocab_size": rows}
    if pad_token is not None:
        config["pad_token_id"] = pad_token
    found = FAMILIES[architecture.family].architecture(config, None)
    if found.token_table is None or found.token_table.shape[0] != rows:
        raise TypeError(f"the family {architecture.family} does not follow vocab_size")
    whole, other = architecture.body, found.body
    if not (isinstance(whole, Transformer) and isinstance(other, Transformer)):
        return found
    # A family may count positions from the padding token's id, which must not change them here.
    return replace(found, body=replace(other, first_position=whole.first_position))
