# What machines stand on where a site has no image of its own, and ZooKeeper's machine. test-e2e/src/docker/images.ts builds the
# targets from a context with this folder's `machine` and the MPI program.
#
#   tools      Debian with what the stand-ins and the stories need
#   zookeeper  Debian's ZooKeeper
#
# DEBIAN: debian:bookworm-slim, or the same made on this machine.

ARG DEBIAN=debian:bookworm-slim

FROM ${DEBIAN} AS debian
# Empty, or how the machine that builds reaches packages: its sources and proxies.
COPY apt/ /etc/apt/
ENV DEBIAN_FRONTEND=noninteractive

FROM debian AS mpi
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends gcc libc6-dev libmpich-dev >/dev/null
COPY mpi/hello.c /tmp/hello.c
RUN mpicc.mpich -O2 -o /tmp/hello /tmp/hello.c

FROM debian AS tools
# iptables is for the runner, which cuts a machine off from outside of it.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends iptables mpich procps >/dev/null \
 && rm -rf /var/lib/apt/lists/*
COPY --from=mpi /tmp/hello /opt/mpi/hello

FROM debian AS zookeeper
# The packages put links into folders for manual pages, which small images lack.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends procps default-jre-headless zookeeper >/dev/null \
 && rm -rf /var/lib/apt/lists/*
COPY machine/ /opt/mesos-torque/machine/
