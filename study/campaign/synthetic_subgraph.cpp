// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/synthetic_subgraph.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/mapping/refusal.hpp"

namespace lanewise::study {
namespace {

using mapping::SubgraphFamily;
using mapping::SubgraphShape;

// A 4K image in float has 100 MiB; what is larger only takes long.
constexpr Bytes kLargestTensor{std::int64_t{128} << 20};

std::int64_t banks(Bytes bytes, const engine::EngineConfig& engine) {
  return ceil_div(bytes.count(), engine.memory.bank_size.count());
}

std::int64_t extent(const network::Window& window, int axis) {
  return (window.kernel[axis] - 1) * window.dilation[axis] + 1;
}

// Outputs of a window over `inputs`; 0 or less where it finds no room.
std::int64_t outputs_of(const network::Window& window, int axis, std::int64_t inputs) {
  const std::int64_t room = inputs + window.pad_begin[axis] + window.pad_end[axis] - extent(window, axis);
  return room < 0 ? 0 : room / window.stride[axis] + 1;
}

std::int64_t inputs_for(const network::Window& window, int axis, std::int64_t outputs) {
  return (outputs - 1) * window.stride[axis] + extent(window, axis) - window.pad_begin[axis] - window.pad_end[axis];
}

bool has_window(const SubgraphShape& shape) {
  return shape.family == SubgraphFamily::kConvolution || shape.family == SubgraphFamily::kGrouped ||
         shape.family == SubgraphFamily::kDepthwise || shape.family == SubgraphFamily::kPooling;
}

}  // namespace

std::int64_t banks_of_own(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::SubgraphContext& context = subgraph.context;
  std::int64_t sum = 0;
  if (context.input_on_chip) sum += banks(subgraph.shape.input_bytes(), engine);
  if (context.operand_on_chip) sum += banks(subgraph.shape.operand_bytes(), engine);
  if (context.output_on_chip) sum += banks(subgraph.shape.output_bytes(), engine);
  return sum;
}

void draw_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, Random& random) {
  subgraph.context = {};
  if (!engine.keeps_activations() || subgraph.shape.family == SubgraphFamily::kHost || random.chance(0.5)) return;
  subgraph.context.input_on_chip = random.chance(0.5);
  subgraph.context.output_on_chip = random.chance(0.5);
  subgraph.context.operand_on_chip = subgraph.shape.operand == mapping::FusedOperand::kTensor && random.chance(0.5);
  const std::int64_t own = banks_of_own(subgraph, engine);
  // The subgraph needs room of its own to work in.
  const std::int64_t most = engine.memory.activation_banks - 1;
  if (own > most) {
    subgraph.context = {};
    return;
  }
  subgraph.context.resident_banks = random.chance(0.5) ? own : random.between(own, most);
}

void refit_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, std::int64_t before) {
  subgraph.context.resident_banks += banks_of_own(subgraph, engine) - before;
  subgraph.context.resident_weight_banks = 0;  // of weights that another shape does not have
  subgraph.context.weights_on_chip = false;
  if (subgraph.context.resident_banks >= engine.memory.activation_banks) subgraph.context = {};
}

bool resize_map(SubgraphShape& shape, int axis, std::int64_t inputs) {
  std::int64_t& in = axis == 0 ? shape.in_height : shape.in_width;
  std::int64_t& out = axis == 0 ? shape.out_height : shape.out_width;
  if (inputs < 1) return false;
  if (!has_window(shape)) {
    if (in != out) return false;
    in = out = inputs;
    return true;
  }
  std::int64_t outputs = outputs_of(shape.window, axis, inputs);
  if (shape.pooled) {
    const std::int64_t pooled = outputs < 1 ? 0 : outputs_of(shape.pool, axis, outputs);
    if (pooled < 1) return false;
    // A fused pooling leaves no row of the convolution unread.
    outputs = inputs_for(shape.pool, axis, pooled);
    inputs = inputs_for(shape.window, axis, outputs);
    if (outputs < 1 || inputs < 1) return false;
    out = pooled;
  } else {
    if (outputs < 1) return false;
    out = outputs;
  }
  in = inputs;
  return true;
}

bool is_worth_measuring(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& shape = subgraph.shape;
  if (std::max({shape.input_bytes(), shape.output_bytes(), shape.weight_bytes()}) > kLargestTensor) return false;
  if (shape.uses_array() && engine.array.precision_rate[static_cast<std::size_t>(shape.input_precision)] <= 0) {
    return false;
  }
  // What planners refuse, without planning: of a million rows that would take the better part of a minute.
  return mapping::refusal_of(subgraph, engine).empty();
}

}  // namespace lanewise::study
