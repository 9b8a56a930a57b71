"""The file of a new stack: the least that an installation needs, with the rest in comments."""

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
    version: str,
    digests_known: bool,
    database_host: str,
    database_ca: str | None,
) -> str:
    """The content of a new stack's file.

    Args:
        existing: what Pulumi wrote into it already, such as the encryption salt; no `config:` among it.
        name: of the stack.
        domain: ExternalDomain.
        version: release to install.
        digests_known: whether the catalogue has the release's image digests.
        database_host: of PostgreSQL; empty where it is not known yet.
        database_ca: PEM of its authority, or None where it is not known yet.
    """
    ca = "".join(f"      {line}\n" for line in (database_ca or _CA_TO_REPLACE).strip().splitlines()).rstrip("\n")
    config = _TEMPLATE.format(name=name, domain=domain, version=version, database_host=database_host, ca=ca)
    config += "" if digests_known else _IMAGES.format(version=version)
    return f"{existing.rstrip()}\nconfig:\n{config}".lstrip()
