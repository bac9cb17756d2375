"""The task spec: its parts, how it is read, and how it is written."""
