"""ftcore's names of the columns that an example may be made of, beside what is learned."""

TEXT, PAIR, TOKENS, IMAGE, NUMBERS = "text", ("text_a", "text_b"), "tokens", "image", "x"
PREDICATE = "predicate_index"
"""Which of the tokens, from 0, is what the others play a role for."""
TRIPLET = ("anchor", "positive", "negative")
SCORE = "score"
"""What is learned of a pair of texts, where a file has it."""
SOURCE, TARGET, REFERENCES = "source", "target", "references"
PROMPT, COMPLETION, MESSAGES = "prompt", "completion", "messages"

Form = tuple[str, ...]
"""The columns of an example that are read together."""
TEXTS: tuple[Form, ...] = ((TEXT,), PAIR)
"""One text, or two."""
REWRITING: tuple[Form, ...] = ((SOURCE, TARGET, REFERENCES), (SOURCE, TARGET))
"""A text and what is made of it, with every text that is right where there are several."""
