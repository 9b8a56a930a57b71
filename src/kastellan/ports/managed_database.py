"""What the provider of a managed database says about it."""

from typing import Protocol

from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.probe_facts import NotProbed


class ManagedDatabase(Protocol):
    """One managed database, as its provider's own API shows it; nothing is changed there."""

    def describe(self, host: str) -> ManagedService | NotProbed:
        """Ask the provider; each call asks anew, and nothing is repeated.

        Args:
            host: by which the database is reached that this is to be about; written down beside what is seen.

        Returns:
            What it shows; or that it was not asked, because nobody here has a credential for it.

        Raises:
            UnauthenticatedError: the credential is not accepted.
            ForbiddenError: it may not read the instance.
            NotFoundError: the provider knows no such instance.
            TemporaryError: no answer, or one that says nothing about the instance.
        """
        ...
