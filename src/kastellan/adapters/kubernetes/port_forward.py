"""One HTTP request to a pod through the API server's port-forward, so that no way into the cluster is needed."""

import http.client
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kastellan.adapters.kubernetes.translation import answer_error, network_error
from kastellan.domain.errors import DeadlineExceededError, UnreachableError
from kastellan.ports.cluster import HttpAnswer

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

_LARGEST_BODY = 1 << 20


def forwarded_get(
    client: "ApiClient",
    namespace: str,
    pod: str,
    port: int,
    path: str,
    *,
    headers: Mapping[str, str],
    timeout_seconds: float,
) -> HttpAnswer:
    """GET a path of a pod; see `ports.cluster.Cluster`."""
    from kubernetes.client import ApiException, CoreV1Api
    from kubernetes.stream import portforward

    doing = f"asking pod {namespace}/{pod} for {path}"
    try:
        forward = portforward(
            CoreV1Api(client).connect_get_namespaced_pod_portforward,
            pod,
            namespace,
            ports=str(port),
            _request_timeout=timeout_seconds,
        )
    except ApiException as cause:
        if not cause.status:  # the handshake failed before there was an answer
            raise network_error(doing, client.configuration.host, cause) from cause
        body = cause.body if isinstance(cause.body, bytes) else str(cause.body or "").encode()
        raise answer_error(doing, cause.status, cause.headers or {}, body, confidential=False) from cause
    except OSError as cause:
        raise network_error(doing, client.configuration.host, cause) from cause
    connection = http.client.HTTPConnection(headers.get("Host", pod), port, timeout=timeout_seconds)
    try:
        connection.sock = forward.socket(port)
        connection.sock.settimeout(timeout_seconds)
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return HttpAnswer(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read(_LARGEST_BODY),
        )
    except TimeoutError as cause:
        raise DeadlineExceededError(f"{doing}: no whole answer within {timeout_seconds:g} s") from cause
    except (OSError, http.client.HTTPException) as cause:
        said = " ".join(str(forward.error(port) or cause).split())[:200]
        raise UnreachableError(f"{doing}: the port-forward broke ({said})") from cause
    finally:
        connection.close()
        forward.close()
