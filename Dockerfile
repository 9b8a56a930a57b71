# The image for CI pipelines: kastellan, its Pulumi provider, the Pulumi engine and Python language host.
# The engine is built from the same pinned Go modules that the lab tests with, so that what was tested is what ships.
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-trixie

FROM ${GO_IMAGE} AS engine
ENV CGO_ENABLED=0
ARG PULUMI_VERSION=3.259.0
COPY lab/tools/pulumi /src/pulumi
COPY lab/tools/pulumi-language-python /src/pulumi-language-python
RUN mkdir -p /out \
 && cd /src/pulumi \
 && go build -trimpath -o /out/pulumi \
      -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI_VERSION}" \
      github.com/pulumi/pulumi/pkg/v3/cmd/pulumi \
 && install -m 0755 "$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/pulumi-language-python-exec" /out/ \
 && cd /src/pulumi-language-python \
 && go build -trimpath -ldflags "-s -w" -o /out/pulumi-language-python \
      github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python

FROM ${PYTHON_IMAGE} AS environment
ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /app
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY src ./src
# Pulumi's language host asks the environment's own pip which packages there are.
RUN uv sync --frozen --no-default-groups --no-editable && uv pip install --no-cache pip

FROM ${PYTHON_IMAGE}
COPY --from=engine /out/ /usr/local/bin/
COPY --from=environment /app/.venv /app/.venv
COPY Pulumi.yaml /app/
COPY stacks/__main__.py /app/stacks/
ENV PATH=/app/.venv/bin:$PATH \
    VIRTUAL_ENV=/app/.venv \
    PULUMI_SKIP_UPDATE_CHECK=true \
    PYTHONUNBUFFERED=1
# pg_dump and pg_restore of restore points; Debian 13 has release 17, which serves servers up to 17.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --create-home kastellan
USER 1000
WORKDIR /app
ENTRYPOINT ["kastellan"]
CMD ["--help"]
