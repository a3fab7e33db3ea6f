"""Outages of Consul while Weir serves 120 to 150 requests/s to backends it has from there."""

import asyncio
import random
import signal
import time
from contextlib import asynccontextmanager

from faults import consul
from faults.backends import Backends
from faults.client import Load, summary, warm
from faults.ground import HOST
from faults.proxy import Settings
from faults.weir import SERVICE, Weir

INSTANCES = 100  # that come and go, each at an address of its own


class Watched:
    """Weir with backends from Consul, its load, and the lines that say what was seen."""

    def __init__(self, weir, backends, load):
        self.weir, self.backends, self.load = weir, backends, load
        self.lines = []

    def discovery(self):
        seen = self.weir.api(f"/api/services/{SERVICE}")
        said = {key: seen["discovery"][key] for key in ("age-seconds", "stale", "held", "problem")}
        return f"{said} {[backend['state'] for backend in seen['backends']]}"

    def count(self):
        return len(self.weir.api(f"/api/services/{SERVICE}")["backends"])

    async def say(self, what, begun=None):
        said = f"{what}: "
        if begun is not None:
            seen = summary(self.load.between(begun, time.time()))
            said += f"{seen['errors']} errors of {seen['requests']} {seen['kinds'] or ''}; "
        self.lines.append(said + await asyncio.to_thread(self.discovery))

    async def first_request(self, name, begun, most=40):
        """Seconds until the first request that was begun since then and got to that backend."""
        while time.time() < begun + most:
            if any(sample.backend == name for sample in self.load.between(begun, time.time())):
                return f"first request after {time.time() - begun:.2f} s"
            await asyncio.sleep(0.02)
        return f"no request for {most} s"

    def last_request(self, name, begun):
        mine = [sample.begun - begun for sample in self.load.between(begun, time.time()) if sample.backend == name]
        return f"last request begun {max(mine, default=0):.3f} s later"


@asynccontextmanager
async def watched(ground, agents, backends, rate, check=True):
    weir = None
    try:
        settings = Settings(check=check, service={"consul": consul.SERVICE},
                            more={"consul": {"addresses": [f"{HOST}:{agent.http}" for agent in agents]}})
        weir = Weir(ground, backends.list(), settings)
        await asyncio.to_thread(weir.start)
        await asyncio.sleep(1)
        await warm(weir.port)
        load = Load(weir.port, rate)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(3)
        seen = Watched(weir, backends, load)
        yield seen
        load.on = False
        await running
        await seen.say("all of it", 0)
        seen.lines.append(f"its log: {weir.complaints(12)}")
    finally:
        if weir is not None:
            weir.stop()


async def outages(_, ground):
    """The agent is killed, comes back empty, is filled again, freezes; backends leave, join, turn critical."""
    [agent] = await asyncio.to_thread(consul.agents, ground, 1)
    backends = await asyncio.to_thread(Backends, ground, 3)
    try:
        for name, port in backends.list():
            agent.register(name, port)
        await asyncio.sleep(0.5)
        async with watched(ground, [agent], backends, 150) as seen:
            await agent_dies_and_returns_empty(seen, agent)
            await backends_join_and_leave(seen, agent)
            begun = time.time()
            agent.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(12)
            await seen.say("agent frozen for 12 s", begun)
            agent.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(3)
            await seen.say("thawed")
        return seen.lines
    finally:
        agent.kill()
        backends.stop()


async def agent_dies_and_returns_empty(seen, agent):
    begun = time.time()
    agent.kill()
    await asyncio.sleep(5)
    await asyncio.to_thread(seen.backends.kill, "b3")
    await asyncio.sleep(5)
    await seen.say("agent dead for 10 s, b3 killed meanwhile", begun)
    begun = time.time()
    await asyncio.to_thread(seen.backends.start, "b3")
    agent.forget()
    agent.start()
    await asyncio.to_thread(agent.await_leader)
    await asyncio.sleep(6)
    await seen.say("agent back with nothing in it, for 6 s", begun)


async def backends_join_and_leave(seen, agent):
    begun = time.time()
    ports = dict(seen.backends.list())
    for name in ("b1", "b2"):
        agent.register(name, ports[name])
    await asyncio.sleep(32)
    await seen.say("two of three registered for 32 s", begun)
    begun = time.time()
    agent.register("b3", ports["b3"])
    seen.lines.append(f"third registered: {await seen.first_request('b3', begun)}")
    begun = time.time()
    agent.deregister("b3")
    await asyncio.sleep(2)
    seen.lines.append(f"third deregistered: {seen.last_request('b3', begun)}")
    begun = time.time()
    agent.call("PUT", "/v1/agent/check/fail/b2-c?note=broken")
    await asyncio.sleep(2)
    seen.lines.append(f"second critical: {seen.last_request('b2', begun)}")
    agent.call("PUT", "/v1/agent/check/pass/b2-c")
    await asyncio.sleep(1)


async def cluster(_, ground):
    """Of three servers the leader dies, then the quorum, then Weir's own agent."""
    agents = await asyncio.to_thread(consul.agents, ground, 3)
    backends = await asyncio.to_thread(Backends, ground, 3)
    try:
        leader = next(agent for agent in agents if agent.leads(agents[0].leader()))
        mine, other = [agent for agent in agents if agent is not leader]
        for name, port in backends.list():
            mine.register(name, port)
        await asyncio.sleep(1)
        async with watched(ground, [mine], backends, 120) as seen:
            await quorum_is_lost(seen, leader, mine, other)
            leader.start()
            other.start()
            begun = time.time()
            await asyncio.to_thread(mine.await_leader)
            seen.lines.append(f"a leader again after {time.time() - begun:.1f} s")
            await asyncio.sleep(2)
            begun = time.time()
            mine.register("b3", backends.ports["b3"])
            seen.lines.append(f"b3 registered: {await seen.first_request('b3', begun)}")
            begun = time.time()
            mine.kill()
            await asyncio.sleep(4)
            await seen.say("Weir's agent killed", begun)
        return seen.lines
    finally:
        for agent in agents:
            agent.kill()
        backends.stop()


async def quorum_is_lost(seen, leader, mine, other):
    begun = time.time()
    leader.kill()
    await asyncio.sleep(8)
    await seen.say("leader killed", begun)
    begun = time.time()
    try:
        mine.deregister("b3")
    except OSError as failure:
        seen.lines.append(f"b3 not deregistered: {failure}")
    await asyncio.sleep(2)
    seen.lines.append(f"b3 deregistered under the new leader: {seen.last_request('b3', begun)}")
    begun = time.time()
    other.kill()
    await asyncio.sleep(8)
    await seen.say("quorum lost", begun)
    begun = time.time()
    await asyncio.to_thread(seen.backends.kill, "b1")
    await asyncio.sleep(5)
    await seen.say("quorum lost and b1 killed", begun)
    await asyncio.to_thread(seen.backends.start, "b1")


async def churn(_, ground):
    """A hundred instances come and go, fifty changes a second; then all register at once, and leave."""
    [agent] = await asyncio.to_thread(consul.agents, ground, 1)
    backends = await asyncio.to_thread(Backends, ground, 1, host="0.0.0.0")
    port = backends.ports["b1"]
    there = set(range(1, 21))

    async def register(i):
        await asyncio.to_thread(agent.register, f"i{i}", port, f"127.0.36.{i}")

    try:
        for i in there:
            await register(i)
        await asyncio.sleep(0.5)
        async with watched(ground, [agent], backends, 150, check=False) as seen:
            begun, changes, cpu = time.time(), 0, seen.weir.cpu()
            while time.time() < begun + 20:
                i = random.randint(1, INSTANCES)
                if i in there and len(there) > 5:
                    await asyncio.to_thread(agent.deregister, f"i{i}")
                    there.discard(i)
                else:
                    await register(i)
                    there.add(i)
                changes += 1
                await asyncio.sleep(0.02)
            cpu = seen.weir.cpu() - cpu
            await asyncio.sleep(1.5)
            known = await asyncio.to_thread(seen.count)
            await seen.say(f"{changes} changes in 20 s, CPU {cpu:.1f} s; 1.5 s later {known} of {len(there)}", begun)
            await all_register_and_leave(seen, agent, register)
        return seen.lines
    finally:
        agent.kill()
        backends.stop()


async def all_register_and_leave(seen, agent, register):
    for i in range(1, INSTANCES + 1):
        await register(i)
    begun = time.time()
    while await asyncio.to_thread(seen.count) < INSTANCES and time.time() < begun + 20:
        await asyncio.sleep(0.05)
    seen.lines.append(f"all registered, and known {time.time() - begun:.2f} s later")
    begun = time.time()
    for i in range(1, INSTANCES + 1):
        await asyncio.to_thread(agent.deregister, f"i{i}")
    await asyncio.sleep(5)
    await seen.say("all deregistered", begun)
