// SPDX-License-Identifier: Apache-2.0
// Networks of a space's own, built from stages of blocks without any file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nas/space/block_settings.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

class BlockSpace : public NetworkSpace {
 public:
  // `name` begins the names of the networks. Throws Error where two networks would have one encoding.
  BlockSpace(std::string name, std::shared_ptr<const BlockSettings> settings);
  const std::vector<Gene>& genes() const override { return genes_; }
  // Genes that the network was not asked for take their default: the expansion of a stage of plain convolutions, all of
  // a stage that is left out.
  Genotype canonical(const Genotype& genotype) const override;
  network::Graph build(const Genotype& genotype, const engine::EngineConfig& engine) const override;
  const std::vector<std::string>& engine_keys() const override { return settings_->engine_keys; }
  std::string encode(const Genotype& genotype) const override;
  Genotype decode(const std::string& encoding) const override;
  const std::vector<LeftOut>& left_out() const override { return left_out_; }
  std::vector<SpaceLayer> layers() const override;
  std::vector<bool> has_layers(const Genotype& genotype) const override;

 private:
  void require_distinct_encodings() const;
  std::vector<bool> asked(const Genotype& genotype) const;
  std::vector<bool> always_written(const Genotype& canonical) const;

  std::string name_;
  std::shared_ptr<const BlockSettings> settings_;
  std::vector<Gene> genes_;
  std::vector<LeftOut> left_out_;  // none: what a file describes, it has
};

}  // namespace lanewise::nas
