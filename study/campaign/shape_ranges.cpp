// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/shape_ranges.hpp"

#include <algorithm>
#include <cmath>

#include "study/campaign/synthetic_subgraph.hpp"

namespace lanewise::study {
namespace {

using mapping::SubgraphFamily;
using mapping::SubgraphShape;

std::int64_t draw(const SizeRange& range, Random& random) {
  const double low = std::log(static_cast<double>(range.low));
  const double high = std::log(static_cast<double>(range.high) + 1);
  const auto value = static_cast<std::int64_t>(std::exp(low + random.unit() * (high - low)));
  return std::clamp(value, range.low, range.high);
}

void set_window(SubgraphShape& shape, std::int64_t kernel, std::int64_t stride) {
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    shape.window.kernel[axis] = kernel;
    shape.window.stride[axis] = stride;
    shape.window.pad_begin[axis] = (kernel - 1) / 2;
    shape.window.pad_end[axis] = kernel / 2;
  }
}

std::int64_t whole_groups(std::int64_t channels, std::int64_t groups) { return ceil_div(channels, groups) * groups; }

}  // namespace

std::optional<mapping::Subgraph> draw_subgraph(const ShapeRanges& ranges, const engine::EngineConfig& engine,
                                               Random& random) {
  mapping::Subgraph subgraph;
  SubgraphShape& shape = subgraph.shape;
  shape.family = ranges.family;
  shape.in_channels = draw(ranges.in_channels, random);
  shape.out_channels = draw(ranges.out_channels, random);
  shape.in_height = draw(ranges.height, random);
  shape.in_width = ranges.width ? draw(*ranges.width, random) : shape.in_height;
  shape.groups = random.pick(ranges.groups);
  shape.input_precision = shape.weight_precision = shape.output_precision = random.pick(ranges.precision);
  set_window(shape, random.pick(ranges.kernel), random.pick(ranges.stride));
  shape.bias = shape.uses_array() && shape.family != SubgraphFamily::kMatMul;
  switch (shape.family) {
    case SubgraphFamily::kGrouped:
      shape.in_channels = whole_groups(shape.in_channels, shape.groups);
      shape.out_channels = whole_groups(shape.out_channels, shape.groups);
      break;
    case SubgraphFamily::kDepthwise:
      shape.out_channels = shape.groups = shape.in_channels;
      break;
    case SubgraphFamily::kMatMul:
      shape.in_channels *= shape.groups;
      shape.out_channels *= shape.groups;
      shape.in_width = 1;
      break;
    case SubgraphFamily::kFullyConnected:
      shape.in_width = 1;
      break;
    case SubgraphFamily::kElementwise:
      shape.operand = mapping::FusedOperand::kTensor;
      shape.out_channels = shape.in_channels;
      break;
    case SubgraphFamily::kPooling:
    case SubgraphFamily::kNormalization:
      shape.out_channels = shape.in_channels;
      break;
    default:
      break;
  }
  if (shape.family == SubgraphFamily::kGrouped && shape.groups >= shape.in_channels) return std::nullopt;
  shape.out_height = shape.in_height;
  shape.out_width = shape.in_width;
  if (!resize_map(shape, 0, shape.in_height) || !resize_map(shape, 1, shape.in_width)) return std::nullopt;
  draw_context(subgraph, engine, random);
  if (!is_worth_measuring(subgraph, engine)) return std::nullopt;
  return subgraph;
}

}  // namespace lanewise::study
