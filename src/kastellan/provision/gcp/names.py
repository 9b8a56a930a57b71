"""The installation's names on Google Cloud: for each a certificate, which DNS proves, and the records that lead to it.

Each name has a certificate of its own, because Google cannot change the names of one: a further name makes something
new, and touches nothing that serves.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp.certificatemanager import (
    Certificate,
    CertificateManagedArgs,
    CertificateMap,
    CertificateMapEntry,
    DnsAuthorization,
)
from pulumi_gcp.dns import ManagedZone, ManagedZoneDnssecConfigArgs, RecordSet

from kastellan.domain.google_base import GoogleBase
from kastellan.domain.host_names import HostRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the names of a base are made with.

    Attributes:
        base: the base.
        project: once its APIs are enabled.
        parent: component that they belong to.
    """

    base: GoogleBase
    project: pulumi.Input[str]
    parent: pulumi.Resource

    @property
    def _inside(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent)

    def certificates(self) -> tuple[dict[HostRole, pulumi.Output[Any]], list[pulumi.Output[str]]]:
        """A map of certificates; the record that proves each name, and what is known once the map leads to all."""
        base = self.base
        found = CertificateMap(
            "certificates", project=self.project, name=base.name("edge"), labels=base.all_labels, opts=self._inside
        )
        proofs: dict[HostRole, pulumi.Output[Any]] = {}
        entries: list[pulumi.Output[str]] = []
        for role, name in base.hosts.by_role:
            title = base.name(role.part("edge"))
            proof = DnsAuthorization(
                role.part("proof"), project=self.project, name=title, domain=name, opts=self._inside
            )
            certificate = Certificate(
                role.part("certificate"),
                project=self.project,
                name=title,
                managed=CertificateManagedArgs(domains=[name], dns_authorizations=[proof.id]),
                labels=base.all_labels,
                opts=self._inside,
            )
            entry = CertificateMapEntry(
                role.part("certificates"),
                project=self.project,
                name=title,
                map=found.name,
                hostname=name,
                certificates=[certificate.id],
                labels=base.all_labels,
                opts=self._inside,
            )
            proofs[role] = proof.dns_resource_records.apply(lambda records: records[0])
            entries.append(entry.id)
        return proofs, entries

    def records(
        self, address: pulumi.Output[str], proofs: dict[HostRole, pulumi.Output[Any]]
    ) -> list[pulumi.Output[str]]:
        """For each name the record that leads to the address, and the one that proves it; their ids."""
        zone, made = self._zone(), []
        for role, name in self.base.hosts.by_role:
            leading = RecordSet(
                role.part("installation"),
                project=self.project,
                managed_zone=zone,
                name=f"{name}.",
                type="A",
                ttl=300,
                rrdatas=[address],
                opts=self._inside,
            )
            proof = proofs[role]
            proving = RecordSet(
                role.part("proof"),
                project=self.project,
                managed_zone=zone,
                name=proof.apply(lambda one: one.name),
                type=proof.apply(lambda one: one.type),
                ttl=300,
                rrdatas=[proof.apply(lambda one: one.data)],
                opts=self._inside,
            )
            made += [leading.id, proving.id]
        return made

    def _zone(self) -> pulumi.Input[str]:
        base = self.base
        if not base.create_dns_zone:
            return base.dns_zone
        made: pulumi.Output[str] = ManagedZone(
            "zone",
            project=self.project,
            name=base.dns_zone,
            dns_name=f"{base.dns_name}.",
            description=f"Public names of {base.installation}",
            dnssec_config=ManagedZoneDnssecConfigArgs(state="on"),
            labels=base.all_labels,
            opts=pulumi.ResourceOptions(parent=self.parent, protect=base.protect),  # its name servers are delegated to
        ).name
        return made
