// SPDX-License-Identifier: Apache-2.0
// Normalizations that came to the operator set after the ones that the converter knows.
#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

// x * tanh(softplus(x)).
bool lower_mish(Lowering& l) {
  l.set_result(0, l.emit("Mul", {l.input(0), l.emit("Tanh", {l.emit("Softplus", {l.input(0)})})}));
  return true;
}

}  // namespace

const std::vector<LoweringRow>& normalization_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "Mish", lower_mish},
  };
  return rows;
}

}  // namespace lanewise::network::importing
