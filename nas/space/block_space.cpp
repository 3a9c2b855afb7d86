// SPDX-License-Identifier: Apache-2.0
#include "nas/space/block_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/space/block_graph.hpp"
#include "nas/space/block_layers.hpp"
#include "nas/space/encoding_template.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {

BlockSpace::BlockSpace(std::string name, std::shared_ptr<const BlockSettings> settings)
    : name_(std::move(name)), settings_(std::move(settings)) {
  for (const SpaceGene& gene : settings_->genes) genes_.push_back(gene.gene);
  if (!settings_->encoding.empty()) require_distinct_encodings();
}

std::vector<bool> BlockSpace::asked(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  Resolver resolver(settings_->genes, genotype, nullptr);
  plan_network(*settings_, resolver);
  return resolver.asked();
}

std::vector<SpaceLayer> BlockSpace::layers() const { return block_layers(*settings_); }

std::vector<bool> BlockSpace::has_layers(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  Resolver resolver(settings_->genes, genotype, nullptr);
  const std::set<std::string> there = layers_of(*settings_, plan_network(*settings_, resolver));
  std::vector<bool> has;
  for (const SpaceLayer& layer : layers()) has.push_back(there.count(layer.name) > 0);
  return has;
}

Genotype BlockSpace::canonical(const Genotype& genotype) const {
  const std::vector<bool> matters = asked(genotype);
  Genotype out = genotype;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!matters[i]) out[i] = 0;
  }
  return out;
}

// The genes that are written whatever their value; empty where there are none.
std::vector<bool> BlockSpace::always_written(const Genotype& canonical) const {
  const auto& genes = settings_->genes;
  if (std::none_of(genes.begin(), genes.end(), [](const SpaceGene& gene) { return gene.always_written; })) return {};
  std::vector<bool> always = asked(canonical);
  for (std::size_t i = 0; i < always.size(); ++i) always[i] = always[i] && genes[i].always_written;
  return always;
}

network::Graph BlockSpace::build(const Genotype& genotype, const engine::EngineConfig& engine) const {
  constexpr std::size_t kLongestEncoding = 60;
  const std::string encoding = encode(genotype);
  std::vector<double> values;
  for (const std::string& key : settings_->engine_keys) values.push_back(engine::numeric_value(engine, key));
  Resolver resolver(settings_->genes, genotype, &values);
  const NetworkPlan plan = plan_network(*settings_, resolver);
  try {
    return build_network(*settings_, plan,
                         name_ + ":" + (encoding.size() <= kLongestEncoding ? encoding : hex_hash(encoding)));
  } catch (const Error& error) {
    throw Error(fmt::format("space '{}': network '{}': {}", name_, beginning_of(encoding), error.what()));
  }
}

std::string BlockSpace::encode(const Genotype& genotype) const {
  const Genotype canonical = this->canonical(genotype);
  return settings_->encoding.empty() ? encode_changes(genes_, canonical, '/', always_written(canonical))
                                     : write_encoding(*settings_, canonical);
}

Genotype BlockSpace::decode(const std::string& encoding) const {
  const Genotype read =
      settings_->encoding.empty() ? decode_changes(genes_, encoding, '/') : read_encoding(*settings_, encoding);
  const Genotype genotype = canonical(read);
  if (settings_->encoding.empty()) {
    const std::vector<bool> always = always_written(genotype);
    for (std::size_t i = 0; i < always.size(); ++i) {
      if (!always[i] || ("/" + encoding).find("/" + genes_[i].name + "=") != std::string::npos) continue;
      throw Error(fmt::format("encoding '{}': must say gene '{}', whose default is no value of this space",
                              beginning_of(encoding), genes_[i].name));
    }
    return genotype;
  }
  // Whatever the text says of genes that do not matter is not the encoding of a network, but of those that the file
  // calls unused.
  Genotype written = genotype;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (settings_->genes[i].unused) written[i] = read[i];
  }
  const std::string same = write_encoding(*settings_, written);
  if (same != encoding) {
    throw Error(fmt::format("encoding '{}': is not how the space writes this network: must be '{}'",
                            beginning_of(encoding), beginning_of(same)));
  }
  return genotype;
}

// A template may leave a gene out where it still matters, which shows on random genotypes.
void BlockSpace::require_distinct_encodings() const {
  constexpr int kTried = 200;
  Random random(1);
  for (int i = 0; i < kTried; ++i) {
    Genotype genotype;
    for (const Gene& gene : genes_) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    genotype = canonical(genotype);
    const std::string text = encode(genotype);
    if (read_encoding(*settings_, text) == genotype) continue;
    throw Error(fmt::format("{}: '{}' is the encoding of two different networks", settings_->encoding_place,
                            beginning_of(text)));
  }
}

}  // namespace lanewise::nas
