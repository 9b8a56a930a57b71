"""The one table of exit codes; no command has another (rule 12 of ARCHITECTURE.md)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell or a pipeline learns from a command."""

    DONE = 0
    """Done, or passed, or nothing was due."""
    TOOL_FAILURE = 1
    """Kastellan or something it needs broke; nothing is said about the installation."""
    BAD_INPUT = 2
    """Usage, configuration or arguments are wrong; nothing was begun."""
    FAILED = 3
    """At least one gating check or step failed."""
    WARNINGS = 4
    """Passed with warnings."""
    INCOMPLETE = 5
    """Something gating could not be determined, or the run is blocked or outside its window."""
    EVIDENCE_INVALID = 6
    """A report, signature, waiver or ledger is invalid or expired."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C or SIGTERM."""
