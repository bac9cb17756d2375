"""What of a family is measured, in the order of the table."""

FORWARD, LANGUAGE_MODEL, GRADIENTS = "forward", "language model", "gradients"
PACKED, STEPS_LOSS, ROUND_TRIP = "packed", "ten steps", "round trip"
"""FORWARD is a classifier's logits and loss, packed ones too, and the hidden states of every network; LANGUAGE_MODEL
the logits of every position, and the loss; PACKED the gradients of packed rows."""
RAISED = "raised"
"""An exception: infinite."""
