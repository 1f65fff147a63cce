#!/usr/bin/env python3
"""Runs the benchmark programs of a directory interleaved (A B C, A B C, ...) and takes medians.

Builds nothing: `make bench` does. Prints TSV, `kind test param peer ns`, to a file (-o) or to
standard output, then a table with ratios to `hand` (to standard error if standard output has the
TSV). Each program runs on one core.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import plan


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", default=".", help="where the programs are")
    parser.add_argument("-r", "--repetitions", type=int, default=5)
    parser.add_argument("-o", "--output", help="write the TSV to this file")
    parser.add_argument("-p", "--peers", default="", help="only these, comma-separated")
    parser.add_argument("-t", "--tests", default="", help="only these, comma-separated")
    parser.add_argument("-q", "--quick", type=int, default=1, metavar="DIVISOR",
                        help="fewer operations where their number is free: not to measure")
    parser.add_argument("-c", "--core", type=int, default=0)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="one more program, called as COMMAND TEST N PARAM (repeatable)")
    return parser.parse_args()


def words(text):
    return [word for word in text.split(",") if word]


def run_one(command, timeout=600):
    """Rows (test, value) of one run; None if the program has no such test."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        print("timed out:", " ".join(command), file=sys.stderr)
        return []
    if done.returncode == 2:
        return None
    if done.returncode != 0:
        print("failed:", " ".join(command), done.stderr.strip(), sep="\n", file=sys.stderr)
        return []
    fields = [line.split("\t") for line in done.stdout.splitlines()]
    return [(field[1], float(field[3])) for field in fields if len(field) == 4]


def copied(commands, directory):
    """The same commands with a fresh copy of each program.

    Which pages of memory a file happens to lie in has made a program take 1.8 times as long as a
    copy of it, again and again until it was built anew; so each round has copies of its own.
    """
    fresh = {}
    for peer, command in commands.items():
        fresh[peer] = command
        if len(command) == 1 and os.path.isfile(command[0]):
            fresh[peer] = [shutil.copy2(command[0], os.path.join(directory, "copy_of_" + peer))]
    return fresh


def measure_once(arguments, pin, commands, not_offered, values):
    """A round; adds to `values`, and to `not_offered` the tests that a peer does not have."""
    wanted = words(arguments.tests)
    for test in plan.TESTS:
        if wanted and test.name not in wanted:
            continue
        for peer, command in commands.items():
            if (test.name, peer) in not_offered:
                continue
            n = test.operations
            if test.is_scaled:
                n //= plan.weight(peer) * arguments.quick
                n = max(n // 1000, 1) * 1000  # whole batches
            rows = run_one(pin + command + [test.name, str(n), str(test.param)])
            if rows is None:
                not_offered.add((test.name, peer))
                continue
            for row, value in rows:
                cell = values.setdefault((test.kind, row, test.param), {})
                cell.setdefault(peer, []).append(value)


def measure(arguments, commands):
    """{(kind, test, param): {peer: [value, ...]}} in the order of the plan."""
    pin = ["taskset", "-c", str(arguments.core)] if shutil.which("taskset") else []
    not_offered = set()
    values = {}
    for repetition in range(arguments.repetitions):
        print(f"round {repetition + 1} of {arguments.repetitions}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
            measure_once(arguments, pin, copied(commands, directory), not_offered, values)
    return values


def main():
    arguments = parse_arguments()
    commands = plan.commands(arguments.directory, words(arguments.peers), arguments.peer)
    values = measure(arguments, commands)
    medians = {}
    for key, cells in values.items():
        medians[key] = {peer: statistics.median(several) for peer, several in cells.items()}

    tsv = ["kind\ttest\tparam\tpeer\tns"]
    for (kind, test, param), cells in medians.items():
        for peer, value in cells.items():
            tsv.append(f"{kind}\t{test}\t{param}\t{peer}\t{value:.2f}")
    title = f"ns per operation, median of {arguments.repetitions}, and ratio to hand"
    text = plan.table({key[1:]: cells for key, cells in medians.items()}, commands, title)
    if arguments.output:
        with open(arguments.output, "w") as file:
            file.write("\n".join(tsv) + "\n")
        print(text)
    else:
        print("\n".join(tsv), flush=True)
        print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
