"""Defines ftcore's names of the input columns of examples."""

TEXT, PAIR, TOKENS, IMAGE, NUMBERS = "text", ("text_a", "text_b"), "tokens", "image", "x"
PREDICATE = "predicate_index"
"""The column with the index of the predicate among the tokens, from 0."""
TRIPLET = ("anchor", "positive", "negative")
SCORE = "score"
"""The column with the target of a pair of texts; a file may lack it."""
SOURCE, TARGET, REFERENCES = "source", "target", "references"
PROMPT, COMPLETION, MESSAGES = "prompt", "completion", "messages"
PROMPT_INPUT = "prompt_input"
"""The column with what an instruction in the column of prompts is about; a row may lack it."""

WEIGHT, GROUP, SPLIT = "weight", "group", "split_column"
ROW_COLUMNS = (WEIGHT, GROUP, SPLIT)
"""The columns about rows, which are read only if data.columns names them: they are not part of an example."""

Form = tuple[str, ...]
"""The columns that one example is made of."""
TEXTS: tuple[Form, ...] = ((TEXT,), PAIR)
"""One text, or two."""
REWRITING: tuple[Form, ...] = ((SOURCE, TARGET, REFERENCES), (SOURCE, TARGET))
"""A source and its target text, optionally with all acceptable target texts."""
