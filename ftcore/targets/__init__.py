"""The kinds of target: what is learned, how it is evaluated and predicted."""
