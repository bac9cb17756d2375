"""The measured quantities of a family, in the order of the table."""

FORWARD, LANGUAGE_MODEL, GRADIENTS = "forward", "language model", "gradients"
PACKED, STEPS_LOSS, ROUND_TRIP = "packed", "ten steps", "round trip"
"""FORWARD: hidden states of every network, and logits and loss of a classifier, padded and packed. LANGUAGE_MODEL:
logits of every position, and loss. PACKED: gradients of packed rows."""
RAISED = "raised"
"""An exception, with an infinite error."""
