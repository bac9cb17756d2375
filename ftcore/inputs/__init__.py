"""The kinds of input: tokens, images, series and arrays."""
