"""Sequences of numbers: [time, channels] for each example."""
