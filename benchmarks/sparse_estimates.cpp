// SPDX-License-Identifier: Apache-2.0
// How close estimates of sparse and clustered networks are to the simulation, beside those of the same networks with
// dense weights: the shipped convolutional networks, pruned 2:4 and to a half, with 16 clusters, and with 2:4 and 16
// clusters, on engines without and with keys for weights. The engines are shipped ones and others drawn within the
// family's ranges from a seed that was used for nothing else. Subgraphs are those of
// which the engine makes something, networks those that have such; beside them the same with dense weights, on the same
// engines. Of all other subgraphs the estimate must not change. Prints JSON. Takes FAMILY=MODEL.lwm for each family.
// Ends with status 1 where an error of whole networks or of subgraphs is more than 1.5 times that of dense weights.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/sparse_work.hpp"
#include "core/network/compression.hpp"
#include "estimator/accuracy.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr double kGoal = 1.5;  // times the error of dense weights
constexpr std::uint64_t kSeed = 271828;
constexpr std::size_t kDrawn = 6;  // engines that were never trained on
constexpr int kDraws = 1000;

struct Form {
  const char* name;
  const char* prune;  // "" where the weights are not pruned
  std::int64_t clusters;
};
const Form kForms[] = {{"2:4", "2:4", 0}, {"0.5", "0.5", 0}, {"16 clusters", "", 16}, {"2:4 + 16 clusters", "2:4", 16}};

struct Keys {
  const char* name;
  std::vector<engine::Override> tiles, streams;
};
// Decoders of streams lie behind the banks.
const std::vector<Keys>& all_keys() {
  static const std::vector<Keys> keys = {
      {"none", {}, {}},
      {"structured", {{"sparsity.structured", "2:4"}}, {{"sparsity.structured", "2:4"}}},
      {"zero_skipping",
       {{"sparsity.zero_skipping", "true"}, {"sparsity.window_blocks", "8"}},
       {{"sparsity.zero_skipping", "true"}, {"sparsity.window_blocks", "8"}}},
      {"compression",
       {{"compression.zeros", "bitmask"}, {"compression.palette", "true"}, {"compression.weights_per_cycle", "64"}},
       {{"compression.zeros", "bitmask"},
        {"compression.palette", "true"},
        {"compression.weights_per_cycle", "64"},
        {"compression.on_chip", "true"}}},
      {"structured and compression",
       {{"sparsity.structured", "2:4"},
        {"compression.zeros", "indices"},
        {"compression.palette", "true"},
        {"compression.weights_per_cycle", "64"}},
       {{"sparsity.structured", "2:4"},
        {"compression.zeros", "indices"},
        {"compression.palette", "true"},
        {"compression.weights_per_cycle", "64"},
        {"compression.on_chip", "true"}}}};
  return keys;
}

// Pairs of simulated and estimated cycles.
struct Pairs {
  std::vector<double> simulated, estimated;
  void add(std::int64_t of_simulation, std::int64_t of_estimate) {
    simulated.push_back(static_cast<double>(of_simulation));
    estimated.push_back(static_cast<double>(of_estimate));
  }
  void add(const Pairs& other) {
    simulated.insert(simulated.end(), other.simulated.begin(), other.simulated.end());
    estimated.insert(estimated.end(), other.estimated.begin(), other.estimated.end());
  }
  estimator::Accuracy accuracy() const { return estimator::accuracy(estimated, simulated); }
  Json json() const {
    const estimator::Accuracy found = accuracy();
    return {{"rows", found.rows}, {"mape_percent", found.mape_percent}, {"spearman", found.spearman}};
  }
};
struct Errors {
  Pairs networks, subgraphs;
  void add(const Errors& other) {
    networks.add(other.networks);
    subgraphs.add(other.subgraphs);
  }
  Json json() const { return {{"networks", networks.json()}, {"subgraphs", subgraphs.json()}}; }
};

std::vector<engine::EngineConfig> engines_of(const std::string& family_name,
                                             const std::vector<network::Graph>& graphs) {
  std::vector<engine::EngineConfig> engines;
  const bool ne = family_name == "ne";
  for (const char* path : {ne ? "hwconfigs/ne-256.yaml" : "hwconfigs/nvdla-small.yaml",
                           ne ? "hwconfigs/ne-1024.yaml" : "hwconfigs/nvdla-large.yaml"}) {
    engines.push_back(engine::load_engine(path).config);
  }
  const std::string around = ne ? "hwconfigs/ne-256.yaml" : "hwconfigs/nvdla-small.yaml";
  const engine::Family family = engine::load_family(around);
  Random random(kSeed);
  for (int draws = 0; engines.size() < 2 + kDrawn; ++draws) {
    if (draws == kDraws) throw Error("the ranges of the family hold too few engines that can run every network");
    std::vector<engine::Override> changes;
    for (const engine::FamilyRange& range : family.ranges) changes.push_back({range.key, random.pick(range.values)});
    changes.push_back({"name", family_name + "-drawn-" + std::to_string(engines.size() - 1)});
    try {
      const engine::EngineConfig engine = engine::with_overrides(engines.front(), changes);
      for (const network::Graph& graph : graphs) study::simulate_network(graph, engine);
      engines.push_back(engine);
    } catch (const Error&) {
      continue;
    }
  }
  return engines;
}

// Whether the engine makes something of the weights' form.
bool is_used(const study::SubgraphAnswer& subgraph) {
  return subgraph.weights && (subgraph.weights->mode != mapping::to_string(mapping::WeightMode::kDense) ||
                              subgraph.weights->stored_bytes < subgraph.weights->bytes);
}

// How many of these subgraphs of the network are the same with and without a form, but for that, places included.
std::int64_t in_the_same_places(const network::Graph& dense, const network::Graph& formed,
                                const engine::EngineConfig& engine, const std::vector<std::size_t>& which) {
  const mapping::Partition without = mapping::partition_with_memory(dense, engine),
                           with = mapping::partition_with_memory(formed, engine);
  const std::vector<mapping::WholeSubgraph> plain = mapping::whole_subgraphs(without),
                                            of_forms = mapping::whole_subgraphs(with);
  return std::count_if(which.begin(), which.end(), [&](std::size_t i) {
    mapping::Subgraph subgraph = *of_forms[i].whole;
    subgraph.shape.weight_form = {};
    return mapping::subgraph_key(subgraph) == mapping::subgraph_key(*plain[i].whole);
  });
}

// Counts what the engine makes something of, as it is with the form and with dense weights. Returns how many estimates
// of other subgraphs differ from those of dense weights, though the simulation cannot.
std::int64_t compare(const network::Graph& dense, const network::Graph& formed, const engine::EngineConfig& engine,
                     const estimator::Estimator& model, Errors& of_dense, Errors& of_formed) {
  const study::NetworkAnswer estimated = study::estimate_network(formed, engine, model);
  const study::NetworkAnswer estimated_dense = study::estimate_network(dense, engine, model);
  bool any = false;
  std::vector<std::size_t> unused;
  for (std::size_t i = 0; i < estimated.subgraphs.size(); ++i) {
    any = any || is_used(estimated.subgraphs[i]);
    const bool other = estimated.subgraphs[i].latency_cycles != estimated_dense.subgraphs[i].latency_cycles;
    // Tensors may lie elsewhere where a neighbour is faster; then the simulation differs, too.
    if (other && !is_used(estimated.subgraphs[i])) unused.push_back(i);
  }
  const std::int64_t differ = unused.empty() ? 0 : in_the_same_places(dense, formed, engine, unused);
  if (!any) return differ;
  const study::NetworkAnswer simulated = study::simulate_network(formed, engine);
  const study::NetworkAnswer simulated_dense = study::simulate_network(dense, engine);
  of_formed.networks.add(simulated.total.latency_cycles, estimated.total.latency_cycles);
  of_dense.networks.add(simulated_dense.total.latency_cycles, estimated_dense.total.latency_cycles);
  for (std::size_t i = 0; i < estimated.subgraphs.size(); ++i) {
    if (!is_used(estimated.subgraphs[i])) continue;
    of_formed.subgraphs.add(simulated.subgraphs[i].latency_cycles, estimated.subgraphs[i].latency_cycles);
    of_dense.subgraphs.add(simulated_dense.subgraphs[i].latency_cycles, estimated_dense.subgraphs[i].latency_cycles);
  }
  return differ;
}

bool as_good(const Pairs& formed, const Pairs& dense) {
  return formed.accuracy().mape_percent <= kGoal * dense.accuracy().mape_percent;
}

Json of_family(const std::string& family, const estimator::Estimator& model, bool& good) {
  std::vector<network::Graph> graphs;
  for (const network::Graph& graph : shipped_networks()) {
    if (graph.name().rfind("vit", 0) != 0 && graph.name().rfind("swin", 0) != 0) graphs.push_back(graph);
  }
  const std::vector<engine::EngineConfig> engines = engines_of(family, graphs);
  Json out = {{"training_rows", model.training_rows()}, {"networks", graphs.size()}, {"engines", engines.size()}};
  Errors all_dense, all_formed;
  std::int64_t differ = 0;
  for (std::size_t f = 0; f < std::size(kForms); ++f) {
    const Form& form = kForms[f];
    network::Compression how;
    if (*form.prune != 0) how.prune = network::parse_prune(form.prune);
    if (form.clusters > 0) how.clusters = form.clusters;
    std::vector<network::Graph> formed;
    for (const network::Graph& graph : graphs) formed.push_back(network::with_compression(graph, how));
    for (const Keys& keys : all_keys()) {
      Errors of_dense, of_formed, unseen_dense, unseen_formed;
      for (std::size_t e = 0; e < engines.size(); ++e) {
        const engine::EngineConfig engine =
            engine::with_overrides(engines[e], engines[e].streams() ? keys.streams : keys.tiles);
        for (std::size_t n = 0; n < graphs.size(); ++n) {
          Errors dense, sparse;
          differ += compare(graphs[n], formed[n], engine, model, dense, sparse);
          of_dense.add(dense);
          of_formed.add(sparse);
          if (e >= engines.size() - kDrawn) {
            unseen_dense.add(dense);
            unseen_formed.add(sparse);
          }
        }
      }
      if (of_formed.networks.simulated.empty()) continue;
      out["forms"][form.name][keys.name] = {
          {"dense", of_dense.json()},
          {"form", of_formed.json()},
          {"unseen_engines", {{"dense", unseen_dense.json()}, {"form", unseen_formed.json()}}}};
      all_dense.add(of_dense);
      all_formed.add(of_formed);
    }
  }
  out["unused_forms_that_change_an_estimate"] = differ;
  out["all"] = {{"dense", all_dense.json()}, {"form", all_formed.json()}};
  good = good && differ == 0 && as_good(all_formed.networks, all_dense.networks) &&
         as_good(all_formed.subgraphs, all_dense.subgraphs);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Json out = {{"benchmark", "sparse_estimates"}, {"tool_version", version()}};
    bool good = argc > 1;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      const std::size_t at = argument.find('=');
      const std::string family = argument.substr(0, at);
      if (at == std::string::npos || (family != "ne" && family != "nvdla")) {
        throw Error("argument '" + argument + "': must be ne=MODEL.lwm or nvdla=MODEL.lwm");
      }
      out["families"][family] = of_family(family, estimator::Estimator::load(argument.substr(at + 1)), good);
    }
    std::cout << out.dump(2) << "\n";
    return good ? 0 : 1;
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 2;
  }
}
