// SPDX-License-Identifier: Apache-2.0
// How many of the channels that an exhaustive sweep finds best a curation keeps, and how many of those that it keeps
// are among them.
//   curate_recall [--seed 4711] [--workers 2] [--json]
// Every value of every gene of channels is simulated, the others at their default, on engines of two families and in
// three spaces: one with steps of one channel, one drawn at random from the seed, and the shipped detector's. What is
// best is said in three ways that share nothing with the curation's own rules:
//   undominated   no larger value of the gene costs less or as much, within 0.5 % of what the gene's layers cost
//   before_rise   fewest cycles per MAC of the gene's layers among the values beside it, two to each side, where they
//                 differ by more than 0.5 %
//   front         value of some network of the exact front of latency and MACs of a small space of three genes
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/partition.hpp"
#include "nas/space/space.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/curation/curated_space.hpp"
#include "study/curation/curation.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr double kSame = 1.005;

std::string steps_space() {
  return R"(name: steps
network:
  input: {channels: 3, height: 64, width: 64}
  stem: {channels: {from: 8, to: 40, step: 1, default: 24}, kernel: 3, stride: 2}
  stages:
    a: {type: fused_ibn, expansion: 4, channels: {from: 8, to: 48, step: 1, default: 24}, stride: 2}
    b: {type: ibn, expansion: 4, channels: {from: 16, to: 72, step: 1, default: 48}, stride: 2}
  head: {type: classification, channels: {from: 64, to: 160, step: 1, default: 128}, classes: 10}
engine: {vary: none}
capacity: {parameters: 0.9, macs: 0.9}
)";
}

// Two to four stages of types, kernels and channels that the seed decides.
std::string drawn_space(std::uint64_t seed) {
  Random random(seed);
  const std::vector<std::string> types = {"ibn", "fused_ibn", "convolution", "depthwise_separable"};
  std::string text = fmt::format(
      "name: drawn\nnetwork:\n  input: {{channels: 3, height: {0}, width: {0}}}\n  stem: {{channels: {{from: 8, to: "
      "48, "
      "step: 2, default: 24}}, kernel: 3, stride: 2}}\n  stages:\n",
      32 * random.between(1, 5));
  const std::int64_t stages = random.between(2, 4);
  for (std::int64_t i = 0; i < stages; ++i) {
    const std::int64_t from = 8 * random.between(1, 6), step = random.between(1, 6), count = random.between(8, 16);
    text += fmt::format(
        "    s{}: {{type: {}, kernel: {}, expansion: {}, channels: {{from: {}, to: {}, step: {}, default: {}}}, "
        "repeats: "
        "{}, stride: {}}}\n",
        i, random.pick(types), 2 * random.between(1, 2) + 1, random.between(2, 6), from, from + step * count, step,
        from + step * random.between(0, count), random.between(1, 3), random.between(1, 2));
  }
  return text + "  head: {type: classification, classes: 10}\nengine: {vary: none}\n";
}

// Three genes whose 343 networks are all simulated.
std::string front_space() {
  return R"(name: front
network:
  input: {channels: 3, height: 48, width: 48}
  stem: {channels: 16, kernel: 3, stride: 2}
  stages:
    a: {type: fused_ibn, expansion: 3, channels: {from: 12, to: 36, step: 4, default: 24}, stride: 2}
    b: {type: ibn, expansion: 4, channels: {from: 24, to: 60, step: 6, default: 42}, stride: 2}
    c: {type: convolution, channels: {from: 40, to: 112, step: 12, default: 76}, stride: 2}
  head: {type: none}
engine: {vary: none}
)";
}

struct Swept {
  std::string value;
  double cycles = 0, macs = 0;  // of the network, then without the layers that no value changes
  std::map<std::string, std::pair<double, double>> layers;  // cycles and MACs by name
};

class Bench {
 public:
  Bench(const std::string& text, const engine::EngineConfig& engine, study::MeasurementSource& source)
      : description_(nas::parse_space("benchmark", text)),
        engine_(engine),
        source_(source),
        space_(description_, nas::make_network_space(description_, nullptr), engine, engine::Family{}) {}

  std::vector<Swept> price(const std::vector<nas::Genotype>& genotypes) {
    std::vector<Swept> out;
    for (const nas::Genotype& genotype : genotypes) {
      out.emplace_back();
      const std::vector<mapping::Subgraph> subgraphs = mapping::partition(space_.graph(genotype), engine_);
      std::vector<study::SubgraphQuery> queries;
      for (const mapping::Subgraph& subgraph : subgraphs) queries.push_back({&subgraph, &engine_});
      const auto results = source_.look_up(queries);
      for (std::size_t i = 0; i < subgraphs.size(); ++i) {
        const auto cycles = static_cast<double>(results[i]->measurement.latency.count());
        const auto macs = static_cast<double>(subgraphs[i].shape.macs());
        out.back().cycles += cycles;
        out.back().macs += macs;
        auto& layer = out.back().layers[subgraphs[i].name];
        layer.first += cycles;
        layer.second += macs;
      }
    }
    return out;
  }

  // All values of a gene by size, at the default of the others.
  std::vector<Swept> sweep(std::size_t gene) {
    std::vector<std::string> values = space_.genes()[gene].values;
    std::vector<nas::Genotype> genotypes;
    std::vector<std::size_t> order(values.size());
    for (std::size_t v = 0; v < order.size(); ++v) order[v] = v;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::stod(values[a]) < std::stod(values[b]); });
    for (const std::size_t v : order) {
      genotypes.push_back(space_.defaults());
      genotypes.back()[gene] = static_cast<int>(v);
    }
    std::vector<Swept> swept = price(genotypes);
    for (std::size_t i = 0; i < swept.size(); ++i) swept[i].value = values[order[i]];
    // Layers that cost the same whatever the value are not the gene's.
    for (const auto& [name, first] : std::map<std::string, std::pair<double, double>>(swept.front().layers)) {
      const bool same = std::all_of(swept.begin(), swept.end(), [&, layer = name, is = first](const Swept& s) {
        const auto found = s.layers.find(layer);
        return found != s.layers.end() && found->second == is;
      });
      if (!same) continue;
      for (Swept& s : swept) {
        s.cycles -= first.first;
        s.macs -= first.second;
      }
    }
    return swept;
  }

  const nas::Space& space() const { return space_; }
  study::Curation curate() {
    study::CurationOptions options;
    options.keep_default = study::genes_with_fixed_default(description_, space_);
    const study::CapacityShares shares = study::capacity_shares(description_, space_);
    options.least_macs = shares.macs;
    options.least_parameters = shares.parameters;
    return study::curate(space_, source_, options);
  }

 private:
  nas::SpaceDescription description_;
  const engine::EngineConfig& engine_;
  study::MeasurementSource& source_;
  nas::Space space_;
};

std::set<std::string> undominated(const std::vector<Swept>& swept) {
  std::set<std::string> best;
  for (std::size_t i = 0; i < swept.size(); ++i) {
    const bool beaten = std::any_of(
        swept.begin() + static_cast<std::ptrdiff_t>(i) + 1, swept.end(),
        [&](const Swept& larger) { return larger.macs > swept[i].macs && larger.cycles <= swept[i].cycles * kSame; });
    if (!beaten) best.insert(swept[i].value);
  }
  return best;
}

std::set<std::string> before_rise(const std::vector<Swept>& swept) {
  std::set<std::string> best;
  const auto rate = [](const Swept& s) { return s.cycles / s.macs; };
  for (std::size_t i = 0; i < swept.size(); ++i) {
    double least = rate(swept[i]), most = least;
    for (std::size_t k = i < 2 ? 0 : i - 2; k <= std::min(i + 2, swept.size() - 1); ++k) {
      least = std::min(least, rate(swept[k]));
      most = std::max(most, rate(swept[k]));
    }
    if (rate(swept[i]) <= least && most > least * kSame) best.insert(swept[i].value);
  }
  return best;
}

struct Score {
  std::size_t best = 0, kept = 0, both = 0;
  void add(const std::set<std::string>& found, const std::set<std::string>& chosen) {
    best += found.size();
    kept += chosen.size();
    both += static_cast<std::size_t>(
        std::count_if(found.begin(), found.end(), [&](const std::string& value) { return chosen.count(value) > 0; }));
  }
  Json json() const {
    const auto share = [](std::size_t of, std::size_t all) {
      return all == 0 ? Json(nullptr) : Json(static_cast<double>(of) / static_cast<double>(all));
    };
    return {{"best", best}, {"kept", kept}, {"recall", share(both, best)}, {"precision", share(both, kept)}};
  }
};

bool is_channels(const std::string& gene) {
  const std::string tail = ".channels";
  return gene.size() > tail.size() && gene.compare(gene.size() - tail.size(), tail.size(), tail) == 0;
}

std::set<std::string> kept_of(const study::GeneChoices& gene) {
  std::set<std::string> kept;
  for (const study::Choice& choice : gene.choices) {
    if (choice.kept) kept.insert(choice.value);
  }
  return kept;
}

Json sweep_all(Bench& bench, std::size_t& values) {
  const study::Curation curation = bench.curate();
  Score first, second;
  for (std::size_t gene = 0; gene < bench.space().network_genes(); ++gene) {
    if (!is_channels(bench.space().genes()[gene].name)) continue;
    const std::vector<Swept> swept = bench.sweep(gene);
    values += swept.size();
    const std::set<std::string> kept = kept_of(curation.genes[gene]);
    first.add(undominated(swept), kept);
    second.add(before_rise(swept), kept);
  }
  return {{"undominated", first.json()}, {"before_rise", second.json()}};
}

Json front(Bench& bench, std::size_t& values) {
  const study::Curation curation = bench.curate();
  std::vector<nas::Genotype> all = {{}};
  for (const nas::Gene& gene : bench.space().genes()) {
    std::vector<nas::Genotype> longer;
    for (const nas::Genotype& genotype : all) {
      for (std::size_t v = 0; v < gene.values.size(); ++v) {
        longer.push_back(genotype);
        longer.back().push_back(static_cast<int>(v));
      }
    }
    all = std::move(longer);
  }
  const std::vector<Swept> swept = bench.price(all);
  values += swept.size();
  std::vector<std::set<std::string>> best(bench.space().genes().size());
  for (std::size_t i = 0; i < swept.size(); ++i) {
    const bool beaten = std::any_of(swept.begin(), swept.end(), [&](const Swept& other) {
      return other.macs >= swept[i].macs && other.cycles <= swept[i].cycles &&
             (other.macs > swept[i].macs || other.cycles < swept[i].cycles);
    });
    if (beaten) continue;
    for (std::size_t g = 0; g < best.size(); ++g) {
      best[g].insert(bench.space().genes()[g].values[static_cast<std::size_t>(all[i][g])]);
    }
  }
  Score score;
  for (std::size_t g = 0; g < best.size(); ++g) score.add(best[g], kept_of(curation.genes[g]));
  return {{"front", score.json()}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::uint64_t seed = 4711;
    int workers = sim::default_workers();
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--seed" && i + 1 < argc) seed = std::stoull(argv[++i]);
      if (word == "--workers" && i + 1 < argc) workers = std::stoi(argv[++i]);
    }
    Json rows = Json::array();
    std::size_t values = 0;
    for (const char* name : {"ne-256", "nvdla-large", "nvdla-small-256"}) {
      const engine::EngineConfig engine = engine::load_engine(fmt::format("hwconfigs/{}.yaml", name), {}).config;
      const auto source = study::make_simulator(sim::default_worker_path(), workers);
      const std::pair<std::string, std::string> spaces[] = {
          {"steps", steps_space()},
          {fmt::format("drawn, seed {}", seed), drawn_space(seed)},
          {"detector", nas::load_space("spaces/detector.yaml").source}};
      for (const auto& [title, text] : spaces) {
        Bench bench(text, engine, *source);
        Json row = {{"engine", name}, {"space", title}};
        row.update(sweep_all(bench, values));
        rows.push_back(row);
      }
      Bench bench(front_space(), engine, *source);
      Json row = {{"engine", name}, {"space", "front"}};
      row.update(front(bench, values));
      rows.push_back(row);
    }
    std::cout << Json{{"benchmark", "curate_recall"}, {"seed", seed}, {"swept", values}, {"rows", rows}}.dump(2)
              << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "curate_recall: " << error.what() << "\n";
    return 1;
  }
}
