# Head, masters, agents and client: BASE_IMAGE with our programs and a Node to run them. test-e2e/src/docker/context.ts gathers
# the context.
#
# BASE_IMAGE: `tools` of base.Dockerfile, or an image with the real programs on its PATH; README.md shows how to make one.

ARG BASE_IMAGE=mesos-torque-e2e/tools:latest

FROM ${BASE_IMAGE} AS machine
COPY node /usr/local/bin/node
COPY machine/add-users /opt/mesos-torque/machine/add-users
# Names come from /etc/hosts alone: the engine's own resolver would know a name that a story has made the head forget.
RUN /opt/mesos-torque/machine/add-users \
 && sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf
COPY programs/ /opt/mesos-torque/
COPY machine/ /opt/mesos-torque/machine/
RUN node /opt/mesos-torque/install-stand-ins.mjs
COPY mpi/hello.c /opt/mpi/
RUN /opt/mesos-torque/machine/compile-mpi
# What the base has is found first.
ENV PATH=${PATH}:/opt/mesos-torque/machine:/opt/stand-in/torque/bin:/opt/stand-in/mesos/bin
