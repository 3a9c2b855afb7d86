// SPDX-License-Identifier: Apache-2.0
// The engines of the table, always the same: those that are shipped, a full grid of three keys around ne-256, and
// points of scrambled Sobol sequences in the ranges that each family declares.
#pragma once

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/engine_values.hpp"
#include "nas/space/space.hpp"
#include "study/campaign/engine_sampling.hpp"

namespace lanewise {

inline constexpr const char* kNetworkSpace = "spaces/nas-bench-macro.yaml";
inline constexpr const char* kGridSpace = "benchmarks/engine_table/engines.yaml";
inline constexpr const char* kGridBase = "hwconfigs/ne-256.yaml";
inline constexpr std::uint64_t kEngineSeed = 1;

struct ListedEngine {
  engine::EngineConfig config;
  std::string hash, origin;  // "shipped", "grid" or "sampled"
};

// The space of the grid's designs: networks of NAS-Bench-Macro, engines of the grid.
inline nas::Space grid_space() {
  nas::SpaceDescription description = nas::load_space(kNetworkSpace);
  description.engine = nas::load_space(kGridSpace).engine;
  return nas::Space(description, nas::make_network_space(description, nullptr), engine::load_engine(kGridBase).config,
                    engine::load_family(kGridBase));
}

// The genotypes of all engines of the grid, the base first; network genes at their default.
inline std::vector<nas::Genotype> grid_genotypes(const nas::Space& space) {
  std::vector<nas::Genotype> all;
  nas::Genotype genotype(space.genes().size(), 0);
  for (;;) {
    all.push_back(genotype);
    std::size_t gene = space.network_genes();
    while (gene < genotype.size() && ++genotype[gene] == static_cast<int>(space.genes()[gene].values.size())) {
      genotype[gene++] = 0;
    }
    if (gene == genotype.size()) return all;
  }
}

class EngineList {
 public:
  // `sampled`: how many engines are drawn of each family, by the family's name.
  explicit EngineList(const std::vector<std::pair<std::string, int>>& sampled) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) add(engine::load_engine(path).config, "shipped");
    const nas::Space space = grid_space();
    for (const nas::Genotype& genotype : grid_genotypes(space)) {
      engine::EngineConfig config = space.engine(genotype);
      config.name = "grid";
      for (std::size_t gene = space.network_genes(); gene < genotype.size(); ++gene) {
        const std::string& value = space.genes()[gene].values[static_cast<std::size_t>(genotype[gene])];
        config.name += '-' + value.substr(0, value.find(' '));
      }
      add(config, "grid");
    }
    for (const auto& [base, count] : sampled) {
      const std::string path = "hwconfigs/" + base + ".yaml";
      const engine::Family family = engine::load_family(path);
      const engine::EngineConfig config = engine::load_engine(path).config;
      const int members = static_cast<int>(family.members.size());
      for (const study::SampledEngine& drawn :
           study::sample_engines(config, family, members + count, 0, {}, kEngineSeed, study::EngineSampling::kSobol)
               .engines) {
        add(drawn.config, "sampled");
      }
    }
  }
  const std::vector<ListedEngine>& engines() const { return engines_; }

 private:
  // What a person would have to tell apart by its hash alone is listed once.
  void add(engine::EngineConfig config, const std::string& origin) {
    std::string hash = engine::engine_hash(config);
    if (!known_.insert(hash).second) return;
    config.description = origin == "shipped" ? config.description : "of benchmarks/article_6_engine_table, " + origin;
    config.overrides.clear();
    engines_.push_back({std::move(config), std::move(hash), origin});
  }

  std::set<std::string> known_;
  std::vector<ListedEngine> engines_;
};

}  // namespace lanewise
