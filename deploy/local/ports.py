"""Ports on the loopback: those asked for, those of the last run, or free ones."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping

from deploy.local.trouble import StackError

HOST = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections.
_RANGE = range(20000, 30000)


def is_free(port: int) -> bool:
    """Whether a server could listen here now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(names: Iterable[str], asked: Mapping[str, int], last: Mapping[str, int]) -> dict[str, int]:
    """One port for each name; the last run's are kept while they are free, so links stay good."""
    chosen: dict[str, int] = {}
    for name in names:
        if name in asked:
            chosen[name] = _asked(name, asked[name])
        elif name in last and is_free(last[name]) and last[name] not in chosen.values():
            chosen[name] = last[name]
        else:
            chosen[name] = _any(set(chosen.values()) | set(asked.values()))
    return chosen


def _asked(name: str, port: int) -> int:
    if not is_free(port):
        raise StackError(
            f"Port {port} for {name} is taken by another program.",
            "choose another, or leave the option out and a free one is found",
        )
    return port


def _any(taken: set[int]) -> int:
    for _ in range(200):
        port = random.choice(_RANGE)
        if port not in taken and is_free(port):
            return port
    raise StackError("No free port was found on 127.0.0.1.", "close other programs and try again")
