// SPDX-License-Identifier: Apache-2.0
// What a job's work would take with a resource doubled, by the formulas that say what it takes.
#pragma once

#include <vector>

#include "core/engine/resources.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/tile_plan.hpp"
#include "sim/units/moment.hpp"

namespace lanewise::sim {

// The engine of a sequence with each resource doubled that changes how the array or the post-processor works.
class DoubledEngines {
 public:
  explicit DoubledEngines(const engine::EngineConfig& engine);
  struct Variant {
    Resource resource;
    engine::EngineConfig engine;
  };
  const std::vector<Variant>& variants() const { return variants_; }

 private:
  std::vector<Variant> variants_;
};

// Shares of what the work takes as it is, 1 where a resource changes nothing.
using Shares = engine::PerResource<double>;

class WhatIf {
 public:
  WhatIf() = default;
  WhatIf(const mapping::Subgraph& subgraph, const mapping::TilePlan& plan, const mapping::ArrayWork& work,
         const engine::EngineConfig& engine, const DoubledEngines& doubled);

  // Of the array, and of the post-processor draining it, for tiles of so many pixels.
  const Shares& array(std::int64_t pixels) const { return of(pixels).array; }
  // Where the sums are of a part of the reduction, how many parts there are follows from what the array does meanwhile.
  const Shares& drain(std::int64_t pixels, bool partial_sums) const {
    return partial_sums ? of(pixels).drain_parts : of(pixels).drain;
  }
  // Of the post-processor by itself, or of the host.
  const Shares& alone() const { return alone_; }
  // Of the bytes that transfers of this kind move over all of the job.
  const Shares& transfers(mapping::TransferKind kind) const { return transfers_[static_cast<std::size_t>(kind)]; }
  // Of how often the activations are read, by groups that all see the same input.
  double groups() const { return groups_; }
  // Of latencies that each stripe pays, and each group where groups are steps of their own.
  const Shares& turns() const { return turns_; }
  // Whether twice the room on chip would give the tiles of this kind a second buffer.
  bool second_buffer(mapping::TransferKind kind) const { return single_[static_cast<std::size_t>(kind)]; }

 private:
  struct ByPixels {
    std::int64_t pixels = 0;
    Shares array, drain, drain_parts;
  };
  struct Variant {
    Resource resource;
    mapping::ArrayWork work;
  };
  const ByPixels& of(std::int64_t pixels) const;
  void share_transfers(const mapping::Subgraph& subgraph, const mapping::TilePlan& plan,
                       const engine::EngineConfig& engine);
  void share_patches(const mapping::SubgraphShape& shape, const Variant& variant, const engine::EngineConfig& engine);
  Shares& of_kind(mapping::TransferKind kind) { return transfers_[static_cast<std::size_t>(kind)]; }

  mapping::ArrayWork work_;
  std::vector<Variant> variants_;
  mutable std::vector<ByPixels> known_;  // tiles have few sizes
  Shares alone_;
  std::array<Shares, 4> transfers_;
  std::array<bool, 4> single_{};
  double groups_ = 1;
  Shares turns_;
};

}  // namespace lanewise::sim
