# SPDX-License-Identifier: Apache-2.0
"""What benchmarks/python_speed measures, in CPU time, as others may use the machine: of one thread the best of five runs, of
a sweep with its processes that of all of them."""

import json
import resource
import sys

import lanewise as lw

RUNS = 5
NETWORKS = ("mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "mnasnet1_0", "resnet18", "resnet50",
            "squeezenet1_1", "shufflenet_v2_x1_0", "regnet_y_400mf", "ssdlite320_mobilenet_v3_large")


def cpu_seconds() -> float:
    """Of this process and of those that it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def best(work) -> float:
    """The least CPU seconds of some runs."""
    seconds = []
    for _ in range(RUNS):
        begin = cpu_seconds()
        work()
        seconds.append(cpu_seconds() - begin)
    return min(seconds)


def rounded(value: float) -> float:
    return float(f"{value:.3g}")


def predictions(estimator: lw.Estimator) -> dict:
    base = lw.Engine("ne-256")
    engines = [base.set({"engine.parallelism_factor": factor, "engine.dot_product_lanes": lanes, "dram.bandwidth": b * 1e9})
               for factor in (4, 8, 16, 32) for lanes in (8, 16, 32) for b in (1.6, 3.2, 6.4, 12.8)]
    rows = lw.Rows([lw.Network(name) for name in NETWORKS], engines)
    out = {"rows": len(rows)}
    for name, work in (("latencies", lambda: estimator.predict_latency(rows, threads=1)),
                       ("all_four", lambda: estimator.predict(rows, threads=1)),
                       ("features", lambda: rows.features(threads=1))):
        out[f"{name}_per_cpu_second"] = rounded(len(rows) / best(work))
    return out


def sweep() -> dict:
    vary = {"engine.parallelism_factor": [4, 8, 16, 32, 64], "engine.dot_product_lanes": [4, 8, 16, 32],
            "dram.bandwidth": [b * 1e9 for b in (0.8, 1.6, 2.4, 3.2, 4.8, 6.4, 9.6, 12.8, 19.2, 25.6)]}
    network, engine = lw.Network("mobilenet_v2"), lw.Engine("ne-256")
    out = {}
    for by in ("simulate", "estimate"):
        begin = cpu_seconds()
        frame = lw.sweep(network, engine, vary, by=by, progress=False)
        out[by] = {"engines": len(frame), "columns": len(frame.columns), "cpu_seconds": rounded(cpu_seconds() - begin)}
    return out


def searching(estimator: lw.Estimator) -> dict:
    space = lw.Space("default", lw.Network("mobilenet_v2"), lw.Engine("ne-256"))
    problem = lw.Problem(space, "latency_ms,energy_uj", estimator=estimator)
    evaluations = 2400
    begin = cpu_seconds()
    lw.search(problem, evaluations=evaluations, progress=False)
    whole = cpu_seconds() - begin
    problem = lw.Problem(space, "latency_ms,energy_uj", estimator=estimator)
    begin = cpu_seconds()
    own = lw.Search(problem)
    while len(own) < evaluations:
        batch = own.ask()
        own.tell(batch, *problem.evaluate(batch))
    return {"evaluations": evaluations, "search_per_cpu_second": rounded(evaluations / whole),
            "ask_and_tell_per_cpu_second": rounded(evaluations / (cpu_seconds() - begin))}


def main(path: str) -> None:
    estimator = lw.Estimator.default(lw.Engine("ne-256"))
    result = {"benchmark": "python_speed", "tool_version": lw.__version__, "predictions": predictions(estimator), "sweep": sweep(), "search": searching(estimator)}
    for part in ("predictions", "sweep", "search"):
        print(part, json.dumps(result[part]))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
