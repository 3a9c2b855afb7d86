// SPDX-License-Identifier: Apache-2.0
// How many designs a search prices a second on one core, from genotypes to objectives: decode, rewrite the network,
// fuse it, place its tensors, price its subgraphs by an estimator, judge. Every design is distinct and drawn by a seed,
// and nothing is known of any of them before. Prints a table on standard error and JSON on standard output. Called by
// benchmarks/search_speed.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "nas/design_problem.hpp"
#include "nas/oracles/capacity.hpp"
#include "nas/space/space_description.hpp"
#include "study/codesign/cost_oracle.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kBatch = 1000;       // designs that a search asks for at once
constexpr std::size_t kSlowDesigns = 500;  // priced by way of their graphs, too

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return std::stod(text);
}

// Distinct genotypes, every value of every gene as likely as another.
std::vector<nas::Genotype> draw(const nas::Space& space, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::set<nas::Genotype> seen;
  std::vector<nas::Genotype> out;
  for (std::size_t tries = 0; out.size() < count; ++tries) {
    if (tries > 100 * count) throw Error("the space has too few designs");
    nas::Genotype genotype;
    for (const nas::Gene& gene : space.genes()) {
      genotype.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(gene.values.size()))));
    }
    genotype = space.canonical(genotype);
    if (seen.insert(genotype).second) out.push_back(std::move(genotype));
  }
  return out;
}

struct Setting {
  const char* name;
  std::string space;
  std::string meaning;
};

class Benchmark {
 public:
  Benchmark(const std::string& model, const std::string& hw, std::size_t candidates, std::uint64_t seed)
      : model_(estimator::Estimator::load(model)),
        engine_(engine::load_engine(hw).config),
        family_(engine::load_family(hw)),
        candidates_(candidates),
        seed_(seed) {}

  Json run(const Setting& setting, const network::Graph& graph) const {
    const nas::SpaceDescription description = nas::load_space(setting.space);
    const bool own = description.blocks != nullptr;
    const nas::Space space(description, nas::make_network_space(description, own ? nullptr : &graph), engine_, family_);
    const auto source = study::make_estimated(model_);
    const auto oracle = study::make_cost_oracle(*source);
    nas::CapacityConstraint quality({1, 1}, 0, 0);
    nas::DesignProblem problem(
        space, *oracle, quality, {}, [](const std::string&) { return true; }, [] {});
    const std::vector<nas::Genotype> genotypes = draw(space, candidates_, seed_);
    double checksum = 0;
    const double from = cpu_seconds();
    for (std::size_t first = 0; first < genotypes.size(); first += kBatch) {
      const auto begin = genotypes.begin() + static_cast<std::ptrdiff_t>(first);
      const std::size_t count = std::min(kBatch, genotypes.size() - first);
      for (const nas::Evaluation& e :
           problem.evaluate(std::vector<nas::Genotype>(begin, begin + static_cast<std::ptrdiff_t>(count)))) {
        if (e.violation < nas::kImpossible) checksum += e.objectives[0] + e.objectives[1];
      }
    }
    const double seconds = cpu_seconds() - from;
    const nas::PricingCounts& counts = problem.pricing();
    const double per_second = static_cast<double>(genotypes.size()) / seconds;
    const double slowly = by_graphs(space, *oracle, genotypes);
    std::fprintf(stderr, "  %10.0f  designs/s, %s (%.0f by way of their graphs)\n", per_second, setting.meaning.c_str(),
                 slowly);
    Json json;
    json["candidates_per_second"] = three_digits(per_second);
    json["by_way_of_graphs_per_second"] = three_digits(slowly);
    json["space"] = description.name;
    json["network"] = own ? description.name : graph.name();
    json["genes"] = space.genes().size();
    json["candidates"] = counts.designs;
    json["cannot_run"] = problem.cannot_run();
    json["put_together_from_known_stretches"] = counts.put_together;
    json["networks_built"] = counts.built;
    json["subgraphs"] = counts.subgraphs;
    json["subgraphs_priced"] = counts.priced;
    json["engines"] = counts.engines;
    json["times_forgotten"] = counts.forgotten;
    json["checksum"] = checksum;
    return json;
  }

 private:
  // The first designs again, built, partitioned and priced one by one, as whoever looks at a design does. The answers
  // must be the same to the last bit.
  double by_graphs(const nas::Space& space, nas::CostOracle& oracle, const std::vector<nas::Genotype>& all) const {
    const std::size_t count = std::min(kSlowDesigns, all.size());
    const std::vector<nas::Genotype> genotypes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    nas::DesignPricer pricer(space, oracle, {nas::Metric::kLatency, nas::Metric::kEnergy});
    const std::vector<nas::PricedDesign> fast = pricer.price(genotypes);
    nas::DesignPricer builder(space, oracle);  // knows none of the networks yet
    std::vector<nas::Cost> slow;
    const double from = cpu_seconds();
    for (const nas::Genotype& genotype : genotypes) {
      const nas::Candidate design = builder.candidate(genotype);
      slow.push_back(design.failure.empty() ? oracle.price({{&design.engine, &design.partition.subgraphs}}).front()
                                            : nas::Cost{});
      if (!design.failure.empty()) slow.back().failure = design.failure;
    }
    const double seconds = cpu_seconds() - from;
    for (std::size_t i = 0; i < count; ++i) {
      const nas::Metrics& m = fast[i].metrics;
      const bool same = fast[i].failure == slow[i].failure &&
                        (!fast[i].failure.empty() || (m[nas::Metric::kLatency] == slow[i].latency_ms &&
                                                      m[nas::Metric::kEnergy] == slow[i].energy_uj));
      if (!same) throw InternalError("a design has another price by way of its graph: " + space.encode(genotypes[i]));
    }
    return static_cast<double>(count) / seconds;
  }

  estimator::Estimator model_;
  engine::EngineConfig engine_;
  engine::Family family_;
  std::size_t candidates_;
  std::uint64_t seed_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 4) {
      throw Error("usage: search_speed MODEL_FILE HWCONFIG CANDIDATES SEED NAME=SPACE... (NAME: fixed_engine, …)");
    }
    const std::size_t candidates = std::stoull(argv[3]);
    const std::uint64_t seed = std::stoull(argv[4]);
    const Benchmark benchmark(argv[1], argv[2], candidates, seed);
    const network::Graph graph = network::import_network("models/mobilenet_v2.onnx");
    Json result;
    result["benchmark"] = "search_speed";
    result["tool_version"] = version();
    result["unit"] =
        "CPU time of one thread, from genotypes to objectives; importing the network and loading the "
        "estimator before";
    result["engine"] = argv[2];
    result["seed"] = seed;
    for (int i = 5; i < argc; ++i) {
      const std::string text = argv[i];
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) throw Error("'" + text + "' is not NAME=SPACE");
      const std::string name = text.substr(0, equals), space = text.substr(equals + 1);
      result["runs"][name] = benchmark.run({name.c_str(), space, name + ": " + space}, graph);
      result["candidates_per_second"][name] = result["runs"][name]["candidates_per_second"];
    }
    std::cout << result.dump(2) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
