"""How long a release procedure waits before it calls a person.

None of these kills anything: a budget that ends raises an error and leaves the cluster as it is, so that the next run
finds it and goes on.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Waiting times in seconds.

    Attributes:
        poll: longest pause between two looks at something that is under way.
        exchange: the same while pods are exchanged: an old pod must be marked between the instants at which a new one
            has its node and is ready, and those may be few seconds apart.
        report: longest silence while waiting.
        job_start: until a job's pod has a node; a cloud may have to make one first.
        init: for the init job, 0.9 s on an empty server, plus its wait for the database (5 min).
        setup: for the setup job; users report hours for large event stores (zitadel/zitadel#8585), and killing it
            leaves a lock, so it is long.
        rollout: for one rollout beyond the Deployment's own progress deadline, which counts from the last progress.
        refusal: how long a pod of a rollout or of a job may be refused by quota or admission before that is called
            failed; a quota may be freed by the pods that just went.
        image: how long such a pod may lack its image before that is called failed; the kubelet tries again after 10,
            20, 40 and 80 s.
        verification: until every zone answers.
        deletion: until a deleted object is gone.
        request: for one request to a pod.
    """

    poll: float = 2.0
    exchange: float = 0.5
    report: float = 5.0
    job_start: float = 600.0
    init: float = 900.0
    setup: float = 6 * 3600.0
    rollout: float = 3600.0
    refusal: float = 30.0
    image: float = 180.0
    verification: float = 120.0
    deletion: float = 300.0
    request: float = 10.0
