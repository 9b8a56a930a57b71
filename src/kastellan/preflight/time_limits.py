"""How long a preflight may take, and which share of that each wait in it has.

What is found has to be heard: a repetition or a probe that lasts as long as the whole run ends with it, and what was
seen to be wrong by then comes out as "no answer". So two numbers are given, for whole runs, and all others are shares.
"""

READING_SECONDS = 60.0
"""For a whole run that only reads; every answer that is missing by then is unknown."""
PROBING_SECONDS = 10 * READING_SECONDS
"""For a whole run with probes in the cluster."""

PATIENCE_SECONDS = READING_SECONDS / 6
"""For repeating one call that fails for a moment."""
ANSWER_SECONDS = PATIENCE_SECONDS
"""For one answer of the API server. Two calls in a row that are repeated to the end, with their last answers, leave a
third of the run that only reads: as many as one collector makes that turns such a failure into a verdict (TLS-2)."""
HOST_PROBE_SECONDS = READING_SECONDS - PATIENCE_SECONDS
"""For one probe from this machine; it is told as late before the run ends."""

JOB_SECONDS = PROBING_SECONDS / 10
"""For one Job in the cluster, from its creation to its answer."""
NODE_SECONDS = 2 * JOB_SECONDS
"""For what nodes say late: that a registry does not answer, or that a volume is not attached."""
ISSUANCE_SECONDS = 2 * JOB_SECONDS
"""For a certificate: an authority looks at a path or at a record first, and cert-manager does so before it."""
GONE_SECONDS = PROBING_SECONDS / 5
"""For a namespace, or what stands in one, to be gone; most of it goes within ten seconds."""
BREAKING_OFF_SECONDS = 2 * (PATIENCE_SECONDS + ANSWER_SECONDS)
"""For the call that is under way when probes are broken off, and for the one that takes them away."""
