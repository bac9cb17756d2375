"""Texts and words as tokens."""
