"""Texts as examples of language models: read, checked, tokenised, and given as batches."""
