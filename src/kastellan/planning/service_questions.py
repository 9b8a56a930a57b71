"""Which questions an installation has to answer in a run, by what it is made of."""

from kastellan.domain.installation import Installation, Verification
from kastellan.domain.service_sample import Question


def questions_of(installation: Installation, *, outside: bool) -> tuple[Question, ...]:
    """The questions without whose answers nothing passes.

    Args:
        installation: which.
        outside: whether it is asked by its external names.
    """
    if installation.verification is Verification.READINESS:
        return (Question.READINESS,)
    absent = {
        Question.EDGE: installation.routing.edge is None,
        Question.NAMES: not (outside and installation.hosts.further),
    }
    return tuple(one for one in Question if not absent.get(one))
