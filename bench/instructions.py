#!/usr/bin/env python3
"""Counts the instructions that an operation takes, exactly.

valgrind counts each program twice, for n and for 3 n operations; the difference divided by 2 n is
free of everything that happens once. It is the same on any machine with the same compiler, however
busy the machine is.

Prints TSV, `kind test param peer instructions`, to a file (-o) or to standard output, then a table
with ratios to `hand` (to standard error if standard output has the TSV). `live` is create, suspend,
wake and finish together.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

import plan

# A virtual machine or a second thread would need more care.
COUNTED = ["hand", "hand_wheel", "cedo", "protothreads", "cxx20", "libuv", "libev"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", default=".", help="where the programs are")
    parser.add_argument("-o", "--output", help="write the TSV to this file")
    parser.add_argument("-p", "--peers", default=",".join(COUNTED),
                        help="only these, comma-separated")
    parser.add_argument("-t", "--tests", default="", help="only these, comma-separated")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="one more program, called as COMMAND TEST N PARAM (repeatable)")
    return parser.parse_args()


def count(command):
    """Instructions of one run; None if the program has no such test."""
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
    valgrind.append("--cachegrind-out-file=" + os.devnull)
    done = subprocess.run(valgrind + command, capture_output=True, text=True)
    if done.returncode == 2:
        return None
    total = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode != 0 or total is None:
        print("failed:", " ".join(command), done.stderr.strip(), sep="\n", file=sys.stderr)
        return None
    return int(total.group(1).replace(",", ""))


def per_operation(command, test):
    few = test.instructions
    many = 3 * few
    least = count(command + [test.name, str(few), str(test.param)])
    if least is None:
        return None
    most = count(command + [test.name, str(many), str(test.param)])
    if most is None:
        return None
    return (most - least) / (many - few)


def main():
    arguments = parse_arguments()
    if not shutil.which("valgrind"):
        print("skipped: no valgrind")
        return
    wanted = [word for word in arguments.tests.split(",") if word]
    names = [word for word in arguments.peers.split(",") if word]
    commands = plan.commands(arguments.directory, names, arguments.peer)
    rows = {}
    tsv = ["kind\ttest\tparam\tpeer\tinstructions"]
    for test in plan.TESTS:
        if not test.instructions or (wanted and test.name not in wanted):
            continue
        for peer, command in commands.items():
            value = per_operation(command, test)
            if value is not None:
                param = "" if test.name == "live" else test.param
                rows.setdefault((test.name, param), {})[peer] = value
                tsv.append(f"instructions\t{test.name}\t{param}\t{peer}\t{value:.2f}")
    text = plan.table(rows, commands, "instructions per operation, and ratio to hand")
    if arguments.output:
        with open(arguments.output, "w") as file:
            file.write("\n".join(tsv) + "\n")
        print(text)
    else:
        print("\n".join(tsv), flush=True)
        print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
