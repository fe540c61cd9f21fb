#!/usr/bin/env python3
"""A network link between two namespaces with a rate and a delay, for kernels without tc's netem.

    scripts/delayed_link.py NAMESPACE ADDRESS NAMESPACE ADDRESS --rate BITS --delay SECONDS

Two TUN devices, link0 in each namespace, and this process between them: a packet takes its bits
over the rate, after those before it, and then the delay, each way. Runs until it is ended. Prints
"ready" once both devices are up. Needs root.
"""

import argparse
import fcntl
import heapq
import os
import select
import struct
import subprocess
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 65000  # this process costs time for each packet


def tun(namespace, address):
    """A TUN device link0 with an address (10.0.0.1/24), moved to the namespace."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"link{os.getpid()}"
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (f"ip link set {name} netns {namespace} name link0",
                    f"ip -n {namespace} addr add {address} dev link0",
                    f"ip -n {namespace} link set link0 mtu {MTU} txqueuelen 10000 up"):
        subprocess.run(command.split(), check=True)
    return descriptor


class Direction:
    """Packets on their way from one device to the other, in order."""

    def __init__(self, source, target, rate, delay):
        self.source, self.target, self.rate, self.delay = source, target, rate, delay
        self.free_at = 0.0  # when the last packet's bits are through
        self.queue, self.number = [], 0

    def take(self):
        while True:
            try:
                packet = os.read(self.source, 65536)
            except BlockingIOError:
                return
            now = time.monotonic()
            self.free_at = max(self.free_at, now) + 8 * len(packet) / self.rate
            self.number += 1
            heapq.heappush(self.queue, (self.free_at + self.delay, self.number, packet))
            if self.free_at - now > 0.005:  # as a switch's buffer that is full: leave it there
                return

    def hand_over(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            try:
                os.write(self.target, heapq.heappop(self.queue)[2])
            except OSError:
                pass  # the device is down: the packet is lost


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("namespace_a", "address_a", "namespace_b", "address_b"):
        parser.add_argument(name)
    parser.add_argument("--rate", type=float, default=1e9, help="bits a second, each way")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds, each way")
    options = parser.parse_args()
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # packets wait for no computing
    a = tun(options.namespace_a, options.address_a)
    b = tun(options.namespace_b, options.address_b)
    ways = [Direction(a, b, options.rate, options.delay), Direction(b, a, options.rate, options.delay)]
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        open_ways = [way for way in ways if way.free_at - now <= 0.005]
        due = [way.queue[0][0] for way in ways if way.queue]
        due += [way.free_at - 0.005 for way in ways if way not in open_ways]
        wait = max(0.0, min(due) - now) if due else 1.0
        select.select([way.source for way in open_ways], [], [], wait)
        for way in ways:
            if way in open_ways:
                way.take()
            way.hand_over()


if __name__ == "__main__":
    main()
