"""A worker whose neighbours' deaths are known."""

from dataclasses import dataclass, field


@dataclass
class FakeWorker:
    name: str = "host/1"
    dead: set[str] = field(default_factory=set)

    def is_dead(self, name: str) -> bool:
        return name in self.dead
