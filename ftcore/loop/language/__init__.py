"""Runs of language models: from a spec to texts that are judged."""
