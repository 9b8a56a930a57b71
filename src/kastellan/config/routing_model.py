"""How requests reach an installation, as `installation:routing` writes it."""

from pydantic import Field, model_validator

from kastellan.config.fields import ConfigModel, ImageField, Network
from kastellan.domain.installation import Edge, Exposure, GoogleLoadBalancer, NodePorts, Routing, RoutingKind


class EdgeModel(ConfigModel):
    """An edge of our own, which ends TLS and enforces RL-1 and RL-2."""

    image: ImageField = Field(description="Traefik 3 by digest")
    exposure: Exposure = Field(default=Exposure.LOAD_BALANCER, description="type of its Service")
    trusted_proxies: tuple[Network, ...] = Field(
        default=(), description="ranges of proxies before it, whose word about the client's address counts"
    )


class GoogleLoadBalancerModel(ConfigModel):
    """On GKE: make the Gateway itself, on Google's global load balancer."""

    certificate_map: str = Field(min_length=1, description="of Certificate Manager")
    security_policy: str = Field(min_length=1, description="of Cloud Armor, which enforces RL-1 and RL-2")
    address: str = Field(min_length=1, description="name of a global address")


class NodePortsModel(ConfigModel):
    """Ports of the nodes on which the Services answer, for a load balancer outside of the cluster."""

    api: int = Field(ge=30000, le=32767)
    login: int = Field(ge=30000, le=32767)
    sources: tuple[Network, ...] = Field(min_length=1, description="ranges that the load balancer's requests come from")

    @model_validator(mode="after")
    def _apart(self) -> "NodePortsModel":
        if self.api == self.login:
            raise ValueError(f"api and login are both {self.api}")
        return self


class RoutingModel(ConfigModel):
    """The way in."""

    kind: RoutingKind = RoutingKind.NONE
    class_name: str = Field(default="", description="IngressClass")
    gateway: str = Field(default="", description="name of the Gateway to attach to")
    gateway_namespace: str = ""
    tls_secret: str = Field(default="", description="TLS Secret of the Ingress or the edge")
    controller_namespace: str = Field(default="", description="namespace whose pods may reach the installation's")
    edge: EdgeModel | None = None
    google: GoogleLoadBalancerModel | None = None
    node_ports: NodePortsModel | None = Field(default=None, description="only with kind: none")

    @model_validator(mode="after")
    def _complete(self) -> "RoutingModel":
        if self.kind is RoutingKind.GATEWAY and not self.gateway:
            raise ValueError("with kind: gateway, name the Gateway to attach to in gateway")
        if self.kind is RoutingKind.EDGE:
            if self.edge is None or not self.tls_secret:
                raise ValueError("with kind: edge, name its image in edge.image and the TLS Secret in tlsSecret")
        elif self.edge is not None:
            raise ValueError("edge is given, but kind is not edge")
        elif self.node_ports is not None and self.kind is not RoutingKind.NONE:
            raise ValueError("nodePorts are given, but kind is not none")
        elif self.google is not None and self.kind is not RoutingKind.GATEWAY:
            raise ValueError("google is given, but kind is not gateway")
        elif self.kind is not RoutingKind.NONE and not self.controller_namespace and not self.google:
            raise ValueError("name the namespace of the controller in controllerNamespace; all else is denied")
        return self

    def routing(self) -> Routing:
        """The domain's value."""
        edge = self.edge
        return Routing(
            kind=self.kind,
            class_name=self.class_name,
            gateway=self.gateway,
            gateway_namespace=self.gateway_namespace,
            tls_secret=self.tls_secret,
            controller_namespace=self.controller_namespace,
            edge=Edge(image=edge.image, exposure=edge.exposure, trusted_proxies=edge.trusted_proxies) if edge else None,
            google=GoogleLoadBalancer(**self.google.model_dump()) if self.google else None,
            node_ports=NodePorts(**self.node_ports.model_dump()) if self.node_ports else None,
        )
