"""What is measured, and with whom, for run.py and instructions.py.

A new test or peer is one line here.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Peer:
    name: str
    weight: int = 1  # asked for that many times fewer operations, since its own take longer
    script: str = ""  # a Python program of this directory; otherwise peer_NAME where programs are
    needs: str = ""  # a Python module


@dataclass(frozen=True)
class Test:
    name: str
    param: int
    operations: int  # for a peer of weight 1
    kind: str = "micro"  # the first column of the TSV
    is_scaled: bool = True  # divide the operations by the peer's weight?
    instructions: int = 0  # operations for instructions.py; 0: not counted there


PEERS = [
    Peer("hand"),
    Peer("hand_wheel"),
    Peer("cedo"),
    Peer("protothreads"),
    Peer("cxx20"),
    Peer("libuv", 4),
    Peer("libev", 4),
    Peer("libevent", 4),
    Peer("asio", 8),
    Peer("go", 8),
    Peer("tokio", 8),
    Peer("uvloop", 40, script="peer_asyncio.py", needs="uvloop"),
    Peer("asyncio", 40, script="peer_asyncio.py"),
]

TESTS = [
    Test("yield", 2, 20_000_000, instructions=20_000),
    Test("yield", 1000, 20_000_000, instructions=20_000),
    Test("nest", 1, 8_000_000, instructions=20_000),
    Test("nest", 10, 8_000_000, instructions=20_000),
    Test("nest", 100, 4_000_000, instructions=20_000),
    Test("call", 1, 20_000_000, instructions=20_000),
    Test("spawn", 1, 4_000_000, instructions=20_000),
    Test("spawn", 1000, 4_000_000, instructions=20_000),
    Test("live", 200_000, 200_000, is_scaled=False, instructions=20_000),
    Test("queue", 1, 8_000_000, instructions=20_000),
    Test("queue", 64, 20_000_000, instructions=20_000),
    Test("event", 1, 8_000_000, instructions=20_000),
    Test("mutex", 2, 8_000_000, instructions=20_000),
    Test("gather", 10, 400_000, instructions=2_000),
    Test("group", 1000, 4_000_000, instructions=20_000),
    Test("timer", 1_000_000, 1_000_000, is_scaled=False),
    Test("timeout", 10_000, 2_000_000, instructions=20_000),
    Test("callsoon", 100, 20_000_000, instructions=20_000),
    Test("post", 1, 2_000_000),
]

# Rows that are no time.
UNITS = {"live_bytes": "B"}


def python_interpreter():
    """The first interpreter that has uvloop, so that both Python peers run on the same one."""
    candidates = [sys.executable, "python3", "/usr/bin/python3"]
    for python in candidates:
        if has_module(python, "uvloop"):
            return python
    return sys.executable


def has_module(python, module):
    command = [python, "-c", f"import {module}"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def commands(directory, names, additional=()):
    """Commands by peer name, for those that exist; says which do not.

    `additional`: words NAME=COMMAND.
    """
    python = python_interpreter()
    found = {}
    for peer in PEERS:
        if names and peer.name not in names:
            continue
        if peer.script:
            if peer.needs and not has_module(python, peer.needs):
                print(f"skipped: {peer.name} (no Python module {peer.needs})", file=sys.stderr)
            else:
                found[peer.name] = [python, os.path.join(HERE, peer.script), peer.name]
        else:
            program = os.path.join(os.path.abspath(directory), "peer_" + peer.name)
            if os.access(program, os.X_OK):
                found[peer.name] = [program]
            else:
                print(f"skipped: {peer.name} (not built)", file=sys.stderr)
    for text in additional:
        name, _, command = text.partition("=")
        found[name] = command.split()
    return found


def weight(name):
    return next((peer.weight for peer in PEERS if peer.name == name), 1)


def table(rows, peers, title):
    """Text of rows {(test, param): {peer: value}}: each value, and its ratio to `hand`."""
    lines = [title]
    for (test, param), values in rows.items():
        lines.append("")
        lines.append(f"{test} {param}".rstrip())
        yardstick = values.get("hand")
        unit = UNITS.get(test, "")
        for peer in sorted(values, key=values.get):
            ratio = f"{values[peer] / yardstick:10.2f} x" if yardstick else ""
            lines.append(f"  {peer:14}{values[peer]:12,.2f} {unit:2}{ratio}".rstrip())
    missing = [peer for peer in peers if not any(peer in values for values in rows.values())]
    if missing:
        lines += ["", "no rows: " + ", ".join(missing)]
    return "\n".join(lines)
