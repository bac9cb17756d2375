"""The measured quantities of a family, in the order of the table."""

FORWARD, LANGUAGE_MODEL, ANSWER_SPAN = "forward", "language model", "answer span"
GRADIENTS, PACKED, STEPS_LOSS, ROUND_TRIP = "gradients", "packed", "ten steps", "round trip"
"""FORWARD: hidden states of every network, and logits and loss of a classifier, padded and packed. LANGUAGE_MODEL:
logits of every position, and loss. ANSWER_SPAN: logits of every token as an answer's first and last, and loss.
PACKED: gradients of packed rows."""
RAISED = "raised"
"""An exception, with an infinite error."""
