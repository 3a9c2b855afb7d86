# SPDX-License-Identifier: Apache-2.0
"""Plain regressors on an exported dataset, on the hold-outs that Lanewise's own estimator is tested on.

python3 benchmarks/plain_regressor.py DATASET EVALUATE.json
DATASET is the folder of `lanewise store export --features`, EVALUATE.json the answer of `lanewise evaluate --json` on the
same store. Prints JSON: for each split and each regressor the share of rows within 10 % and the mean error, in percent.
The recipe is docs/features.md's: nothing here is tuned on what is held out.
"""

import json
import os
import sys

import numpy
import pandas
import sklearn
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

SPLITS = ("random", "unseen_engine", "unseen_shape")
# What identifies a row or was found by measuring it: never an input.
NOT_INPUTS = ("engine_hash", "subgraph_key", "tool_version", "occurrences", "networks", "split_row", "split_engine",
              "split_shape", "failure", "latency_cycles", "utilization", "dram_read_bytes", "dram_write_bytes",
              "sram_read_bytes", "sram_write_bytes", "peak_sram_bytes", "energy_pj", "bound_by", "name", "description",
              "family", "campaign.outside_ranges")


def boosted():
    """XGBoost with the sizes of Lanewise's own latency regressor (docs/estimator.md), everything else at its default.

    In one thread, so that sums have one order and the figures are the same on every machine.
    """
    return xgboost.XGBRegressor(n_estimators=500, max_depth=8, learning_rate=0.08, tree_method="hist", n_jobs=1,
                                random_state=1)


def histograms():
    """scikit-learn's boosting with as many rounds, everything else at its default."""
    return HistGradientBoostingRegressor(max_iter=500, learning_rate=0.08, random_state=1)


def raw_columns(rows):
    """The columns of measurements.csv that are known before a row is measured, as numbers; words become codes."""
    # Keys of engines have a dot in their names; what ends in _cycles without one is the time of a unit, as measured.
    known = [name for name in rows.columns if name not in NOT_INPUTS and ("." in name or not name.endswith("_cycles"))]
    inputs = rows[known].copy()
    for name in known:
        if inputs[name].dtype == object:
            inputs[name] = inputs[name].astype("category").cat.codes
    return inputs.to_numpy(numpy.float32)


def accuracy(cycles, measured):
    error = numpy.abs(cycles - measured) / measured
    return {"rows": int(len(error)), "within_10_percent": round(100 * float(numpy.mean(error <= 0.10)), 2),
            "mape_percent": round(100 * float(numpy.mean(error)), 2)}


def main(dataset, evaluated):
    texts = {"engine_hash": str, "subgraph_key": str, "networks": str, "failure": str}
    features = pandas.read_csv(os.path.join(dataset, "features.csv"), dtype=texts)
    raw = pandas.read_csv(os.path.join(dataset, "measurements.csv"), dtype=texts, low_memory=False)
    raw = raw[raw.failure.isna()].reset_index(drop=True)
    if not (raw.engine_hash.equals(features.engine_hash) and raw.subgraph_key.equals(features.subgraph_key)):
        raise SystemExit("the rows of measurements.csv and features.csv differ")
    measured = features.latency_cycles.to_numpy()
    analytical = features.analytical_latency_cycles.to_numpy()
    least = features.least_latency_cycles.to_numpy()
    inputs = features[[name for name in features.columns if name.startswith("f_")]].to_numpy(numpy.float32)
    columns = raw_columns(raw)
    ratio = features.log_latency_ratio.to_numpy()
    # Name, regressor, what it sees, what it learns, and the cycles that its answer stands for.
    ways = [
        ("xgboost_features", boosted, inputs, ratio, lambda answer, at: analytical[at] * numpy.exp(answer)),
        ("sklearn_features", histograms, inputs, ratio, lambda answer, at: analytical[at] * numpy.exp(answer)),
        ("xgboost_columns_and_analytical_model", boosted, columns, ratio,
         lambda answer, at: analytical[at] * numpy.exp(answer)),
        ("xgboost_columns", boosted, columns, numpy.log(measured), lambda answer, _: numpy.exp(answer)),
        ("xgboost_columns_plain_cycles", boosted, columns, measured, lambda answer, _: answer),
    ]
    splits = {}
    for split in SPLITS:
        test = features["held_out_" + split].to_numpy() == 1
        train = ~test & (features.outside_ranges.to_numpy() == 0)
        found = {"analytical_model": accuracy(analytical[test], measured[test])}
        for name, make, seen, learned, cycles_of in ways:
            model = make()
            model.fit(seen[train], learned[train])
            cycles = cycles_of(model.predict(seen[test]), test)
            # Features come with the roofline, which no latency is below; raw columns do not.
            if "columns" not in name:
                cycles = numpy.maximum(cycles, least[test])
            found[name] = accuracy(cycles, measured[test])
            print(f"{split} {name}: {found[name]['within_10_percent']} % within 10 %", file=sys.stderr)
        splits[split] = found
    with open(evaluated) as file:
        ours = json.load(file)
    for split, found in splits.items():
        theirs = ours["splits"][split]
        found["lanewise"] = {"rows": theirs["rows"], "within_10_percent": round(theirs["within_10_percent"], 2),
                             "mape_percent": round(theirs["mape_percent"], 2)}
    print(json.dumps({"rows": int(len(features)), "features": int(inputs.shape[1]), "columns": int(columns.shape[1]),
                      "campaigns": [campaign["values"].get("name", "") for campaign in ours.get("campaigns", [])],
                      "versions": {"xgboost": xgboost.__version__, "scikit-learn": sklearn.__version__,
                                   "pandas": pandas.__version__},
                      "splits": splits}, indent=2))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2])
