// SPDX-License-Identifier: Apache-2.0
#include "report/engine_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/record/csv.hpp"
#include "core/record/engine_values.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using study::EngineTable;
using study::FrontKind;
using study::SplitSide;

std::size_t count(const std::vector<SplitSide>& sides, SplitSide side) {
  return static_cast<std::size_t>(std::count(sides.begin(), sides.end(), side));
}

std::size_t structures(const EngineTable& table) {
  std::size_t most = 0;
  for (const study::TableNetwork& network : table.networks) most = std::max(most, network.structure + 1);
  return most;
}

std::string front_matter(const EngineTable& table) {
  return fmt::format(
      "---\n"
      "license: apache-2.0\n"
      "pretty_name: NAS-Bench-Macro on {} neural engines, simulated\n"
      "task_categories: [tabular-regression]\n"
      "tags: [latency, energy, npu, accelerator, hardware-aware-nas, pareto-front]\n"
      "configs:\n"
      "- config_name: default\n"
      "  data_files: metrics/*.csv.gz\n"
      "---\n\n",
      table.engines.size());
}

std::string contents(const EngineTable& table, const TableSources& sources) {
  std::map<std::string, std::size_t> origins, families;
  for (const study::TableEngine& engine : table.engines) ++origins[engine.origin], ++families[engine.family];
  std::string of_families;
  for (const auto& [family, engines] : families) {
    of_families += fmt::format("{}{} of the family {}", of_families.empty() ? "" : ", ", engines, family);
  }
  return fmt::format(
      "# NAS-Bench-Macro on {0} neural engines, simulated\n\n"
      "What every one of {1} trained networks costs on every one of {0} neural engines: latency, energy, memory "
      "traffic "
      "and on-chip memory, beside the accuracy that its authors measured; the exact Pareto fronts of each engine and "
      "of "
      "all together; splits. For searches over networks and engines whose true fronts are known, and for estimators of "
      "latency.\n\n"
      "| | |\n| --- | --- |\n"
      "| rows | {2}: {1} networks on {0} engines |\n"
      "| networks | {1}, of which {3} different graphs: the others are one of these with a layer that does nothing in "
      "another place |\n"
      "| engines | {4}: {5} shipped with Lanewise, {6} of a full grid, {7} drawn |\n"
      "| failed | none: every engine runs every network |\n"
      "| simulator | lanewise {8}{9} |\n"
      "| licence | Apache-2.0 |\n\n",
      table.engines.size(), grouped(static_cast<std::int64_t>(table.networks.size())),
      grouped(static_cast<std::int64_t>(table.networks.size() * table.engines.size())),
      grouped(static_cast<std::int64_t>(structures(table))), of_families, origins["shipped"], origins["grid"],
      origins["sampled"], table.simulator_version,
      sources.simulator_sources.empty() ? "" : ", sources " + sources.simulator_sources);
}

constexpr const char* kFiles =
    "| file | what |\n| --- | --- |\n"
    "| `networks.csv` | a row a network: encoding, accuracy, sizes, side in the split by network |\n"
    "| `engines.csv` | a row an engine: name, hash, area, side in the split by engine, every key of its hwconfig |\n"
    "| `metrics/ENGINE.csv.gz` | a row a network on that engine |\n"
    "| `fronts.csv` | a row a design on a front |\n"
    "| `hwconfigs/ENGINE.yaml` | the engine as Lanewise reads it |\n"
    "| `load_table.py` | reads all of it in Python without further packages, and recomputes a front |\n"
    "| `SHA256SUMS` | of every file |\n\n"
    "| column | unit | meaning |\n| --- | --- | --- |\n"
    "| `encoding` | – | the network: eight digits, one a layer: 0 identity, 1 inverted bottleneck of expansion 3 and "
    "kernel 3, 2 of expansion 6 and kernel 5 |\n"
    "| `engine`, `engine_hash` | – | name, and a hash over all keys that can change a measurement |\n"
    "| `latency_cycles` | cycles of the engine's clock | of the whole network, one image |\n"
    "| `latency_ms` | ms | the same |\n"
    "| `energy_uj` | µJ | of one inference |\n"
    "| `dram_bytes` | bytes | read and written |\n"
    "| `peak_sram_bytes` | bytes | of the subgraph that needs the most on-chip memory |\n"
    "| `area_mm2` | mm² | of the engine |\n"
    "| `source` | – | `simulated` in every row |\n"
    "| `simulator` | – | name and version |\n"
    "| `accuracy_percent` | % | CIFAR-10 test accuracy, mean of three trainings |\n"
    "| `parameters`, `macs` | – | of the network, batch normalization counted as published |\n"
    "| `graph` | – | networks with the same number are the same graph but for names |\n"
    "| `split` | – | `train`, `validation` or `test` |\n"
    "| `front` | – | `latency`: accuracy against `latency_cycles` on the engine; `energy`: against `energy_uj`; "
    "`latency_area`: against `latency_ms` and `area_mm2`, all engines together |\n";

std::string making(const TableSources& sources) {
  return "\n## How it was made\n\n"
         "**Networks and accuracies.** " +
         sources.accuracy +
         " Each network is built from its encoding; its parameters and MACs are those of the published table.\n\n"
         "**Costs.** Simulated by the SystemC model of Lanewise, int8, batch 1, subgraph by subgraph as the engine "
         "runs "
         "them; on engines that program subgraphs ahead, the whole network in one simulation. Each number is what "
         "`lanewise simulate --space nas-bench-macro --encoding ENCODING --hw hwconfigs/ENGINE.yaml` says. Encodings "
         "of "
         "one graph have one accuracy, too, and were simulated once.\n\n"
         "**Engines.** `shipped`: those of Lanewise. `grid`: all combinations of four values of "
         "`engine.parallelism_factor`, four of `engine.dot_product_lanes` and three of `dram.bandwidth` around "
         "`ne-256`, "
         "which is one of them; weight loading, accumulators, post-processor and banks grow with the array. `sampled`: "
         "points of a scrambled Sobol sequence over the ranges that each family declares, with a fixed seed; "
         "combinations that no engine can have are passed over.\n\n"
         "**Fronts.** Exact, over every network. A design is on a front where no other is at least as good in every "
         "objective and better in one; of designs that are equal in every objective all are listed.\n";
}

std::string splits(const EngineTable& table) {
  const std::vector<SplitSide> networks = study::network_sides(table), engines = study::engine_sides(table);
  std::string out =
      "\n## Splits\n\n"
      "By network (`split` of `networks.csv`), by engine (`split` of `engines.csv`), or by both: a row belongs to a "
      "side "
      "where its network and its engine do, and to none where they differ.\n\n"
      "| split | train | validation | test | unused rows |\n| --- | ---: | ---: | ---: | ---: |\n";
  const std::array<SplitSide, 3> sides = {SplitSide::kTrain, SplitSide::kValidation, SplitSide::kTest};
  const auto row = [&](const std::string& name, const std::array<std::size_t, 3>& counts, std::size_t unused) {
    out += "| " + name;
    for (const std::size_t n : counts) out += " | " + grouped(static_cast<std::int64_t>(n));
    out += " | " + grouped(static_cast<std::int64_t>(unused)) + " |\n";
  };
  std::array<std::size_t, 3> n{}, e{}, both{};
  std::size_t unused = table.networks.size() * table.engines.size();
  for (std::size_t s = 0; s < sides.size(); ++s) {
    n[s] = count(networks, sides[s]), e[s] = count(engines, sides[s]), both[s] = n[s] * e[s];
    unused -= both[s];
  }
  row("networks", n, 0);
  row("engines", e, 0);
  row("rows, by both", both, unused);
  return out +
         "\nA side follows from what a network or an engine is, never from a measurement: H(prefix + key) mod 10000 is "
         "below "
         "2000 for test and below 3000 for validation, where H is FNV-1a over the bytes, 64 bits wide, finished with "
         "SplitMix64. Networks: `unseen_network:` and the first encoding with the same graph, so that no graph stands "
         "on "
         "two sides. Engines: `unseen_engine:` and `engine.parallelism_factor`, `engine.dot_product_lanes` and bytes "
         "of "
         "on-chip memory, separated by spaces, so that engines which differ in bandwidth or clock alone stand on one "
         "side.\n";
}

constexpr const char* kLimits =
    "\n## Known limits\n\n"
    "- Every cost comes from a simulator, none from silicon. How far its families were checked against RTL is told by "
    "`lanewise simulate` (`checked`); sampled engines differ from every one that was checked.\n"
    "- Accuracies are of floating-point networks and of one data set. What int8 costs in accuracy is not in them, and "
    "differences of a tenth of a point are within the spread of three trainings.\n"
    "- Networks are small (32x32 images, at most 106 million MACs). On large engines much of a latency is what each "
    "subgraph costs at least.\n"
    "- Energy comes from a table of actions and their energies (the `energy.*` keys), area from one of units "
    "(`area.*`), "
    "not from a layout. For the family neureka `dram` is the on-chip memory behind the engine's port: its energy and "
    "traffic do not compare with the other families'.\n"
    "- Rows are not independent: the engines of the grid differ in three keys, and networks share layers. A split by "
    "rows at random flatters an estimator.\n";

constexpr const char* kUse =
    "\n## Use\n\n"
    "    python3 load_table.py . ne-256\n\n"
    "prints the sizes of the split by both and the front of ne-256, recomputed and compared with `fronts.csv`.\n";

constexpr const char* kLoader =
    R"py(# SPDX-License-Identifier: Apache-2.0
"""Reads the table and recomputes the front of one engine: python3 load_table.py FOLDER ENGINE"""
import csv
import gzip
import os
import sys


def rows_of(path):
    """The rows of a CSV file, compressed or not, as dictionaries."""
    opened = gzip.open(path, "rt", newline="") if path.endswith(".gz") else open(path, newline="")
    with opened as file:
        return list(csv.DictReader(file))


def load(folder, engine):
    """The rows of one engine, each with what networks.csv says of its network."""
    networks = {row["encoding"]: row for row in rows_of(os.path.join(folder, "networks.csv"))}
    path = os.path.join(folder, "metrics", engine + ".csv")
    return [dict(networks[row["encoding"]], **row) for row in rows_of(path if os.path.exists(path) else path + ".gz")]


def front(rows, cost):
    """Encodings that no other dominates in accuracy_percent, the more the better, and cost, the less the better."""
    order = sorted(rows, key=lambda row: (float(row[cost]), -float(row["accuracy_percent"])))
    kept, best = [], None
    for row in order:
        point = float(row["accuracy_percent"]), float(row[cost])
        if best is None or point[0] > best[0] or point == best:
            kept.append(row["encoding"])
            best = point
    return sorted(kept)


def main(folder, engine):
    sides = {"networks": {}, "engines": {}}
    for name, counts in sides.items():
        for row in rows_of(os.path.join(folder, name + ".csv")):
            counts[row["split"]] = counts.get(row["split"], 0) + 1
    for side in ("train", "validation", "test"):
        n, e = (sides[name].get(side, 0) for name in ("networks", "engines"))
        print("%-10s %5d networks on %3d engines, %7d rows" % (side, n, e, n * e))
    rows = load(folder, engine)
    published = [row for row in rows_of(os.path.join(folder, "fronts.csv")) if row["engine"] == engine]
    for kind, cost in (("latency", "latency_cycles"), ("energy", "energy_uj")):
        mine = front(rows, cost)
        theirs = sorted(row["encoding"] for row in published if row["front"] == kind)
        print("%s of %s: %d networks on the front, as published: %s" % (kind, engine, len(mine), mine == theirs))
        if mine != theirs:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
)py";

}  // namespace

std::string table_networks_csv(const EngineTable& table) {
  std::string out = record::csv_line({"encoding", "accuracy_percent", "parameters", "macs", "graph", "split"});
  const std::vector<SplitSide> sides = study::network_sides(table);
  for (std::size_t n = 0; n < table.networks.size(); ++n) {
    const study::TableNetwork& network = table.networks[n];
    out += record::csv_line({network.encoding, record::csv_number(network.accuracy_percent),
                             std::to_string(network.parameters), std::to_string(network.macs),
                             std::to_string(network.structure), study::to_string(sides[n])});
  }
  return out;
}

std::string table_engines_csv(const EngineTable& table) {
  std::vector<std::string> columns = {"engine", "engine_hash", "origin", "area_mm2", "split"};
  // Every key, also those that values leave out where an engine has them as engines had before there was such a key.
  const std::vector<std::string> keys = engine::parameter_keys();
  columns.insert(columns.end(), keys.begin(), keys.end());
  std::string out = record::csv_line(columns);
  const std::vector<SplitSide> sides = study::engine_sides(table);
  for (std::size_t e = 0; e < table.engines.size(); ++e) {
    const study::TableEngine& engine = table.engines[e];
    std::vector<std::string> cells = {engine.name, engine.hash, engine.origin, record::csv_number(engine.area_mm2),
                                      study::to_string(sides[e])};
    const std::map<std::string, std::string> values(engine.values.begin(), engine.values.end());
    for (const std::string& key : keys) {
      const auto value = values.find(key);
      cells.push_back(value != values.end() ? value->second : engine::value_where_absent(key).value_or(""));
    }
    out += record::csv_line(cells);
  }
  return out;
}

std::string table_fronts_csv(const EngineTable& table) {
  std::string out = record::csv_line(
      {"front", "engine", "encoding", "accuracy_percent", "latency_cycles", "latency_ms", "energy_uj", "area_mm2"});
  const auto add = [&](FrontKind kind, std::size_t e, std::size_t n) {
    const study::TableEngine& engine = table.engines[e];
    const study::TableCell& cell = engine.cells[n];
    out += record::csv_line({study::to_string(kind), engine.name, table.networks[n].encoding,
                             record::csv_number(table.networks[n].accuracy_percent),
                             std::to_string(cell.latency_cycles), record::csv_number(cell.latency_ms),
                             record::csv_number(cell.energy_uj), record::csv_number(engine.area_mm2)});
  };
  for (const FrontKind kind : {FrontKind::kLatency, FrontKind::kEnergy}) {
    for (std::size_t e = 0; e < table.engines.size(); ++e) {
      for (const std::size_t n : study::front_of_engine(table, e, kind)) add(kind, e, n);
    }
  }
  for (const study::TableDesign& design : study::front_of_all(table)) {
    add(FrontKind::kLatencyArea, design.engine, design.network);
  }
  return out;
}

std::string hwconfig_text(const engine::EngineConfig& config) {
  std::string out = "# SPDX-License-Identifier: Apache-2.0\nformat: 1\n", section, inner;
  for (const auto& [key, value] : record::engine_values(config)) {
    const std::size_t first = key.find('.'), second = first == std::string::npos ? first : key.find('.', first + 1);
    const std::string outer = first == std::string::npos ? "" : key.substr(0, first);
    const std::string middle = second == std::string::npos ? "" : key.substr(first + 1, second - first - 1);
    if (outer != section && !outer.empty()) out += "\n" + outer + ":\n";
    if (middle != inner || outer != section) {
      if (!middle.empty()) out += "  " + middle + ":\n";
    }
    section = outer, inner = middle;
    const std::string name = key.substr(key.rfind('.') == std::string::npos ? 0 : key.rfind('.') + 1);
    const std::string indent(outer.empty() ? 0 : middle.empty() ? 2 : 4, ' ');
    out += indent + name + ": " + (name == "description" ? "\"" + value + "\"" : value) + "\n";
  }
  return out;
}

std::string engine_table_card(const EngineTable& table, const TableSources& sources) {
  return front_matter(table) + contents(table, sources) + kFiles + making(sources) + splits(table) + kLimits + kUse;
}

std::string engine_table_loader() { return kLoader; }

}  // namespace lanewise::report
