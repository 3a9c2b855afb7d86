// SPDX-License-Identifier: Apache-2.0
#include "nas/space/space.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "nas/space/block_space.hpp"
#include "nas/space/gene_text.hpp"
#include "nas/space/number_space.hpp"

namespace lanewise::nas {

namespace {

std::unique_ptr<NetworkSpace> make_topologies(const SpaceDescription& description, const network::Graph* model) {
  if (description.blocks != nullptr) {
    if (model != nullptr) {
      throw Error(fmt::format("space '{}': has networks of its own, and takes none", description.name));
    }
    return std::make_unique<BlockSpace>(description.name, description.blocks);
  }
  if (model == nullptr) {
    throw Error(fmt::format("space '{}': describes moves on a network, and none is given", description.name));
  }
  return std::make_unique<MoveSpace>(description.moves, *model);
}

}  // namespace

std::unique_ptr<NetworkSpace> make_network_space(const SpaceDescription& description, const network::Graph* model) {
  auto networks = make_topologies(description, model);
  if (description.numbers.empty()) return networks;
  try {
    return std::make_unique<NumberSpace>(description.numbers, std::move(networks));
  } catch (const Error& error) {
    throw Error(fmt::format("space '{}': {}", description.name, error.what()));
  }
}

std::unique_ptr<NetworkSpace> make_networks_without_engine(const SpaceDescription& description) {
  if (description.blocks == nullptr) {
    throw Error(
        fmt::format("space '{}': has no networks of its own (network.stages), only moves on others", description.name));
  }
  auto networks = make_network_space(description, nullptr);
  if (!networks->engine_keys().empty()) {
    throw Error(fmt::format("space '{}': its networks follow {} of an engine, which is not known here",
                            description.name, fmt::join(networks->engine_keys(), ", ")));
  }
  return networks;
}

std::vector<engine::FollowRule> follow_rules(const engine::Family& family) {
  if (family.members.empty()) return {};
  return engine::load_follow_rules(family.members.front(), family.name);
}

Space::Space(const SpaceDescription& description, std::unique_ptr<NetworkSpace> network,
             const engine::EngineConfig& base, const engine::Family& family)
    : network_(std::move(network)),
      engine_(description.engine, base, family.ranges,
              description.engine.follow ? follow_rules(family) : std::vector<engine::FollowRule>{}),
      genes_(network_->genes()) {
  genes_.insert(genes_.end(), engine_.genes().begin(), engine_.genes().end());
  for (const LeftOut& left : network_->left_out()) left_out_.push_back(left.gene + ": " + left.reason);
  left_out_.insert(left_out_.end(), engine_.left_out().begin(), engine_.left_out().end());
}

Genotype Space::network_part(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  return Genotype(genotype.begin(), genotype.begin() + static_cast<std::ptrdiff_t>(network_genes()));
}

Genotype Space::engine_part(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  return Genotype(genotype.begin() + static_cast<std::ptrdiff_t>(network_genes()), genotype.end());
}

Genotype Space::canonical(const Genotype& genotype) const {
  Genotype out = network_->canonical(network_part(genotype));
  const Genotype engine = engine_part(genotype);
  out.insert(out.end(), engine.begin(), engine.end());
  return out;
}

std::vector<engine::Override> Space::engine_overrides(const Genotype& genotype) const {
  return engine_.overrides(engine_part(genotype));
}

network::Graph Space::graph(const Genotype& genotype) const { return graph(genotype, engine(genotype)); }

network::Graph Space::graph(const Genotype& genotype, const engine::EngineConfig& engine) const {
  return network_->build(network_part(genotype), engine);
}

std::string Space::graph_key(const Genotype& genotype, const engine::EngineConfig& engine) const {
  std::string key;
  for (const int value : network_->canonical(network_part(genotype))) {
    constexpr int kByte = 256;
    key += static_cast<char>(value % kByte);
    key += static_cast<char>(value / kByte);
  }
  for (const std::string& name : network_->engine_keys()) key += ' ' + engine::value_text(engine, name);
  return key;
}

std::string Space::encode(const Genotype& genotype) const {
  std::string text = network_->encode(network_part(genotype));
  const std::string changes = encode_changes(engine_.genes(), engine_part(genotype), kEngineMark);
  if (changes != kUnchanged) text += kEngineMark + changes;
  return text;
}

Genotype Space::decode(const std::string& encoding) const {
  const std::size_t mark = encoding.find(kEngineMark);
  Genotype genotype = network_->decode(encoding.substr(0, mark));
  const Genotype engine = mark == std::string::npos
                              ? Genotype(engine_.genes().size(), 0)
                              : decode_changes(engine_.genes(), encoding.substr(mark + 1), kEngineMark);
  genotype.insert(genotype.end(), engine.begin(), engine.end());
  return genotype;
}

std::vector<std::string> Space::describe(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < genes_.size(); ++i) {
    if (genotype[i] == 0) continue;
    words.push_back(fmt::format("{}={}", genes_[i].name, genes_[i].values[static_cast<std::size_t>(genotype[i])]));
  }
  return words;
}

}  // namespace lanewise::nas
