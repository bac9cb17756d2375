"""Tokenizers: reading, converting, training, special tokens and templates."""
