"""The file of a new stack: the least that an installation needs, with the rest in comments."""

from kastellan.domain.host_names import Layout

_TEMPLATE = """\
  installation:platform: existing
  installation:version: {version}
  installation:domain: {domain}
  installation:size: small                     # small, medium, large
  installation:cluster:
    kubeconfigPath: {name}.kubeconfig          # beside Pulumi.yaml, never in git; or `kubeconfig:` as a secret
  installation:database:
    host: "{database_host}"                    # as in the server's certificate; TLS is verified in full
    port: 5432
    name: zitadel
    user: zitadel
    ca: |                                      # the authority that signed the server's certificate
{ca}
    # admin: {{user: postgres}}                  # only where role and database are to be made by `init`
  installation:routing:
    kind: none                                 # gateway or ingress: see stacks/Pulumi.example.yaml
"""

_GOOGLE = """\
  pulumi:disable-default-providers: [gcp]      # nothing may end up in whatever project the shell has chosen
  installation:platform: gke
  installation:version: {version}
  installation:domain: {domain}
  installation:load: {{users: 1000}}             # what is expected; `kastellan size {name}` shows what it comes to
  installation:google:
    project: {project}
    # newProject: {{billingAccount: 012345-6789AB-CDEF01, folder: "123456789012"}}   # to make the project as well
    region: {region}
    authorisedNetworks:                        # those who may reach the control plane
      operators: REPLACE-ME                    # such as 198.51.100.0/24
    # dns: {{zone: customer-example, create: customer.example}}
    # alertEmails: [sre@vendor.example]
  installation:restorePoints:                  # Google makes them, and is asked about standby and backups
    cloudSql: {{project: {project}, instance: {name}-db}}
"""

_AWS = """\
  pulumi:disable-default-providers: [aws]      # nothing may end up in whatever account the shell has chosen
  installation:platform: eks
  installation:version: {version}
  installation:domain: {domain}
  installation:load: {{users: 1000}}             # what is expected; `kastellan size {name}` shows what it comes to
  installation:database:
    ca: |                                      # https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem
{ca}
  installation:aws:
    account: "{account}"
    region: {region}
    administrators: [REPLACE-ME]               # arn:aws:iam::{account}:role/…; who runs `pulumi up` among them
    dns: {{zoneId: REPLACE-ME}}                  # of Route 53; or `certificate:` with the ARN of an issued one
    # authorisedNetworks: {{operators: 198.51.100.0/24}}   # without it the control plane has no public address
    # alertEmails: [sre@vendor.example]
  installation:restorePoints:                  # Amazon makes them, and is asked about standby and backups
    rds: {{account: "{account}", region: {region}, instance: {name}-db}}
"""

_IMAGES = """\
  installation:images:                         # `crane digest ghcr.io/zitadel/zitadel:{version}` prints a digest
    zitadel: ghcr.io/zitadel/zitadel@sha256:REPLACE-ME
    login: ghcr.io/zitadel/zitadel-login@sha256:REPLACE-ME
"""

_CA_TO_REPLACE = "-----BEGIN CERTIFICATE-----\n(replace me)\n-----END CERTIFICATE-----\n"


def new_stack_text(
    existing: str,
    name: str,
    *,
    domain: str,
    layout: Layout = Layout.SINGLE_DOMAIN,
    version: str,
    digests_known: bool,
    database_host: str,
    database_ca: str | None,
    google_project: str = "",
    google_region: str = "",
    aws_account: str = "",
    aws_region: str = "",
) -> str:
    """The content of a new stack's file.

    Args:
        existing: what Pulumi wrote into it already, such as the encryption salt; no `config:` among it.
        name: of the stack.
        domain: ExternalDomain, or what the four names lie below.
        layout: of the host names.
        version: release to install.
        digests_known: whether the catalogue has the release's image digests.
        database_host: of PostgreSQL; empty where it is not known yet.
        database_ca: PEM of its authority, or None where it is not known yet.
        google_project: project of Google Cloud, where the base is made there; database and cluster are made, too.
        google_region: its region.
        aws_account: account of AWS, where the base is made there; the authority is then of RDS.
        aws_region: its region.
    """
    if layout is not Layout.SINGLE_DOMAIN:
        domain += f"\n  installation:hostNames: {layout}"
    if google_project:
        config = _GOOGLE.format(name=name, domain=domain, version=version, project=google_project, region=google_region)
        config += "" if digests_known else _IMAGES.format(version=version)
        return f"{existing.rstrip()}\nconfig:\n{config}".lstrip()
    ca = "".join(f"      {line}\n" for line in (database_ca or _CA_TO_REPLACE).strip().splitlines()).rstrip("\n")
    if aws_account:
        config = _AWS.format(name=name, domain=domain, version=version, account=aws_account, region=aws_region, ca=ca)
    else:
        config = _TEMPLATE.format(name=name, domain=domain, version=version, database_host=database_host, ca=ca)
    config += "" if digests_known else _IMAGES.format(version=version)
    return f"{existing.rstrip()}\nconfig:\n{config}".lstrip()
