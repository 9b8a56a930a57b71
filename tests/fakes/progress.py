"""Keeps the lines of progress."""


class FakeProgress:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        self.lines.append(f"{step}: {text}")
