"""Merges what gcov saw in all object files below a folder, and prints the lines and branches of the core without a run.

usage: coverage.py BUILD HEADER...      the headers relative to include/cedo

The same header is compiled many times. A line counts as run if any object ran it. The branches of a line are compared
between objects in which the line has the same function and the same number of branches (the same code); each such group
must be complete by itself, so what one configuration adds to a condition must be tested in it.
"""
import collections
import json
import pathlib
import subprocess
import sys

FILES = ["src/core.c"] + [f"include/cedo/{header.removeprefix('cedo/')}" for header in sys.argv[2:]]


def wanted(name):
    """The name as it is printed, or None for a file that is not measured."""
    return next((file for file in FILES if name == file or name.endswith("/" + file)), None)


def main():
    build = pathlib.Path(sys.argv[1])
    lines = collections.Counter()
    branches = {}
    configurations = collections.defaultdict(set)
    for data in sorted(build.rglob("*.gcda")):
        text = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", str(data)],
                              check=True, capture_output=True, text=True).stdout
        for document in text.splitlines():
            for file in json.loads(document)["files"]:
                name = wanted(file["file"])
                if not name:
                    continue
                for line in file["lines"]:
                    place = name, line["line_number"]
                    lines[place] += line["count"]
                    found = [branch["count"] for branch in line["branches"]]
                    if found:
                        key = place + (line.get("function_name", ""), len(found))
                        known = branches.setdefault(key, [0] * len(found))
                        branches[key] = [a + b for a, b in zip(known, found)]
                        configurations[key].add(data.parent.name)
    if not lines:
        sys.exit("no coverage data of the core")

    missing = [f"{name}:{line}: never run" for (name, line), count in lines.items() if not count]
    total = taken = 0
    for (name, line, function, count), runs in branches.items():
        total += count
        taken += sum(1 for run in runs if run)
        if not lines[name, line]:
            continue
        for number, run in enumerate(runs):
            if not run:
                where = " ".join(sorted(configurations[name, line, function, count]))
                missing.append(f"{name}:{line}: branch {number} of {count} in {function} never taken ({where})")
    print("\n".join(sorted(missing, key=lambda m: (m.split(":")[0], int(m.split(":")[1])))))
    ran = sum(1 for count in lines.values() if count)
    print(f"lines {ran} of {len(lines)} ({100 * ran / len(lines):.2f} %), "
          f"branches {taken} of {total} ({100 * taken / total:.2f} %)")
    sys.exit(1 if missing else 0)


main()
