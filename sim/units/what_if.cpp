// SPDX-License-Identifier: Apache-2.0
#include "sim/units/what_if.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/precision.hpp"

namespace lanewise::sim {
namespace {

using mapping::TransferKind;

constexpr Resource kComputing[] = {Resource::kWeightLoad,     Resource::kDotProductArray, Resource::kDotProductLanes,
                                   Resource::kDepthwiseLanes, Resource::kAccumulators,    Resource::kPostProcessor};

double array_cycles(const mapping::ArrayWork& work, std::int64_t pixels) {
  return static_cast<double>(work.groups) * mapping::group_cycles(work, pixels, work.blocks);
}

double drain_cycles(const mapping::ArrayWork& work, std::int64_t pixels) {
  return static_cast<double>(work.groups * mapping::drain_cycles(work, pixels, work.outputs_per_group));
}

std::int64_t moved(const mapping::TilePlan& plan, TransferKind kind) {
  std::int64_t bytes = 0;
  for (const mapping::TileStep& step : plan.steps) bytes += step.transfer(kind).bytes;
  return bytes;
}

}  // namespace

DoubledEngines::DoubledEngines(const engine::EngineConfig& engine) {
  variants_.reserve(std::size(kComputing) + 2);
  for (const Resource resource : kComputing) variants_.push_back({resource, engine::doubled(engine, resource)});
  if (engine.decodes_weights()) {
    variants_.push_back({Resource::kWeightDecoder, engine::doubled(engine, Resource::kWeightDecoder)});
  }
  variants_.push_back({Resource::kHost, engine::doubled(engine, Resource::kHost)});
}

WhatIf::WhatIf(const mapping::Subgraph& subgraph, const mapping::TilePlan& plan, const mapping::ArrayWork& work,
               const engine::EngineConfig& engine, const DoubledEngines& doubled)
    : work_(work) {
  alone_.fill(1);
  const mapping::SubgraphShape& shape = subgraph.shape;
  for (const DoubledEngines::Variant& variant : doubled.variants()) {
    if (shape.uses_array()) {
      if (variant.resource == Resource::kHost) continue;
      // Groups that do not share the lanes with each other are no depthwise work.
      if (variant.resource == Resource::kDepthwiseLanes && !mapping::shares_lanes(shape, engine)) continue;
      variants_.push_back({variant.resource, mapping::array_work(shape, variant.engine)});
    } else if (variant.resource != Resource::kWeightDecoder) {
      const std::int64_t elements = shape.post_elements();
      alone_[variant.resource] = mapping::post_cycles(shape, variant.engine, elements) /
                                 std::max(1.0, mapping::post_cycles(shape, engine, elements));
    }
  }
  turns_.fill(1);
  for (const Variant& variant : variants_) {
    const double groups = static_cast<double>(variant.work.groups) / static_cast<double>(work.groups);
    if (plan.streams || work.patch_pixels > 0) turns_[variant.resource] = groups;
    if (variant.resource == Resource::kDotProductArray && !work.input_follows_output) groups_ = groups;
  }
  turns_[Resource::kAccumulators] = 0.5;  // stripes are twice as long
  share_transfers(subgraph, plan, engine);
  // Patches have buffers of a fixed number, and where tiles are loaded again the room goes to larger ones.
  if (plan.streams || work.patch_pixels > 0) return;
  for (const Shares& shares : transfers_) {
    if (shares[Resource::kOnChipMemory] < 1) return;
  }
  single_ = {plan.weight_slots == 1, plan.input_slots == 1, plan.operand_slots == 1, plan.output_slots == 1};
}

void WhatIf::share_transfers(const mapping::Subgraph& subgraph, const mapping::TilePlan& plan,
                             const engine::EngineConfig& engine) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  for (Shares& shares : transfers_) {
    shares.fill(1);
    shares[Resource::kDram] = 0.5;
  }
  // What is loaded again would be half as often with tiles twice as large.
  const auto reload = [&](TransferKind kind, Bytes once) {
    const double all = static_cast<double>(moved(plan, kind));
    if (all > as_double(once)) of_kind(kind)[Resource::kOnChipMemory] = (as_double(once) / all + 1) / 2;
    return once > Bytes(0) ? all / as_double(once) : 1;
  };
  const double input_times = reload(TransferKind::kInput, shape.input_bytes());
  reload(TransferKind::kWeights, mapping::onchip_weight_bytes(shape, engine));
  if (plan.streams && !plan.cubes.empty() && plan.cubes.front().surfaces > 0) {
    // Words twice as large hold twice the channels, as far as there are so many.
    const std::int64_t surfaces = plan.cubes.front().surfaces;
    of_kind(TransferKind::kInput)[Resource::kDram] = as_double(ceil_div(surfaces, 2)) / as_double(surfaces);
  }
  for (const Variant& variant : variants_) {
    if (plan.streams && variant.resource == Resource::kDepthwiseLanes) {
      // Groups that share the lanes have zeros in their weights where others' channels are.
      const auto dense = [](const mapping::ArrayWork& of) {
        return static_cast<double>(of.groups * of.outputs_per_group * of.outputs_per_group);
      };
      Shares& weights = of_kind(TransferKind::kWeights);
      weights[Resource::kDotProductArray] = weights[Resource::kDepthwiseLanes] = dense(variant.work) / dense(work_);
    }
    if (work_.patch_pixels > 0) share_patches(shape, variant, engine);
  }
  // A patch's input is loaded anew for each group of output channels.
  if (work_.patch_pixels > 0 && !work_.input_follows_output && input_times > 1) {
    of_kind(TransferKind::kInput)[Resource::kDotProductArray] = groups_;
  }
}

// The channels of a pixel that a patch loads for a block, or stores of a group, take whole bursts.
void WhatIf::share_patches(const mapping::SubgraphShape& shape, const Variant& variant,
                           const engine::EngineConfig& engine) {
  const auto bursts = [&](std::int64_t all, std::int64_t at_once, Precision precision) {
    const std::int64_t bytes = packed_bytes(std::min(all, at_once), precision).count();
    return static_cast<double>(ceil_div(all, at_once) * ceil_div(bytes, engine.dram.burst.count()));
  };
  if (variant.resource == Resource::kDotProductArray) {
    const auto stored = [&](const mapping::ArrayWork& of) {
      return bursts(shape.out_channels, of.outputs_per_group, shape.output_precision);
    };
    of_kind(TransferKind::kStore)[variant.resource] = stored(variant.work) / stored(work_);
  } else if (variant.resource == Resource::kDotProductLanes) {
    const auto loaded = [&](const mapping::ArrayWork& of) {
      return bursts(shape.in_channels, of.block_channels, shape.input_precision);
    };
    of_kind(TransferKind::kInput)[variant.resource] = loaded(variant.work) / loaded(work_);
  }
}

const WhatIf::ByPixels& WhatIf::of(std::int64_t pixels) const {
  for (const ByPixels& known : known_) {
    if (known.pixels == pixels) return known;
  }
  ByPixels shares;
  shares.pixels = pixels;
  shares.array.fill(1);
  shares.drain.fill(1);
  const double array = array_cycles(work_, pixels), drain = drain_cycles(work_, pixels);
  for (const Variant& variant : variants_) {
    shares.array[variant.resource] = array_cycles(variant.work, pixels) / array;
    shares.drain[variant.resource] = drain_cycles(variant.work, pixels) / drain;
  }
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    shares.drain_parts[resource] = std::min(shares.drain[resource], shares.array[resource]);
  }
  known_.push_back(shares);
  return known_.back();
}

}  // namespace lanewise::sim
