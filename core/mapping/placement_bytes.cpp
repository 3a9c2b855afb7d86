// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/placement_bytes.hpp"

#include <algorithm>

namespace lanewise::mapping {

std::int64_t row_bytes(const SubgraphShape& shape) {
  const SubgraphShape::Range rows = shape.input_range(0, 0, 1);
  return shape.input_bytes().count() / (shape.batch * shape.in_height) * std::max<std::int64_t>(1, rows.size()) +
         (shape.output_bytes().count() + shape.operand_bytes().count()) / (shape.batch * shape.out_height);
}

std::int64_t streaming_banks(std::int64_t row_bytes, const engine::EngineConfig& engine) {
  const std::int64_t wanted = ceil_div(2 * row_bytes, engine.memory.bank_size.count()) + 1;
  return std::min(wanted, std::max<std::int64_t>(1, engine.memory.activation_banks / 2));
}

Bytes needed_input_bytes(const SubgraphShape& shape) {
  const std::int64_t range = shape.input_range(0, 0, shape.out_height).size();
  const bool windows = shape.uses_array() || shape.family == SubgraphFamily::kPooling;
  const std::int64_t extent = (shape.window.kernel[0] - 1) * shape.window.dilation[0] + 1;
  const std::int64_t rows = windows ? std::min(range, shape.conv_height() * extent) : range;
  return Bytes(shape.input_bytes().count() / shape.in_height * rows);
}

}  // namespace lanewise::mapping
