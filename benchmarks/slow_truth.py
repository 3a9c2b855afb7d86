# SPDX-License-Identifier: Apache-2.0
# Runs `lanewise train --until … --with` by both strategies on several pools, and puts the curves together.
import json
import os
import statistics
import subprocess
import sys

program, work, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3])
TARGET, FIRST, BATCH, MOST, HOLD_OUT = 95.0, 10, 5, 150, 200


def curve(strategy, seed):
    """Rows and the share of the hold-out within 10 %, round by round. One store for both strategies: it says the same of equal rows, and no run
    learns from rows that it has not chosen."""
    answer = json.loads(subprocess.run(
        [program, "train", os.path.join(work, f"seed-{seed}.sqlite"), "--until", "within10>=1", "--strategy", strategy, "--campaign",
         "examples/verilog_engine/campaign.yaml", "--seed", str(seed), "--first-rows", str(FIRST), "--batch-rows", str(BATCH), "--most", str(MOST),
         "--hold-out-rows", str(HOLD_OUT), "--quick", "--with", f"{work}/verilog_engine {{json}}", "--source", "verilog-mv", "--allow-commands",
         "--jobs", str(os.cpu_count()), "--out", os.path.join(work, f"{strategy}-{seed}.lwm"), "--json"],
        check=True, stdout=subprocess.PIPE).stdout)
    assert answer["failed_rows"] == 0, "every subgraph must be measured"
    return {"pool_rows": answer["pool_rows"], "hold_out_rows": answer["hold_out_rows"],
            "rounds": [[r["training_rows"], round(r["hold_out"]["within_10_percent"], 2), round(r["hold_out"]["mape_percent"], 2)] for r in answer["rounds"]]}


def reached(rounds, for_good):
    """The first round that meets the target, or from which on every round does; None where none does."""
    rows = None
    for count, within, _ in reversed(rounds):
        if within < TARGET and for_good:
            break
        if within >= TARGET:
            rows = count
    return rows


def runs(strategy):
    out = []
    for seed in range(1, seeds + 1):
        print(f"{strategy}, seed {seed}", file=sys.stderr, flush=True)
        one = curve(strategy, seed)
        out.append({"seed": seed, "first": reached(one["rounds"], False), "for_good": reached(one["rounds"], True), **one})
    return out


def summary(of):
    """Runs that did not get there count as MOST rows, which is less than they would have taken."""
    def rows(key):
        return [run[key] if run[key] is not None else MOST for run in of]
    return {"first_median": statistics.median(rows("first")), "first_worst": max(rows("first")),
            "for_good_median": statistics.median(rows("for_good")), "for_good_worst": max(rows("for_good")),
            "never_for_good": sum(run["for_good"] is None for run in of)}


active, random = runs("active"), runs("random")
print(json.dumps({
    "truth": "examples/verilog_engine under Verilator", "target": f"within 10 % for {TARGET:.0f} % of the hold-out, subgraphs of unseen shapes",
    "first_rows": FIRST, "batch_rows": BATCH, "most_rows": MOST,
    "rows_to_target": {"active": summary(active), "random": summary(random)},
    "active_over_random": {key: round(summary(active)[key] / summary(random)[key], 3) for key in ("first_median", "for_good_median")},
    "active": active, "random": random}, indent=1))
