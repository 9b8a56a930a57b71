"""Resources as numbers."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Resources: CPU in cores, memory and ephemeral storage in bytes."""

    cpu: Decimal = Decimal(0)
    memory: Decimal = Decimal(0)
    storage: Decimal = Decimal(0)

    def plus(self, other: "Amounts") -> "Amounts":
        """The sum."""
        cpu, memory = self.cpu + other.cpu, self.memory + other.memory
        return Amounts(cpu=cpu, memory=memory, storage=self.storage + other.storage)

    def __str__(self) -> str:
        return f"{self.cpu.normalize():f} cores and {int(self.memory) // 2**20} MiB"
