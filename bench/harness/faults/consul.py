"""Consul agents as servers in development size, on ports of their own."""

import json
import os
import shutil
import time
import urllib.request
from pathlib import Path

from faults.ground import HOST

PROGRAM = "WEIR_TEST_CONSUL"  # names the program, as for the tests
FETCHED = "weir-test/consul-bullseye"  # below the cache directory: the one that the tests fetch
SERVICE = "app"


def program():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = os.environ.get(PROGRAM) or shutil.which("consul") or shutil.which(cache / FETCHED)
    if not found:
        raise OSError(f"no consul on the PATH, none named by {PROGRAM}, none fetched by ConsulIT")
    return found


class Agent:
    """One server of a cluster; `ports` are those of HTTP, RPC and gossip."""

    def __init__(self, ground, number, clustered, size):
        self.ground, self.number = ground, number
        self.ports = clustered[number]
        self.http = self.ports[0]
        self.data = ground.directory / f"consul-{number}"
        self.config = ground.directory / f"consul-{number}.hcl"
        self.config.write_text(self.configuration(clustered, size))
        self.process = None
        self.start()

    def configuration(self, clustered, size):
        http, server, serf = self.ports
        others = ", ".join(f'"{HOST}:{ports[2]}"' for ports in clustered if ports is not self.ports)
        return f"""disable_update_check = true
bind_addr = "{HOST}"
client_addr = "{HOST}"
ports {{ http = {http} dns = -1 grpc = -1 server = {server} serf_lan = {serf} serf_wan = -1 }}
server = true
bootstrap_expect = {size}
data_dir = "{self.data}"
node_name = "n{self.number}"
node_id = "{self.number:08x}-0000-4000-8000-000000000000"
retry_join = [{others}]
retry_interval = "1s"
performance {{ raft_multiplier = 1 }}
"""

    def start(self):
        with open(self.ground.directory / f"consul-{self.number}.log", "ab") as out:
            self.process = self.ground.processes.start([program(), "agent", f"-config-file={self.config}"],
                                                       stdout=out, stderr=out)

    def kill(self):
        if self.running():
            self.process.kill()
        self.ground.processes.stop(self.process)

    def forget(self):
        shutil.rmtree(self.data, ignore_errors=True)

    def running(self):
        return self.process.poll() is None

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://{HOST}:{self.http}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        text = urllib.request.urlopen(request, timeout=5).read().decode()
        return json.loads(text) if text.strip() else None

    def leader(self):
        """The address of the leader; empty while there is none."""
        try:
            return self.call("GET", "/v1/status/leader")
        except (OSError, ValueError):
            return ""

    def leads(self, leader):
        return leader == f"{HOST}:{self.ports[1]}"

    def await_leader(self, seconds=30):
        end = time.monotonic() + seconds
        while not self.leader():
            if time.monotonic() > end:
                raise OSError("Consul has no leader")
            time.sleep(0.1)
        return self

    def register(self, name, port, address=HOST):
        check = {"CheckID": f"{name}-c", "TTL": "600s", "Status": "passing"}
        self.call("PUT", "/v1/agent/service/register",
                  {"ID": name, "Name": SERVICE, "Address": address, "Port": port, "Check": check})

    def deregister(self, name):
        self.call("PUT", f"/v1/agent/service/deregister/{name}")


def agents(ground, size):
    """A cluster of that size with a leader."""
    ports = [[ground.ports.take() for _ in range(3)] for _ in range(size)]
    all_of_them = [Agent(ground, i, ports, size) for i in range(size)]
    for agent in all_of_them:
        agent.await_leader()
    return all_of_them
