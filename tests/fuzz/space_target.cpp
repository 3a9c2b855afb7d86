// SPDX-License-Identifier: Apache-2.0
// Search spaces: read, and a few designs of each drawn.
#include "nas/space/space.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_space(const std::string& path, const std::string&) {
  const nas::SpaceDescription description = nas::load_space(path);
  const engine::EngineConfig base = shipped_engine("ne-256");
  const engine::Family family = engine::load_family(source_folder() + "/hwconfigs/ne-256.yaml");
  const network::Graph& graph = small_network();
  const nas::Space space(description, nas::make_network_space(description, &graph), base, family);
  Random random(1);
  constexpr int kDesigns = 3;
  for (int i = 0; i < kDesigns; ++i) {
    nas::Genotype genotype = space.defaults();
    for (std::size_t gene = 0; gene < genotype.size(); ++gene) {
      genotype[gene] = static_cast<int>(random.below(space.genes()[gene].values.size()));
    }
    space.describe(genotype);
    space.decode(space.encode(genotype));
    space.graph(genotype);
  }
}

}  // namespace lanewise::fuzz
