"""dry_run.py BIN_DIR [CASE ...] - see dry_run.sh."""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNITS = {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400}

# The yardstick's step: ch 32, batch 16, two updates of D and one of G. With `keep: best` the
# peak of memory would depend on whether the last generator is the best.
YARDSTICK = """
seed: 1
data: {source: faces, format: utkface, attribute: gender, majority: male,
       groups: {male: [0], female: [1]}, bias: 0.9, ref_ratio: 0.3,
       sizes: {biased: 120, classifier: 64, validation: 64, evaluation: 64}}
model: {arch: biggan, resolution: 64, ch: 32, precision: PRECISION}
run:
  - classifier: {width: 8, epochs: 16, batch: 16, lr: 3.0e-3, flip: false}
  - pretrain: {kimg: 0.64, batch: 16, save_every: 0.32, sample_every: 0.32}
  - adapt: {method: fairtl++, batch: 16, evaluate: {every: 0.08, samples: 500},
            stages: [{name: linear-probe, kimg: 0.16, freeze: ["D@64", "D@32"]},
                     {name: fine-tune, kimg: 0.16}]}
  - evaluate: {samples: 1000}
"""
DEMO = os.path.join(ROOT, "configs", "demo.yaml")
SHORTER = ["run.pretrain.kimg=8", "run.pretrain.settle.within=0",
           "run.pretrain.settle.from=0", "run.adapt.kimg=4"]
METRICS = SHORTER + ["run.evaluate.metrics=[frechet,kid,prdc]",
                     "run.adapt.evaluate.frechet=true"]
INCEPTION = SHORTER + ["run.evaluate.metrics=[frechet,kid,prdc]", "run.evaluate.n=400",
                       "run.evaluate.features=inception-2015",
                       "run.evaluate.weights=inception.h5", "data.sizes.evaluation=400"]
CASES = {"demo": (DEMO, SHORTER), "biggan64-fp32": ("fp32", []),
         "biggan64-bf16": ("bf16", []), "demo-whole": (DEMO, []),
         "demo-metrics": (DEMO, METRICS), "demo-inception": (DEMO, INCEPTION)}


def seconds(text):
    """'3 min 02 s' and the like; '-' is 0."""
    words = text.split()
    return sum(float(n) * UNITS[u] for n, u in zip(words[::2], words[1::2]))


def said(text):
    """From the lines of --dry-run: seconds of a pre-training step and of the run at most
    and at least, MiB of memory, MiB of disk when it is done."""
    number = r"((?:[\d.]+ (?:ms|s|min|h|d) ?)+)"
    step = re.search(r"^pretrain +\d+ +([\d.]+ \w+)", text, re.M).group(1)
    whole = re.search(rf"^time +{number}(?:at most; {number})?", text, re.M)
    memory = re.search(r"^memory +(\d+) MiB", text, re.M).group(1)
    disk = re.search(r"^disk +([\d.]+) MiB", text, re.M).group(1)
    return {"step": seconds(step), "at most": seconds(whole.group(1)),
            "at least": seconds(whole.group(2) or whole.group(1)),
            "memory": float(memory), "disk": float(disk)}


def run(words, directory):
    """Seconds and MiB that a command took."""
    begin = time.monotonic()
    process = subprocess.Popen(words, cwd=directory, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(words)}: status {status}")
    return time.monotonic() - begin, used.ru_maxrss / 1024


def median_step(path, batch):
    """From the images a second since the stage began, every 20 steps."""
    since, steps = [], []
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if row["stage"] == "pretrain" and "images_per_s" in row:
            images = row["kimg"] * 1000
            since.append(images / row["images_per_s"])
            steps.append(images / batch)
    if len(steps) < 2:
        return since[0] / steps[0]
    return statistics.median((b - a) / (n - m) for a, b, m, n in
                             zip(since, since[1:], steps, steps[1:]))


def disk_mib(directory):
    return sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(directory) for name in names) / 1048576


def fixture(binaries, directory, *words):
    subprocess.run([os.path.join(binaries, "cli_fixture"), *words], cwd=directory,
                   check=True)


def show(case, binaries):
    config, changes = CASES[case]
    fairtl = os.path.join(binaries, "fairtl")
    with tempfile.TemporaryDirectory() as directory:
        if not config.endswith(".yaml"):
            with open(os.path.join(directory, "run.yaml"), "w", encoding="utf-8") as file:
                file.write(YARDSTICK.replace("PRECISION", config))
            config = "run.yaml"
            fixture(binaries, directory, "utkface", "faces", "500")
        if case == "demo-inception": # weights that are drawn at random take as long
            fixture(binaries, directory, "inception", "inception.h5")
        words = [fairtl, "run", config, "--out", "out"]
        for change in changes:
            words += ["--set", change]
        begin = time.monotonic()
        text = subprocess.run(words + ["--dry-run"], cwd=directory, check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        rehearsal = time.monotonic() - begin
        batch = int(re.search(r"pretrain:.*?batch: (\d+)", text, re.S).group(1))
        told = said(text)
        took, memory = run(words, directory)
        step = median_step(os.path.join(directory, "out", "stats.jsonl"), batch)
        disk = disk_mib(os.path.join(directory, "out"))
    rows = [("step, ms", 1000 * told["step"], 1000 * step),
            ("whole run, s", told["at most"], took),
            ("memory, MiB", told["memory"], memory), ("disk, MiB", told["disk"], disk)]
    if told["at least"] < told["at most"]:
        rows.insert(2, ("... at the earliest", told["at least"], took))
    for name, is_said, is_so in rows:
        print(f"{case:<16}{name:<22}{is_said:>10.1f}{is_so:>10.1f}{is_so / is_said:>8.3f}")
    print(f"{case:<16}{'(the dry run took, s)':<22}{rehearsal:>10.1f}", flush=True)


def main():
    binaries = sys.argv[1]
    cases = sys.argv[2:] or ["demo", "demo-metrics", "biggan64-fp32", "biggan64-bf16"]
    for case in cases:
        if case not in CASES:
            sys.exit(f"there is no case {case}; there are {', '.join(CASES)}")
    print(f"{'case':<16}{'what':<22}{'said':>10}{'taken':>10}{'ratio':>8}")
    for case in cases:
        show(case, binaries)


if __name__ == "__main__":
    main()
