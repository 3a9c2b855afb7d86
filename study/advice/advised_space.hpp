// SPDX-License-Identifier: Apache-2.0
// The designs that advice is about: a network with moves, some of them decided by a person. Private to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nas/moves/resolve.hpp"
#include "nas/space/space.hpp"
#include "study/advice/advice.hpp"

namespace lanewise::study {

class AdvisedSpace {
 public:
  // The job must outlive it. Throws Error as advise does.
  explicit AdvisedSpace(const AdviceJob& job);

  const nas::Space& space() const { return *space_; }
  const nas::ResolvedMoves& decided() const { return decided_; }
  const engine::EngineConfig& engine() const { return engine_; }  // with the keys that the person has taken
  const nas::Genotype& start() const { return start_; }
  // The job's limits, then the space's, then what the person's file asks for as capacity.
  const std::vector<nas::Limit>& limits() const { return limits_; }
  // Whether a gene may take a value other than that of the start: the space offers it, and the person has neither
  // vetoed the value nor decided the gene.
  bool may(std::size_t gene, int value) const;
  // Also of a value beside which something that the person has taken would mean nothing: a drop of a block that is
  // fused.
  bool is_vetoed(std::size_t gene, int value) const;
  bool is_offered(std::size_t gene, int value) const;
  bool is_decided(std::size_t gene) const { return decided_genes_[gene]; }
  // "fuse", "ibn3" of "fuse.ibn3"
  std::string move_of(std::size_t gene) const;
  std::string place_of(std::size_t gene) const;
  const std::string& value_of(std::size_t gene, int value) const;

 private:
  nas::ResolvedMoves decided_;
  engine::EngineConfig engine_;
  std::vector<nas::Limit> limits_;
  std::unique_ptr<nas::Space> space_;
  std::vector<std::vector<bool>> offered_;  // by gene and value
  std::vector<bool> decided_genes_;
  nas::Genotype start_;

  void decide(const AdviceJob& job);
  bool undoes_decisions(std::size_t gene, int value) const;
};

}  // namespace lanewise::study
