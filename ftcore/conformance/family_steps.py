"""The ten training steps of a family's variant: plain AdamW, every parameter decays, new texts at each step."""

STEPS = 10
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.05
