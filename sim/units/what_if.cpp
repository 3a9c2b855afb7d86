// SPDX-License-Identifier: Apache-2.0
#include "sim/units/what_if.hpp"

#include <algorithm>

#include "core/mapping/bounds.hpp"

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
  variants_.reserve(std::size(kComputing) + 1);
  for (const Resource resource : kComputing) variants_.push_back({resource, engine::doubled(engine, resource)});
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
    } else {
      const std::int64_t elements = shape.post_elements();
      alone_[variant.resource] = mapping::post_cycles(shape, variant.engine, elements) /
                                 std::max(1.0, mapping::post_cycles(shape, engine, elements));
    }
  }
  // Tiles twice as large are loaded again half as often.
  const auto reload = [&](TransferKind kind, Bytes once) {
    const double all = static_cast<double>(moved(plan, kind));
    if (all > as_double(once)) reloads_[static_cast<std::size_t>(kind)] = (as_double(once) / all + 1) / 2;
  };
  reload(TransferKind::kInput, shape.input_bytes());
  reload(TransferKind::kWeights, shape.weight_bytes());
  for (const Variant& variant : variants_) {
    if (variant.resource != Resource::kDotProductArray || work.input_follows_output) continue;
    groups_ = static_cast<double>(variant.work.groups) / static_cast<double>(work.groups);
  }
  if (work.patch_pixels > 0) {
    for (const Variant& variant : variants_) {
      if (variant.resource != Resource::kDotProductArray) continue;
      patches_ = static_cast<double>(variant.work.groups) / static_cast<double>(work.groups);
      const double times = static_cast<double>(moved(plan, TransferKind::kInput)) / as_double(shape.input_bytes());
      if (!work.input_follows_output && times > 1) input_by_group_ = patches_;
    }
  }
  weight_beats_.fill(1);
  input_beats_.fill(1);
  weight_beats_[Resource::kDram] = input_beats_[Resource::kDram] = 0.5;
  if (plan.streams && !plan.cubes.empty()) {
    const std::int64_t surfaces = plan.cubes.front().surfaces;
    if (surfaces > 0) input_beats_[Resource::kDram] = as_double(ceil_div(surfaces, 2)) / as_double(surfaces);
  }
  for (const Variant& variant : variants_) {
    if (!plan.streams || variant.resource != Resource::kDepthwiseLanes) continue;
    const double dense =
        static_cast<double>(variant.work.groups * variant.work.outputs_per_group * variant.work.outputs_per_group) /
        static_cast<double>(work.groups * work.outputs_per_group * work.outputs_per_group);
    weight_beats_[Resource::kDotProductArray] = weight_beats_[Resource::kDepthwiseLanes] = dense;
  }
  // Patches have buffers of a fixed number.
  if (plan.streams || work.patch_pixels > 0) return;
  if (reloads_ != decltype(reloads_){1, 1, 1, 1}) return;  // the room goes to larger tiles
  single_ = {plan.weight_slots == 1, plan.input_slots == 1, plan.operand_slots == 1, plan.output_slots == 1};
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
