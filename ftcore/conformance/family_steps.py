"""The ten training steps of a family's variant: AdamW with decay of every parameter, and new texts in each step."""

STEPS = 10
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.05
