"""Series of vectors: [time, channels] for each example."""
