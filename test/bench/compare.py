"""compare.py - our steps beside PyTorch's, in one run; see compare.sh.

Ours and each of PyTorch's modes run as processes that do a step when they are told to,
in turn: whatever else the machine does meets all of them alike.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Images a step of G's, and how many steps are timed.
CASES = {
    "biggan64-ch32-b16": (16, 12),
    "biggan64-ch64-b8": (8, 10),
    "biggan32-ch64-b64": (64, 6),
    "resnet18-b64": (64, 10),
    "sample-biggan64-10k": (64, 30),
}
PRECISIONS = ["fp32", "bf16"]
MODES = ["channels_last", "contiguous"]
NOT_HERE = 3  # bench_step's exit status for a precision that this CPU lacks

# What fairtl does for itself: threads that wait give their core away soon.
OUR_SETTINGS = {"GOMP_SPINCOUNT": "1000"}
# PyTorch's best: the same, or else a busy machine makes its steps several times as long;
# and memory stays with the process, which otherwise gets it back from the system page by
# page, cleared, in every step.
PEER_SETTINGS = {"GOMP_SPINCOUNT": "10000", "MALLOC_MMAP_MAX_": "0",
                 "MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_TOP_PAD_": str(1 << 26)}


class Stepper:
    """A process that does a step when asked."""

    def __init__(self, command, settings):
        environment = {**settings, **os.environ}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment, text=True)
        self.times, self.name = [], " ".join(command)

    def line(self):
        text = self.process.stdout.readline().split()
        if not text:
            raise SystemExit("%s: ended with status %d" % (self.name, self.process.wait()))
        return text

    def wait_until_warm(self):
        """False if the process says that this machine lacks the precision."""
        text = self.process.stdout.readline()
        if not text and self.process.wait() == NOT_HERE:
            return False
        while text.strip() != "ready":
            text = " ".join(self.line())
        return True

    def step(self):
        time.sleep(0.02)  # until the threads of the last one sleep
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.times.append(float(self.line()[1]))

    def finish(self):
        """Peak resident set in MiB."""
        self.process.stdin.close()
        peak = float(self.line()[1])
        self.process.wait()
        return peak


def start_ours(program, case, precision):
    return Stepper([*program, case, precision], OUR_SETTINGS)


def start_peer(case, precision, mode):
    return Stepper(["/usr/bin/python3", os.path.join(HERE, "torch_step.py"), case,
                    precision, mode], PEER_SETTINGS)


def measure(program, case, precision, steps):
    """Times and peak of ours and of PyTorch's best mode; None where we cannot run."""
    ours = start_ours(program, case, precision)
    if not ours.wait_until_warm():
        return None
    peers = {}
    for mode in MODES:
        peers[mode] = start_peer(case, precision, mode)
        peers[mode].wait_until_warm()
    for _ in range(steps):
        for stepper in [ours, *peers.values()]:
            stepper.step()
    peaks = {mode: peer.finish() for mode, peer in peers.items()}
    best = min(MODES, key=lambda mode: statistics.median(peers[mode].times))
    return ours.times, ours.finish(), best, peers[best].times, peaks[best]


ROW = "%-20s %-4s %16s %16s  %-13s %8s %8s %7s %7s %6s"


def print_header():
    print(ROW % ("", "", "fairtl ms", "PyTorch ms", "", "images/s", "", "MiB", "", ""))
    print(ROW % ("case", "", "min / median", "min / median", "its best mode", "fairtl",
                 "PyTorch", "fairtl", "PyTorch", "ratio"), flush=True)


def compare(program, case, precision, quick):
    """Print a row; returns it as an object, or None where we cannot run."""
    images, steps = CASES[case]
    measured = measure(program, case, precision, 6 if quick else steps)
    if not measured:
        print("%-20s %-4s this CPU has no %s" % (case, precision, precision), flush=True)
        return None
    times, peak, mode, peer_times, peer_peak = measured
    ours, peer = statistics.median(times), statistics.median(peer_times)
    print(ROW % (case, precision, "%.0f / %.0f" % (min(times), ours),
                 "%.0f / %.0f" % (min(peer_times), peer), mode,
                 "%.1f" % (1e3 * images / ours), "%.1f" % (1e3 * images / peer),
                 "%.0f" % peak, "%.0f" % peer_peak, "%.2f" % (peer / ours)), flush=True)
    return {"case": case, "precision": precision, "ours_ms": ours, "peer_ms": peer,
            "peer_mode": mode, "ratio": peer / ours, "ours_mib": peak,
            "peer_mib": peer_peak}


def store(path, row):
    """Put the row into the file; other cases that it has stay."""
    rows = []
    if os.path.exists(path):
        with open(path) as f:
            rows = json.load(f)
    key = (row["case"], row["precision"])
    rows = [r for r in rows if (r["case"], r["precision"]) != key] + [row]
    rows.sort(key=lambda r: (list(CASES).index(r["case"]), PRECISIONS.index(r["precision"])))
    with open(path, "w") as f:
        json.dump(rows, f, indent=1)
        f.write("\n")


def print_scaling(program, case, precision, quick):
    """Our step with 1, 2, 4, ... threads and with all cores, in turn."""
    cores = len(os.sched_getaffinity(0))
    counts = sorted({2 ** i for i in range(16) if 2 ** i < cores} | {cores})
    steppers = {}
    for n in counts:
        os.environ["OMP_NUM_THREADS"] = str(n)
        steppers[n] = start_ours(program, case, precision)
        if not steppers[n].wait_until_warm():
            print("%-20s %-4s this CPU has no %s" % (case, precision, precision))
            return
    for _ in range(6 if quick else CASES[case][1]):
        for n in counts:
            steppers[n].step()
    one = statistics.median(steppers[counts[0]].times)
    for n in counts:
        steppers[n].finish()
        median = statistics.median(steppers[n].times)
        print("%-20s %-4s %2d thread%s %8.0f /%8.0f ms min / median %6.2f times as fast"
              % (case, precision, n, " s"[n > 1], min(steppers[n].times), median,
                 one / median), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="compare.sh")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true",
                        help="the yardstick, %s, alone; under two minutes" % list(CASES)[0])
    parser.add_argument("--case", action="append", choices=CASES, metavar="CASE",
                        help="only this one (may be given again): " + ", ".join(CASES))
    parser.add_argument("--precision", action="append", choices=PRECISIONS,
                        help="only this one; default: both")
    parser.add_argument("--json", metavar="FILE",
                        help="put the rows into FILE; rows of other cases in it stay")
    parser.add_argument("--threads", action="store_true",
                        help="instead: our step on one thread, two, ... and all cores")
    parser.add_argument("--tune", action="store_true",
                        help="ours with engine.tune: measure, kernels by trying")
    options = parser.parse_args()
    program = [options.program] + ["--tune"] * options.tune
    cases = options.case or list(CASES)[:1 if options.quick or options.threads else None]
    if not options.threads:
        print_header()
    for case in cases:
        for precision in options.precision or PRECISIONS:
            if options.threads:
                print_scaling(program, case, precision, options.quick)
                continue
            row = compare(program, case, precision, options.quick)
            if row and options.json:
                store(options.json, row)


if __name__ == "__main__":
    main()
