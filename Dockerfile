# All programs of valgrid in one image; a container's command says which one it runs.
#
#   docker build -t valgrid .
#   docker run --rm valgrid valengine --help
#
# BuildKit is needed for the cache mounts, and no further frontend: there is no "syntax" line to fetch.
ARG SWIFT_IMAGE=swift:6.3-bookworm
# The same release of Debian: the programs need its libraries.
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-euc"]
WORKDIR /source

# Debian's libraries and the package's dependencies come before the sources: an edit keeps them.
COPY scripts/deps scripts/deps
RUN scripts/deps && rm -rf /var/lib/apt/lists/*
COPY Package.swift ./
RUN --mount=type=cache,target=/source/.build,sharing=locked \
    swift package resolve

# What was compiled stays in the cache mount, so an edit compiles what depends on it only. The test
# sources are not compiled; the manifest wants their directories.
COPY Tests Tests
COPY Sources Sources
COPY Tools Tools
RUN --mount=type=cache,target=/source/.build,sharing=locked <<'BUILD'
bin=$(swift build -c release --show-bin-path)
mkdir -p /image/bin /image/lib
for program in aggregator compute-manager eodservice gridbench manager-bench pricer valengine valgrid; do
    swift build -c release --product "$program"
    install -s "$bin/$program" /image/bin/
done
# The Swift runtime once for all programs: linked statically, four of them would each carry
# Foundation with ICU's tables.
for program in /image/bin/*; do ldd "$program"; done |
    awk '$3 ~ "/swift/linux/" { print $3 }' | sort -u | xargs -I{} install -m 644 {} /image/lib/
BUILD

FROM ${RUNTIME_IMAGE}
# As Debian 12 calls them; other releases have other names.
ARG RUNTIME_PACKAGES="libcurl4 libmicrohttpd12 libquantlib0v5 librdkafka1 libsqlite3-0 libssl3"
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        ca-certificates ${RUNTIME_PACKAGES} \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && install -d -o 65532 -g 65532 -m 750 /var/lib/valgrid
COPY --from=build /image/lib/ /usr/local/lib/
RUN ldconfig
COPY --from=build /image/bin/ /usr/local/bin/
COPY web /usr/local/share/valgrid/web

# Nothing but this directory is written to (ledger, users, uploads); the root file system may be
# read-only. A number, not a name: Kubernetes can tell that it is not root.
USER 65532:65532
WORKDIR /var/lib/valgrid
VOLUME /var/lib/valgrid
ENV VALGRID_HTTP_HOST=0.0.0.0 \
    VALGRID_HTTP_PORT=8000 \
    VALGRID_LEDGER=/var/lib/valgrid/ledger.sqlite \
    VALGRID_DATA=/var/lib/valgrid \
    VALGRID_WEB=/usr/local/share/valgrid/web \
    LANG=C.UTF-8
EXPOSE 8000 8080 8443
# Asks the program of the container at its own port whether it is ready; no shell, no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["eodservice", "health"]
STOPSIGNAL SIGTERM
CMD ["valgrid", "--help"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="valgrid" \
    org.opencontainers.image.description="Values portfolios at the end of the day, on a grid" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
