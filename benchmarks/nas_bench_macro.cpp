// SPDX-License-Identifier: Apache-2.0
// Searches on a table of trained networks: how much of the hypervolume of accuracy against MACs so many samples find,
// and how many samples it takes to come within 0.2 points of the best network of at most 50 million MACs.
// Where the table's encodings are those of spaces/nas-bench-macro.yaml, also the share of accuracy against latency,
// which is simulated for every network on two engines.
//   nas_bench_macro TABLE.csv [--seeds N] [--json] [--reference MMACS,ACCURACY] [--only-default] [--no-latency]
//   nas_bench_macro --made [--seeds N] [--json]      on tables that are made here
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "benchmarks/accuracy_table.hpp"
#include "benchmarks/seed_runs.hpp"
#include "benchmarks/simulated_latency.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/search.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kSamples[] = {100, 200, 400};
constexpr std::int64_t kMostSamples = 1000;  // of a search for the best; a seed that needs more counts as one more
constexpr double kPoints = 0.2;
constexpr const char* kEngines[] = {"ne-256", "nvdla-small-256"};  // on which latency is simulated

struct Settings {
  std::string table;
  bool made = false, json = false, only_default = false, latency = true;
  int seeds = 40;
  std::optional<nas::Point> reference;  // million MACs, negative accuracy
};

nas::Point point_of(const AccuracyTable::Row& row) { return {row.million_macs, -row.accuracy}; }

// The published reference point, where a file beside the table gives it and the table has the published hypervolume.
// Else the largest MACs and 80 %, or where most of the table is below that, its lower quartile.
nas::Point reference_of(const AccuracyTable& table) {
  std::vector<double> accuracies;
  std::vector<nas::Point> points;
  double largest = 0;
  for (const AccuracyTable::Row& row : table.rows) {
    accuracies.push_back(row.accuracy);
    points.push_back(point_of(row));
    largest = std::max(largest, row.million_macs);
  }
  const std::size_t slash = table.name.rfind('/');
  std::ifstream file(table.name.substr(0, slash == std::string::npos ? 0 : slash + 1) + "nas_bench_macro_front.json");
  if (file) {
    const Json front = Json::parse(file, nullptr, false);
    if (!front.is_discarded() && front.contains("ref_point") && front.contains("true_hv")) {
      const nas::Point published = {front["ref_point"]["flops_M"].get<double>(),
                                    -front["ref_point"]["acc"].get<double>()};
      const double volume = front["true_hv"].get<double>();
      if (std::abs(nas::hypervolume(points, published) - volume) < 1e-3 * volume) return published;
    }
  }
  const double middle = quantile(accuracies, 0.5);
  return {largest, -(middle > 80 ? 80 : quantile(accuracies, 0.25))};
}

// Shares of the whole table's hypervolume, of accuracy against `costs`, or against MACs where there are none.
Json shares(const AccuracyTable& table, const std::vector<double>& costs, const nas::Point& reference,
            const std::string& algorithm, int seeds) {
  const auto point = [&](std::size_t row) {
    return nas::Point{costs.empty() ? table.rows[row].million_macs : costs[row], -table.rows[row].accuracy};
  };
  std::vector<nas::Point> all;
  for (std::size_t row = 0; row < table.rows.size(); ++row) all.push_back(point(row));
  const double whole = nas::hypervolume(all, reference);
  std::vector<std::vector<double>> found(std::size(kSamples), std::vector<double>(static_cast<std::size_t>(seeds)));
  for_each_seed(seeds, [&](std::uint64_t seed) {
    using Kind = TableProblem::Kind;
    TableProblem problem(table, costs.empty() ? Kind::kAgainstMacs : Kind::kAgainstCost);
    problem.costs = costs;
    nas::SearchOptions options;
    options.seed = seed;
    options.population = 20;
    nas::SearchBudget budget;
    budget.evaluations = static_cast<std::int64_t>(kSamples[std::size(kSamples) - 1]);
    nas::search(problem, *nas::make_algorithm(algorithm, problem, options), budget);
    for (std::size_t i = 0; i < std::size(kSamples); ++i) {
      std::vector<nas::Point> points;
      for (std::size_t k = 0; k < std::min(kSamples[i], problem.read.size()); ++k)
        points.push_back(point(problem.read[k]));
      found[i][seed - 1] = nas::hypervolume(points, reference) / whole;
    }
  });
  Json out;
  for (std::size_t i = 0; i < std::size(kSamples); ++i) out[std::to_string(kSamples[i])] = mean(found[i]);
  return out;
}

// With latency in place of MACs; the reference point is the slowest network's and the same accuracy.
Json latency_shares(const AccuracyTable& table, double accuracy, const std::string& algorithm, int seeds) {
  Json out;
  for (const char* engine : kEngines) {
    const auto latencies =
        simulated_latencies(table, "spaces/nas-bench-macro.yaml", std::string("hwconfigs/") + engine + ".yaml");
    if (!latencies) {
      std::cerr << "the encodings of the table are not those of spaces/nas-bench-macro.yaml: no latency is simulated\n";
      return nullptr;
    }
    const nas::Point reference = {*std::max_element(latencies->begin(), latencies->end()), -accuracy};
    out[engine] = {{"reference_point", {{"latency_ms", reference[0]}, {"accuracy", accuracy}}},
                   {"hypervolume_share", shares(table, *latencies, reference, algorithm, seeds)}};
  }
  return out;
}

struct Found {};  // ends a search that has found what it was after

Json samples_to_best(const AccuracyTable& table, const std::string& algorithm, int seeds) {
  double best = -1;
  for (const AccuracyTable::Row& row : table.rows) {
    if (row.million_macs <= 50) best = std::max(best, row.accuracy);
  }
  if (best < 0) return nullptr;
  std::vector<double> needed(static_cast<std::size_t>(seeds), static_cast<double>(kMostSamples + 1));
  for_each_seed(seeds, [&](std::uint64_t seed) {
    TableProblem problem(table, TableProblem::Kind::kUnderLimit);
    nas::SearchOptions options;
    options.seed = seed;
    options.population = 20;
    nas::SearchBudget budget;
    budget.evaluations = kMostSamples;
    std::size_t looked_at = 0;
    nas::SearchHooks hooks;
    hooks.after_batch = [&](const nas::SearchBatch&) {
      for (; looked_at < problem.read.size(); ++looked_at) {
        const AccuracyTable::Row& row = table.rows[problem.read[looked_at]];
        if (row.million_macs > 50 || row.accuracy < best - kPoints) continue;
        needed[seed - 1] = static_cast<double>(looked_at + 1);
        throw Found();
      }
    };
    try {
      nas::search(problem, *nas::make_algorithm(algorithm, problem, options), budget, {}, hooks);
    } catch (const Found&) {
    }
  });
  return {{"median", quantile(needed, 0.5)}, {"p90", quantile(needed, 0.9)}};
}

Json judge(const AccuracyTable& table, const nas::Point& reference, const Settings& settings) {
  const std::string algorithm = nas::algorithms().front().name;
  Json out;
  out["table"] = table.name.substr(table.name.rfind('/') + 1);
  out["rows"] = table.rows.size();
  out["seeds"] = settings.seeds;
  out["algorithm"] = algorithm;
  out["reference_point"] = {{"macs_million", reference[0]}, {"accuracy", -reference[1]}};
  out["hypervolume_share"] = shares(table, {}, reference, algorithm, settings.seeds);
  out["samples_to_best_under_50M"] = samples_to_best(table, algorithm, settings.seeds);
  if (settings.latency && !settings.made) {
    out["latency_in_place_of_macs"] = latency_shares(table, -reference[1], algorithm, settings.seeds);
  }
  if (settings.only_default) return out;
  for (const nas::AlgorithmKind& kind : nas::algorithms()) {
    if (kind.name == algorithm) continue;
    out["others"][kind.name] = {{"hypervolume_share", shares(table, {}, reference, kind.name, settings.seeds)},
                                {"samples_to_best_under_50M", samples_to_best(table, kind.name, settings.seeds)}};
  }
  return out;
}

void print(const Json& result) {
  std::printf("%s, %zu rows, %d seeds, reference point %.6g million MACs and %.4g %%\n",
              result["table"].get<std::string>().c_str(), result["rows"].get<std::size_t>(), result["seeds"].get<int>(),
              result["reference_point"]["macs_million"].get<double>(),
              result["reference_point"]["accuracy"].get<double>());
  std::printf("%-24s %9s %9s %9s %16s %9s\n", "algorithm", "share 100", "200", "400", "samples to best", "p90");
  const auto line = [](const std::string& name, const Json& of) {
    const Json& share = of["hypervolume_share"];
    const Json& samples = of["samples_to_best_under_50M"];
    std::printf("%-24s %9.5f %9.5f %9.5f", name.c_str(), share["100"].get<double>(), share["200"].get<double>(),
                share["400"].get<double>());
    if (!samples.is_null()) std::printf(" %16.1f %9.1f", samples["median"].get<double>(), samples["p90"].get<double>());
    std::printf("\n");
  };
  line(result["algorithm"], result);
  if (result.contains("latency_in_place_of_macs") && !result["latency_in_place_of_macs"].is_null()) {
    for (const auto& [engine, of] : result["latency_in_place_of_macs"].items()) {
      const Json& share = of["hypervolume_share"];
      std::printf("%-24s %9.5f %9.5f %9.5f\n", ("  latency on " + engine).c_str(), share["100"].get<double>(),
                  share["200"].get<double>(), share["400"].get<double>());
    }
  }
  if (result.contains("others")) {
    for (const auto& [name, of] : result["others"].items()) line(name, of);
  }
}

Settings settings_of(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto value = [&]() -> std::string {
      if (++i >= argc) throw Error(argument + " needs a value");
      return argv[i];
    };
    if (argument == "--seeds") {
      settings.seeds = std::atoi(value().c_str());
      if (settings.seeds < 1) throw Error("--seeds must be at least 1");
    } else if (argument == "--json") {
      settings.json = true;
    } else if (argument == "--made") {
      settings.made = true;
    } else if (argument == "--no-latency") {
      settings.latency = false;
    } else if (argument == "--only-default") {
      settings.only_default = true;
    } else if (argument == "--reference") {
      const std::string text = value();
      double macs = 0, accuracy = 0;
      if (std::sscanf(text.c_str(), "%lf,%lf", &macs, &accuracy) != 2) {
        throw Error("--reference takes MMACS,ACCURACY, not '" + text + "'");
      }
      settings.reference = nas::Point{macs, -accuracy};
    } else if (argument.rfind("--", 0) == 0 || !settings.table.empty()) {
      throw Error("unknown argument '" + argument + "'");
    } else {
      settings.table = argument;
    }
  }
  if (settings.table.empty() != settings.made) throw Error("takes TABLE.csv or --made");
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = settings_of(argc, argv);
    if (settings.made) {
      Json all = Json::array();
      for (const AccuracyTable& table : made_tables()) {
        all.push_back(judge(table, settings.reference ? *settings.reference : reference_of(table), settings));
        if (!settings.json) print(all.back());
      }
      if (settings.json) std::cout << all.dump(2) << '\n';
      return 0;
    }
    const AccuracyTable table = read_accuracy_table(settings.table);
    const Json result = judge(table, settings.reference ? *settings.reference : reference_of(table), settings);
    if (settings.json) {
      std::cout << result.dump(2) << '\n';
    } else {
      print(result);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
