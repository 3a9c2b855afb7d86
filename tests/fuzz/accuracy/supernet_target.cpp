// SPDX-License-Identifier: Apache-2.0
// Supernets as `lanewise-fit inherit` reads them: what is taken is written as a supernet that reads back alike, and its
// space has networks with places for their weights. Half of the inputs get a hash that fits.
#include "accuracy/supernet/supernet_file.hpp"
#include "accuracy/supernet/supernet_space.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_supernet(const std::string& path, const std::string&) {
  const accuracy::SupernetFile file = accuracy::read_supernet(path);
  const std::string bytes = accuracy::supernet_bytes(file);
  if (accuracy::supernet_bytes(accuracy::parse_supernet(path, bytes)) != bytes) {
    throw Nonsense("a supernet reads back as another one");
  }
  require_sane("the steps of a supernet", static_cast<double>(file.steps), 1e19);
  const accuracy::SupernetSpace space(path, file.space, file.recipe.apart);
  const accuracy::PlacedNetwork placed = space.place(nas::Genotype(space.genes().size(), 0));
  for (std::size_t id = 0; id < placed.places.size(); ++id) {
    const bool is_weight = placed.graph.tensors()[id].role == network::TensorRole::kWeight;
    if (is_weight == placed.places[id].empty()) throw Nonsense("a weight without a place");
  }
}

}  // namespace lanewise::fuzz
