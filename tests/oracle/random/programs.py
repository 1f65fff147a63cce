"""usage: programs.py SEED COUNT [costly]. Random programs, one a line: tasks that end in "|", of steps explained in run.c.
costly: none whose order depends on how often the clock is looked at."""
import random
import re
import sys

R = random.Random(int(sys.argv[1]))
DELAYS = [10, 20, 30, 40]


def wait(task):
    kind = R.choice("SSWWJGGPPbQ" if task else "SSWWGGPPbQ")
    if kind == "S":
        return "S%d" % R.choice([0, 0] + DELAYS)
    if kind == "W":
        return "W%d" % R.randrange(3)
    if kind == "J":
        return "J%d" % R.randrange(task)  # of an earlier one: no circles
    if kind in "bQ":
        return kind + "0"
    return "G0" if kind == "G" else "P%d" % R.randrange(9)


def steps(task, tasks, depth, most):
    out = []
    for _ in range(R.randint(1, most)):
        r = R.random()
        if r < .32:
            out.append(wait(task))
        elif r < .42:
            out.append("T%d" % R.randrange(3))
        elif r < .46:
            out.append("X%d" % R.randrange(3))
        elif r < .54:
            out.append("C%d" % R.randrange(tasks))
        elif r < .58:
            out.append("U%d" % R.randrange(tasks))
        elif r < .62:
            out.append("L%d%d" % (R.choice(DELAYS), R.randrange(3)))
        elif r < .65:
            out.append("M%d%d" % (R.choice(DELAYS), R.randrange(tasks)))
        elif r < .69:
            out.append("B%d" % R.choice(DELAYS + [100]))
        elif r < .71:
            out.append(R.choice(["R0", "E0", "Z0"]))
        elif r < .74:
            out.append(R.choice(["g0", "n%d" % R.randrange(9), "Y0", "N%d" % R.randint(1, 2), "D0"]))
        elif r < .75:
            out.append(R.choice(["D0", "D0", "V0", "V1"]))
        elif r < .78:
            out += ["w%d" % R.choice(DELAYS), wait(task).replace("S0", "S10")]
        elif depth < 3:
            kind = R.choice("ootttaareclshh")
            limit = R.choice([0] + DELAYS if kind == "t" else DELAYS)
            if kind in "lsh":
                limit = R.randrange(2)
            out += ["%s%d(" % (kind, limit)] + steps(task, tasks, depth + 1, 3) + [")"]
    return out or ["S0"]


for _ in range(int(sys.argv[2])):
    n = R.randint(2, 5)
    program = " ".join(" ".join(steps(i, n, 0, 6)) + " |" for i in range(n))
    print(re.sub(r"\b[BLM]\d+", "T0", program) if sys.argv[3:] else program)
