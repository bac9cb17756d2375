"""Implements described networks in keras.ops only; operations that it lacks come from an `Engine`."""
