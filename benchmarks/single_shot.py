# SPDX-License-Identifier: Apache-2.0
# Puts together what benchmarks/single_shot made: a JSON of both winners. Only here is the table of trainings read.
import csv
import json
import os
import statistics
import sys

table, work, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])


def load(name):
    path = os.path.join(work, name)
    return json.load(open(path)) if os.path.exists(path) and os.path.getsize(path) > 0 else None


trainings = {}
for row in csv.DictReader(open(table)):
    trainings.setdefault(row["encoding"], []).append(float(row["test_accuracy"]))


def trained_accuracy(way, encoding):
    if encoding in trainings:
        return {"test_accuracy": statistics.mean(trainings[encoding]), "from": "table"}
    own = load(way + ".trained.json")
    if own is None:
        return {"test_accuracy": None, "from": "neither in the table nor trained"}
    with open(os.path.join(work, "trained_" + way, "results.csv")) as results:
        return {"test_accuracy": float(next(csv.DictReader(results))["accuracy"]), "from": "one training"}


def winner(way, encoding, predicted_ms, held_out, seconds):
    simulated = load(way + ".simulated.json")
    return {"network": encoding, "predicted_ms": predicted_ms, "simulated_ms": simulated["total"]["latency_ms"],
            "held_out": held_out, "seconds": round(seconds, 1), **trained_accuracy(way, encoding)}


converged, supernet, evolved = load("converged.json"), load("supernet.json"), load("evolved.json")
seconds = float(open(os.path.join(work, "seconds")).read())
best = evolved["network"]
result = {
    "engine": "ne-256", "limit_ms": limit, "prices": converged["prices"],
    "converged": winner("converged", converged["network"], converged["predicted_ms"], converged["held_out"], seconds),
    "evolved": winner("evolved", best["encoding"], best["predicted_ms"],
                      {key: best[key] for key in best if key not in ("encoding", "predicted_ms")},
                      supernet["seconds"] + evolved["seconds"]),
}
result["converged"]["steps"] = converged["steps"]
result["converged"]["architecture"] = converged["architecture"]
result["evolved"]["steps"] = supernet["steps"]
result["evolved"]["networks_measured"] = evolved["measured"]
del result["prices"]["file"]
print(json.dumps(result, indent=2))
