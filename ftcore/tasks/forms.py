"""ftcore's names of the columns that an example may be made of, beside what is learned."""

TEXT, PAIR, TOKENS, IMAGE = "text", ("text_a", "text_b"), "tokens", "image"
PREDICATE = "predicate_index"
"""Which of the tokens, from 0, is what the others play a role for."""

Form = tuple[str, ...]
"""The columns of an example that are read together."""
TEXTS: tuple[Form, ...] = ((TEXT,), PAIR)
"""One text, or two."""


def marks_predicate(forms: tuple[Form, ...]) -> bool:
    """Return whether one word of each sentence is its predicate."""
    return all(PREDICATE in form for form in forms)
