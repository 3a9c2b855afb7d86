#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which networks of the searches are trained, and what came of all of them.

    results.py choose    writes build/benchmarks/measured/TASK/networks/NAME.onnx, by rules that know no accuracy
    results.py write     writes docs/results: JSON, SVG and README.md, from searches and trainings that are there

The scripts beside it call both.
"""
import csv
import glob
import json
import os
import shutil
import statistics
import sys

WORK = "build/benchmarks/measured"
OUT = "docs/results"
METRICS = {"detector": "map50_95", "classifier": "accuracy", "segmenter": "miou"}
COSTS = ("latency_ms", "macs", "parameters", "peak_activation_bytes")
ENGINES = ("ne-256", "nvdla-large", "nvdla-small")  # of the detector
FASTEST, MOST = "fastest", "most"
# Task, network, engine, search, rule: the fastest, or the one with the most of a metric that takes at most so much of the latency.
CHOSEN = (
    [("detector", f"{name}-{engine}", engine, search, (FASTEST,))
     for engine in ENGINES
     for name, search in (("v1", "channels"), ("v2", "fused"), ("v3", "both"), ("by_macs", "by_macs"))]
    + [("classifier", "winner", "ne-256", "memory", (FASTEST,)),
       ("classifier", "by_macs", "ne-256", "by_macs", (FASTEST,)),
       ("classifier", "larger", "ne-256", "larger", (MOST, "macs", 1)),
       ("classifier", "larger_by_macs", "ne-256", "larger_by_macs", (MOST, "parameters", 1))]
    + [("segmenter", f"s{percent}", "ne-256", "ladder", (MOST, "macs", 1 - percent / 100))
       for percent in (27, 33, 39, 45, 51)])
FUSED_ALONE = (0, 1, 3, 6, 10, 13, 16)


def finalists(task, engine, search):
    """Simulated finalists of all seeds: (seed, number, costs, costs of the baseline, encoding, ONNX file)."""
    found = []
    for folder in sorted(glob.glob(f"{WORK}/{task}/search/{engine}/{search}/*/")):
        path = folder + "result.json"
        if not os.path.exists(path):
            continue
        with open(path) as file:
            result = json.load(file)
        base = result["baseline"]["simulated"]
        for number, design in enumerate(result["finalists"], 1):
            if design["simulated"]:
                found.append((result["seed"], number, design["simulated"], base, design["encoding"],
                              f"{folder}finalist-{number}.onnx"))
    return found


def chosen(task, engine, search, rule):
    """The finalist that the rule takes, the lowest seed of equal ones, or None before the search."""
    found = finalists(task, engine, search)
    if rule[0] == FASTEST:
        return min(found, key=lambda f: (f[2]["latency_ms"], f[0]), default=None)
    _, metric, share = rule
    kept = [f for f in found if f[2]["latency_ms"] <= share * f[3]["latency_ms"]]
    return max(kept, key=lambda f: (f[2][metric], -f[0]), default=None)


def choose():
    for task, name, engine, search, rule in CHOSEN:
        pick = chosen(task, engine, search, rule)
        if pick:
            os.makedirs(f"{WORK}/{task}/networks", exist_ok=True)
            shutil.copy(pick[5], f"{WORK}/{task}/networks/{name}.onnx")


def trained(task, name):
    """Test figures and seconds by seed."""
    path = f"{WORK}/{task}/trained/{name}/results.csv"
    if not os.path.exists(path):
        return []
    with open(path) as file:
        rows = [row for row in csv.DictReader(file) if row.get(METRICS[task])]
    return [{"seed": int(row["seed"]), METRICS[task]: float(row[METRICS[task]]), "epochs": int(row["epochs"]),
             "seconds": float(row["seconds"])} for row in rows]


def change(before, after):
    return 100 * (after / before - 1)


def entry(task, name, engine, costs, base, **more):
    runs = trained(task, name)
    values = [run[METRICS[task]] for run in runs]
    out = {"network": name, "engine": engine, **more,
           "costs": {key: costs[key] for key in COSTS},
           "change_percent": {key: change(base[key], costs[key]) for key in COSTS},
           "trainings": runs, "mean": statistics.mean(values) if values else None,
           "deviation": statistics.stdev(values) if len(values) > 1 else None}
    return out


def results():
    all_tasks = {task: {"metric": METRICS[task], "rows": []} for task in METRICS}
    baselines = {}
    for task, name, engine, search, rule in CHOSEN:
        pick = chosen(task, engine, search, rule)
        if not pick:
            continue
        seed, _, costs, base, encoding, _ = pick
        if (task, engine) not in baselines:
            baselines[task, engine] = base
            all_tasks[task]["rows"].append(entry(task, "baseline", engine, base, base))
        all_tasks[task]["rows"].append(entry(task, name, engine, costs, base, search=search, rule=list(rule),
                                             search_seed=seed, encoding=encoding))
    for block in FUSED_ALONE:
        for engine in ENGINES:
            path = f"{WORK}/detector/simulated/{engine}/fused_{block}.json"
            if os.path.exists(path):
                with open(path) as file:
                    costs = json.load(file)["total"]
                all_tasks["detector"]["rows"].append(entry("detector", f"fused_{block}", engine, costs,
                                                           baselines["detector", engine]))
    return all_tasks


def figure(row):
    if row["mean"] is None:
        return "missing"
    spread = f" ± {row['deviation']:.4f}" if row["deviation"] is not None else ""
    return f"{row['mean']:.4f}{spread} ({len(row['trainings'])})"


def table(task, rows):
    lines = [f"| network | engine | latency | MACs | parameters | live activations | {METRICS[task]} (seeds) |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        if row["network"] == "baseline":
            cells = [f"{row['costs']['latency_ms']:.3f} ms", f"{row['costs']['macs']:,.0f}",
                     f"{row['costs']['parameters']:,.0f}", f"{row['costs']['peak_activation_bytes'] / 1024:.1f} KiB"]
        else:
            cells = [f"{row['change_percent'][key]:+.1f} %" for key in COSTS]
        lines.append(f"| `{row['network']}` | `{row['engine']}` | " + " | ".join(cells) + f" | {figure(row)} |")
    return "\n".join(lines)


def svg(task, rows):
    """Accuracy over latency; what is not trained is left out. A dashed line: the baseline."""
    points = [row for row in rows if row["mean"] is not None]
    if len(points) < 2:
        return None
    colours = {"ne-256": "#0072b2", "nvdla-large": "#e69f00", "nvdla-small": "#009e73"}
    ys = [row["mean"] for row in points]
    low, high = min(ys), max(ys)
    low, high = low - .15 * (high - low) - 1e-9, high + .15 * (high - low) + 1e-9
    place_x = lambda value: 70 + (value + 100) / 110 * 520
    place_y = lambda value: 330 - (value - low) / (high - low) * 270
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" font-family="sans-serif">',
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           f'<text x="70" y="26" font-size="16">{task}: {METRICS[task]} on test images over simulated latency</text>']
    for tick in range(-100, 11, 20):
        x = place_x(tick)
        out += [f'<line x1="{x:.1f}" y1="50" x2="{x:.1f}" y2="335" stroke="#dddddd"/>',
                f'<text x="{x:.1f}" y="352" font-size="12" text-anchor="middle">{tick:+d} %</text>']
    for step in range(5):
        value = low + (high - low) * step / 4
        out.append(f'<text x="62" y="{place_y(value) + 4:.1f}" font-size="12" text-anchor="end">{value:.3f}</text>')
    base = next(row["mean"] for row in points if row["network"] == "baseline")
    out.append(f'<line x1="70" y1="{place_y(base):.1f}" x2="590" y2="{place_y(base):.1f}" stroke="#cc0000" stroke-dasharray="5 3"/>')
    drawn = set()
    for row in points:
        if row["network"] == "baseline" and "baseline" in drawn:
            continue
        drawn.add(row["network"])
        x, y = place_x(row["change_percent"]["latency_ms"]), place_y(row["mean"])
        name = row["network"].replace("-" + row["engine"], "")
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colours[row["engine"]]}"/>',
                f'<text x="{x:.1f}" y="{y - 9:.1f}" font-size="12" text-anchor="middle">{name}</text>']
    x = 70
    for engine, colour in colours.items():
        if any(row["engine"] == engine for row in points):
            out += [f'<circle cx="{x + 5}" cy="378" r="5" fill="{colour}"/>',
                    f'<text x="{x + 15}" y="382" font-size="12">{engine}</text>']
            x += 110
    return "\n".join(out + ["</svg>"]) + "\n"


TITLES = {"detector": "The detector", "classifier": "The classifier, and a larger one", "segmenter": "The segmenter"}


def write():
    os.makedirs(OUT, exist_ok=True)
    with open("benchmarks/measured/results_head.md") as file:
        parts = [file.read().rstrip()]
    for task, result in results().items():
        if not result["rows"]:
            continue
        with open(f"{OUT}/{task}.json", "w") as file:
            json.dump(result, file, indent=2)
            file.write("\n")
        parts.append(f"## {TITLES[task]}\n\n" + table(task, result["rows"]))
        picture = svg(task, result["rows"])
        if picture:
            with open(f"{OUT}/{task}.svg", "w") as file:
                file.write(picture)
            parts.append(f"![{METRICS[task]} over latency]({task}.svg)")
    runs = [run for task in METRICS for path in glob.glob(f"{WORK}/{task}/trained/*/")
            for run in trained(task, os.path.basename(path.rstrip("/")))]
    parts.append(f"Trainings: {len(runs)}, {sum(run['seconds'] for run in runs) / 60:.0f} minutes of them on one core that was shared with other work.")
    with open(f"{OUT}/README.md", "w") as file:
        file.write("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    {"choose": choose, "write": write}[sys.argv[1]]()
