"""compare.py - our steps beside PyTorch's, interleaved in one run; see compare.sh."""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = ["biggan64-ch32-b16", "biggan64-ch64-b8", "biggan32-ch64-b64", "resnet18-b64",
         "sample-biggan64-10k"]
BATCH = {"biggan64-ch32-b16": 16, "biggan64-ch64-b8": 8, "biggan32-ch64-b64": 64,
         "resnet18-b64": 64, "sample-biggan64-10k": 64}
MODES = ["contiguous", "channels_last"]


def run(command):
    """Milliseconds of each step, and the peak resident set in MiB."""
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in text.splitlines()]
    return ([float(v) for k, v in lines if k == "ms"],
            [float(v) for k, v in lines if k == "mib"][0])


def measure(program, case, rounds, steps):
    """Ours and each mode of PyTorch's in turn, round by round."""
    commands = {"ours": [program, case, str(steps)]}
    for mode in MODES:
        commands[mode] = ["/usr/bin/python3", os.path.join(HERE, "torch_step.py"), case,
                          mode, str(steps)]
    times, peaks = {k: [] for k in commands}, {k: 0.0 for k in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            ms, mib = run(command)
            times[name] += ms
            peaks[name] = max(peaks[name], mib)
    return times, peaks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true", help="the yardstick alone")
    parser.add_argument("--json")
    options = parser.parse_args()
    rounds, steps = (2, 4) if options.quick else (3, 5)
    rows = []
    print("%-22s %-5s %19s %19s %-14s %6s %9s %9s" % (
        "case", "", "ours ms min/med", "torch ms min/med", "its best mode", "ratio",
        "ours MiB", "torch MiB"))
    for case in CASES[:1] if options.quick else CASES:
        times, peaks = measure(options.program, case, rounds, steps)
        ours = statistics.median(times["ours"])
        mode = min(MODES, key=lambda m: statistics.median(times[m]))
        peer = statistics.median(times[mode])
        rows.append({"case": case, "precision": "fp32", "ours_ms": ours, "peer_ms": peer,
                     "peer_mode": mode, "ratio": peer / ours, "ours_mib": peaks["ours"],
                     "peer_mib": peaks[mode]})
        print("%-22s %-5s %9.1f /%8.1f %9.1f /%8.1f %-14s %6.2f %9.0f %9.0f  %.1f images/s" % (
            case, "fp32", min(times["ours"]), ours, min(times[mode]), peer, mode,
            peer / ours, peaks["ours"], peaks[mode], 1e3 * BATCH[case] / ours))
        sys.stdout.flush()
    if options.json:
        with open(options.json, "w") as f:
            json.dump(rows, f, indent=1)


if __name__ == "__main__":
    main()
