"""An observer that keeps what it is told."""

from ftcore.observer import Silent


class Heard(Silent):
    """Keeps the notes of a run."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
