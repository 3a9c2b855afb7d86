// SPDX-License-Identifier: Apache-2.0
// What operator sets before 7 wrote otherwise.
#include <fmt/format.h>

#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

// The second operand began at an axis of the first; since then it ends where the first one ends.
bool align_second(Lowering& lowering) {
  const onnx::NodeProto& node = lowering.proto();
  constexpr int kSince = 7;
  const bool is_prelu = node.op_type() == "PRelu";
  if (lowering.opset() >= kSince || !lowering.has(0) || !lowering.has(1)) return false;
  if (integer(node, "broadcast", 0) == 0 && !is_prelu) return false;
  const auto rank = static_cast<std::int64_t>(lowering.shape(0).size());
  const auto own = static_cast<std::int64_t>(lowering.shape(1).size());
  // A slope was one for each channel.
  std::int64_t axis = integer(node, "axis", is_prelu && own == 1 && rank > 1 ? 1 : rank - own);
  if (axis < 0) axis += rank;
  if (own > rank || axis < 0 || axis > rank - own) {
    lowering.fail(fmt::format("its second operand of {} dimensions does not fit at axis {} of {}", own, axis, rank));
  }
  std::vector<std::int64_t> shape = lowering.shape(1);
  shape.resize(static_cast<std::size_t>(rank - axis), 1);
  if (is_prelu && !shape.empty() && shape[0] != 1 && shape[0] != lowering.shape(0)[static_cast<std::size_t>(axis)]) {
    lowering.fail(fmt::format("its slope of {} does not fit its input", shape[0]));
  }
  lowering.use_opset(kSince);
  const std::string operand = shape == lowering.shape(1)
                                  ? lowering.input(1)
                                  : lowering.emit("Reshape", {lowering.input(1), lowering.integers(shape)});
  lowering.set_result(0, lowering.emit(node.op_type(), {lowering.input(0), operand}));
  return true;
}

}  // namespace

const std::vector<LoweringRow>& legacy_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "Add", align_second},     {"", "And", align_second},  {"", "Div", align_second}, {"", "Equal", align_second},
      {"", "Greater", align_second}, {"", "Less", align_second}, {"", "Mul", align_second}, {"", "Or", align_second},
      {"", "PRelu", align_second},   {"", "Pow", align_second},  {"", "Sub", align_second}, {"", "Xor", align_second},
  };
  return rows;
}

}  // namespace lanewise::network::importing
