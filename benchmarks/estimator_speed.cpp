// SPDX-License-Identifier: Apache-2.0
// How fast an estimator answers, on one thread: single subgraphs never asked before, subgraphs asked again, whole
// networks, and the same networks by simulation. XGBoost's own prediction of the same rows stands beside the trees'.
// Prints a table on standard error and JSON on standard output. Called by benchmarks/estimator_speed with the model
// file.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/refusal.hpp"
#include "core/network/import.hpp"
#include "core/record/file.hpp"
#include "estimator/booster.hpp"
#include "estimator/estimator.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/targets.hpp"
#include "study/campaign/campaign.hpp"
#include "study/codesign/cost_oracle.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;
using Query = estimator::Estimator::Query;

constexpr int kRuns = 5;
constexpr int kVariants = 1400;  // of which kNetworks that differ in their subgraphs are asked
constexpr std::size_t kNetworks = 1000;
constexpr std::size_t kSimulated = 20;      // networks
constexpr std::size_t kXgboostRows = 8192;  // rows that XGBoost answers
constexpr std::size_t kBatch = 256;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Median CPU seconds of `runs` calls.
double seconds(int runs, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const double from = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - from);
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)];
}

double three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return std::stod(text);
}

// A line of the table and a field of the JSON.
class Figures {
 public:
  explicit Figures(Json& json) : json_(json) {}
  void operator()(const std::string& field, double value, const std::string& meaning) {
    json_[field] = three_digits(value);
    std::fprintf(stderr, "  %14.*f  %s\n", value < 100 ? 2 : 0, three_digits(value), meaning.c_str());
  }

 private:
  Json& json_;
};

// The four boosters behind a model file's header.
std::vector<estimator::Booster> boosters_of(const std::string& path) {
  const std::string text = record::read_file(path);
  const std::size_t header = text.find('\n') + 1, payload = text.find('\n', header) + 1;
  std::vector<estimator::Booster> boosters;
  std::size_t at = payload;
  auto sizes =
      nlohmann::json::parse(text.substr(header, payload - header)).at("part_bytes").get<std::vector<std::size_t>>();
  sizes.resize(estimator::kTargetCount);  // the intervals' parts follow
  for (const std::size_t size : sizes) {
    boosters.push_back(estimator::Booster::from_bytes(text.substr(at, size)));
    at += size;
  }
  return boosters;
}

// Distinct subgraphs of all shipped networks on all engines of the family.
struct Subgraphs {
  std::vector<engine::EngineConfig> engines;
  std::vector<std::vector<mapping::Subgraph>> by_engine;
  std::vector<Query> queries;
};

Subgraphs shipped_subgraphs(const engine::Family& family) {
  Subgraphs subgraphs;
  const std::vector<network::Graph> graphs = shipped_networks();
  for (const std::string& member : family.members) subgraphs.engines.push_back(engine::load_engine(member).config);
  for (const engine::EngineConfig& engine : subgraphs.engines) {
    std::set<std::string> seen;
    subgraphs.by_engine.emplace_back();
    for (const network::Graph& graph : graphs) {
      for (const network::Graph& variant : study::network_variants(graph, 6, {1, 8, 16}, 3)) {
        for (mapping::Subgraph& s : mapping::partition(variant, engine)) {
          if (seen.insert(mapping::subgraph_key(s)).second) subgraphs.by_engine.back().push_back(std::move(s));
        }
      }
    }
  }
  for (std::size_t e = 0; e < subgraphs.engines.size(); ++e) {
    for (const mapping::Subgraph& s : subgraphs.by_engine[e]) subgraphs.queries.push_back({&s, &subgraphs.engines[e]});
  }
  return subgraphs;
}

// XGBoost's seconds a row: in batches, and of one row alone.
struct XgboostSeconds {
  double batched = 0, alone = 0;
};

XgboostSeconds measure_trees(const std::vector<estimator::Booster>& boosters, const std::vector<float>& features,
                             std::size_t rows, Json& json) {
  const std::size_t columns = features.size() / rows;
  const std::size_t some = std::min(rows, kXgboostRows);
  const std::vector<float> some_features(features.begin(),
                                         features.begin() + static_cast<std::ptrdiff_t>(some * columns));
  std::size_t trees = 0, nodes = 0;
  double forest = 0, xgboost = 0, forest_one = 0, xgboost_one = 0;
  for (const estimator::Booster& booster : boosters) {
    trees += booster.forest().trees();
    nodes += booster.forest().nodes();
    const estimator::XgboostModel reference = estimator::XgboostModel::from_bytes(booster.to_bytes());
    std::vector<float> by_xgboost, by_forest;
    xgboost += seconds(1, [&] { by_xgboost = reference.predict(some_features, some); });
    forest += seconds(kRuns, [&] {
      by_forest.clear();
      for (std::size_t row = 0; row < some; row += kBatch) {
        const std::size_t count = std::min(kBatch, some - row);
        const std::vector<float> answers = booster.forest().predict(&features[row * columns], count, columns);
        by_forest.insert(by_forest.end(), answers.begin(), answers.end());
      }
    });
    if (by_forest != by_xgboost) throw InternalError("the trees answer otherwise than XGBoost");
    constexpr std::size_t kOnes = 500;
    const auto one_by_one = [&](const auto& model) {
      return seconds(1,
                     [&] {
                       for (std::size_t row = 0; row < kOnes; ++row) {
                         const auto from = features.begin() + static_cast<std::ptrdiff_t>(row * columns);
                         model.predict(std::vector<float>(from, from + static_cast<std::ptrdiff_t>(columns)), 1);
                       }
                     }) /
             kOnes;
    };
    xgboost_one += one_by_one(reference);
    forest_one += one_by_one(booster);
  }
  json["trees"] = trees;
  json["nodes"] = nodes;
  Figures figures(json);
  const double count = static_cast<double>(some);
  figures("forest_rows_per_second", count / forest, "rows/s through all trees, in batches");
  figures("xgboost_rows_per_second", count / xgboost, "rows/s through all trees by XGBoost, in one batch");
  figures("forest_over_xgboost", xgboost / forest, "times as fast as XGBoost in batches");
  figures("forest_ns_per_tree_and_row", forest / count / static_cast<double>(trees) * 1e9, "ns a tree and row");
  figures("xgboost_ns_per_tree_and_row", xgboost / count / static_cast<double>(trees) * 1e9,
          "ns a tree and row by XGBoost");
  figures("forest_one_row_microseconds", forest_one * 1e6, "us for one row alone through all trees");
  figures("xgboost_one_row_microseconds", xgboost_one * 1e6, "us for one row alone by XGBoost");
  return {xgboost / count, xgboost_one};
}

void measure_subgraphs(const estimator::Estimator& model, const Subgraphs& subgraphs,
                       const std::vector<estimator::Booster>& boosters, Json& json) {
  const std::vector<Query>& queries = subgraphs.queries;
  const double count = static_cast<double>(queries.size());
  json["distinct_passes"] = queries.size();
  std::vector<float> features;
  std::vector<estimator::Analytic> analytics;
  const double closed_forms = seconds(kRuns, [&] {
    analytics.clear();
    for (const Query& q : queries) analytics.push_back(estimator::analyse(*q.subgraph, *q.engine));
  });
  const double rows = seconds(kRuns, [&] {
    features.clear();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      estimator::append_features(*queries[i].subgraph, *queries[i].engine, analytics[i], features);
    }
  });
  json["features"] = features.size() / queries.size();
  Figures figures(json);
  std::fprintf(stderr, "Single passes, never asked before: latency, energy, DRAM bytes and peak memory\n");
  std::map<std::size_t, double> cold_seconds;  // a prediction, by batch
  for (const std::size_t batch : {kBatch, std::size_t{64}, std::size_t{1}}) {
    const std::size_t most = batch == 1 ? std::min<std::size_t>(queries.size(), 2000) : queries.size();
    const double spent = seconds(kRuns, [&] {
      for (std::size_t at = 0; at < most; at += batch) {
        const auto from = queries.begin() + static_cast<std::ptrdiff_t>(at);
        model.predict(std::vector<Query>(from, from + static_cast<std::ptrdiff_t>(std::min(batch, most - at))));
      }
    });
    figures("cold_predictions_per_second_batch_" + std::to_string(batch), static_cast<double>(most) / spent,
            "predictions/s, " + std::to_string(batch) + " at a time");
    cold_seconds[batch] = spent / static_cast<double>(most);
  }
  figures("closed_forms_microseconds", closed_forms / count * 1e6, "us of that for the closed forms");
  figures("features_microseconds", rows / count * 1e6, "us of that for the features");
  std::size_t refused = 0;
  const double fits = seconds(kRuns, [&] {
    refused = 0;
    for (const Query& q : queries) refused += mapping::refusal_of(*q.subgraph, *q.engine).empty() ? 0 : 1;
  });
  json["refused_passes"] = refused;
  figures("refusals_microseconds", fits / count * 1e6, "us before a prediction: whether the pass fits");
  figures("refusals_percent_of_prediction", 100 * fits / count / cold_seconds[kBatch], "% of a prediction in batches");
  std::fprintf(stderr, "The trees alone\n");
  const XgboostSeconds xgboost = measure_trees(boosters, features, queries.size(), json["trees_alone"]);
  const double around = (closed_forms + rows) / count;  // the trees
  std::fprintf(stderr, "Single passes, were XGBoost asked instead of the trees\n");
  figures("cold_over_xgboost_batched", (xgboost.batched + around) / cold_seconds[kBatch],
          "times as fast as with XGBoost, in batches");
  figures("cold_over_xgboost_alone", (xgboost.alone + around) / cold_seconds[1],
          "times as fast as with XGBoost, one at a time");

  const auto source = study::make_estimated(model);
  std::vector<study::SubgraphQuery> asked;
  for (const Query& q : queries) asked.push_back({q.subgraph, q.engine});
  const double cold = seconds(1, [&] { source->look_up(asked); });
  const double cached = seconds(kRuns, [&] { source->look_up(asked); });
  const double copied = seconds(kRuns, [&] { source->measure(asked); });
  std::fprintf(stderr, "Single passes through a cache of answers\n");
  figures("cache_cold_per_second", count / cold, "answers/s, none of them there yet");
  figures("cached_per_second", count / cached, "answers/s, all of them there");
  figures("cached_copied_per_second", count / copied, "answers/s, all of them there and copied");
}

// Variants of MobileNetV2 that differ in their subgraphs.
struct Networks {
  std::vector<network::Graph> graphs;
  std::vector<std::vector<mapping::Subgraph>> subgraphs;
};

Networks distinct_networks(const engine::EngineConfig& engine) {
  Networks networks;
  std::set<std::string> seen;
  for (network::Graph& graph :
       study::network_variants(network::import_network("models/mobilenet_v2.onnx"), kVariants, {1, 8, 16}, 1)) {
    std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine);
    std::string keys;
    for (const mapping::Subgraph& s : subgraphs) keys += mapping::subgraph_key(s) + "\n";
    if (networks.graphs.size() == kNetworks || !seen.insert(keys).second) continue;
    networks.graphs.push_back(std::move(graph));
    networks.subgraphs.push_back(std::move(subgraphs));
  }
  if (networks.graphs.size() < kNetworks) throw InternalError("too few distinct networks");
  return networks;
}

void measure_networks(const estimator::Estimator& model, const engine::EngineConfig& engine, Json& json) {
  const Networks networks = distinct_networks(engine);
  const double count = static_cast<double>(kNetworks);
  std::vector<nas::CostQuery> queries;
  std::set<std::string> distinct;
  std::size_t subgraphs = 0;
  for (const auto& list : networks.subgraphs) {
    queries.push_back({&engine, &list});
    subgraphs += list.size();
    for (const mapping::Subgraph& s : list) distinct.insert(mapping::subgraph_key(s));
  }
  json["networks"] = kNetworks;
  json["passes"] = subgraphs;
  json["distinct_passes"] = distinct.size();
  json["engine"] = engine.name;
  std::fprintf(stderr, "%zu distinct networks like MobileNetV2 on %s: %zu passes, %zu distinct\n", kNetworks,
               engine.name.c_str(), subgraphs, distinct.size());
  const auto source = study::make_estimated(model);
  const auto oracle = study::make_cost_oracle(*source);
  Cycles total{0};
  const double cold = seconds(1, [&] { oracle->price(queries); });
  const double warm = seconds(kRuns, [&] {
    for (const nas::Cost& cost : oracle->price(queries)) total += cost.latency;
  });
  const double one_by_one = seconds(kRuns, [&] {
    for (const nas::CostQuery& query : queries) total += oracle->price({query})[0].latency;
  });
  const double partition = seconds(kRuns, [&] {
    for (const network::Graph& graph : networks.graphs) mapping::partition(graph, engine);
  });
  const double alone = seconds(1, [&] {
    for (std::size_t i = 0; i < kSimulated; ++i) {
      study::make_cost_oracle(*study::make_estimated(model))->price({queries[i]});
    }
  });
  std::vector<nas::CostQuery> some(queries.begin(), queries.begin() + static_cast<std::ptrdiff_t>(kSimulated));
  const double simulated_alone = seconds(1, [&] {
    for (const nas::CostQuery& query : some) {
      study::make_cost_oracle(*study::make_simulator())->price({query});
    }
  });
  const auto simulator = study::make_simulator();
  const auto simulated_costs = study::make_cost_oracle(*simulator);
  const double simulated = seconds(1, [&] { simulated_costs->price(some); });
  Figures figures(json);
  const double each = static_cast<double>(kSimulated);
  figures("cold_networks_per_second", count / cold, "networks/s, no pass there yet, all asked together");
  figures("warm_networks_per_second", count / warm, "networks/s, all passes there");
  figures("warm_networks_one_by_one_per_second", count / one_by_one, "networks/s, all passes there, one at a time");
  figures("partitions_per_second", count / partition, "networks/s partitioned into passes");
  figures("warm_networks_with_partition_per_second", count / (one_by_one + partition),
          "networks/s partitioned, then asked for with all passes there");
  figures("simulated_networks_per_second", each / simulated, "networks/s simulated, equal passes once in all");
  figures("simulated_networks_alone_per_second", each / simulated_alone,
          "networks/s simulated, equal passes once a network");
  figures("cold_network_alone_per_second", each / alone, "networks/s predicted, equal passes once a network");
  figures("cold_over_simulator", simulated_alone / alone, "times as fast as simulation, network by network");
  figures("warm_over_simulator", simulated_alone / each / (one_by_one / count),
          "times as fast as simulation, passes there");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw Error("usage: estimator_speed MODEL_FILE HWCONFIG");
    const estimator::Estimator model = estimator::Estimator::load(argv[1]);
    const engine::EngineConfig engine = engine::load_engine(argv[2]).config;
    Json result;
    result["benchmark"] = "estimator_speed";
    result["tool_version"] = version();
    result["family"] = model.family();
    result["unit"] =
        "CPU time of one thread, median of 5 runs; once what XGBoost, the simulator and first questions take";
    measure_subgraphs(model, shipped_subgraphs(engine::load_family(argv[2])), boosters_of(argv[1]), result["passes"]);
    measure_networks(model, engine, result["networks"]);
    std::cout << result.dump(2) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
