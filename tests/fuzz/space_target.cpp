// SPDX-License-Identifier: Apache-2.0
// Search spaces: read, and a few designs of each drawn, written, read back and built.
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

// An encoding with one character changed is that of another network, or refused.
void read_damaged(const nas::Space& space, std::string text, Random& random) {
  if (text.empty()) return;
  text[static_cast<std::size_t>(random.below(text.size()))] = static_cast<char>(random.between(1, 255));
  try {
    space.encode(space.decode(text));
  } catch (const Error&) {
  }
}

}  // namespace

void read_space(const std::string& path, const std::string&) {
  const nas::SpaceDescription description = nas::load_space(path);
  const engine::EngineConfig base = shipped_engine("ne-256");
  const engine::Family family = engine::load_family(source_folder() + "/hwconfigs/ne-256.yaml");
  const network::Graph* const model = description.blocks == nullptr ? &small_network() : nullptr;
  const nas::Space space(description, nas::make_network_space(description, model), base, family);
  Random random(1);
  constexpr int kDesigns = 3;
  for (int i = 0; i < kDesigns; ++i) {
    nas::Genotype genotype = space.defaults();
    for (std::size_t gene = 0; gene < genotype.size(); ++gene) {
      genotype[gene] = static_cast<int>(random.below(space.genes()[gene].values.size()));
    }
    space.describe(genotype);
    const std::string text = space.encode(genotype);
    if (space.decode(text) != space.canonical(genotype)) throw Nonsense(fmt::format("'{}' is another design", text));
    read_damaged(space, text, random);
    const network::Graph graph = space.graph(genotype);
    require_sane("MACs", static_cast<double>(network::macs(graph)), 0x1p53);
    require_sane("parameters", static_cast<double>(network::parameters(graph)), 0x1p40);
  }
}

}  // namespace lanewise::fuzz
