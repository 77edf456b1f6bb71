# The server and its worker for hosts without Swift, macOS and Windows included:
#
#     docker build -t cobre-mcp .
#     docker run -i --rm --shm-size=1g -v "$PWD/cases:/cases" -v cobre-runs:/runs cobre-mcp
#
# Ranks share memory, for which Docker's 64 MB are little.

FROM swift:6.2-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      coinor-libclp-dev libcairo2-dev libzstd-dev libsnappy-dev liblz4-dev nettle-dev zlib1g-dev libsqlite3-dev pkg-config g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# One container is one host, so no MPI library is installed. The Swift runtime goes into the programs.
RUN swift build -c release --static-swift-stdlib --product cobre-mcp \
    && swift build -c release --static-swift-stdlib --product cobre-worker \
    && install -D -s -t /opt/cobre/bin .build/release/cobre-mcp .build/release/cobre-worker \
    && mkdir -p /opt/cobre/share/cobre && cp -r examples /opt/cobre/share/cobre/examples

FROM debian:bookworm-slim
LABEL io.modelcontextprotocol.server.name="io.github.OWNER/cobre-mcp"
RUN apt-get update && apt-get install -y --no-install-recommends \
      coinor-libclp1 libcairo2 libzstd1 libsnappy1v5 liblz4-1 libnettle8 zlib1g libsqlite3-0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home cobre && install -d -o cobre /cases /runs
COPY --from=build /opt/cobre /opt/cobre
USER cobre
WORKDIR /cases
VOLUME ["/cases", "/runs"]
ENTRYPOINT ["/opt/cobre/bin/cobre-mcp", "--runs-dir", "/runs", "--allow-dir", "/cases", "--allow-dir", "/opt/cobre/share/cobre/examples"]
