"""Names the fields of a chat message, and the role whose messages are learned."""

ROLE, CONTENT = "role", "content"
ASSISTANT = "assistant"
"""The role whose messages are learned."""
