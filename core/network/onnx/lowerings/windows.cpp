// SPDX-License-Identifier: Apache-2.0
// Convolutions and poolings of a vendor's domain: fused with an activation or a sum, or with channels last.
#include <algorithm>
#include <set>

#include "core/network/onnx/lowerings/fused_activation.hpp"
#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

// What is left of a fused operator's attributes for the window's own operator.
Lowering::Attributes window_attributes(const onnx::NodeProto& node) {
  static const std::set<std::string> others = {"activation", "activation_params", "channels_last"};
  Lowering::Attributes attributes;
  for (const onnx::AttributeProto& given : node.attribute()) {
    if (others.count(given.name()) == 0) attributes.push_back(given);
  }
  return attributes;
}

// [N, H, W, C] to [N, C, H, W] or back.
std::string turned(Lowering& l, const std::string& name, std::size_t rank, bool to_channels_last) {
  if (rank < 3) l.fail("does not have an input of at least 3 dimensions");
  std::vector<std::int64_t> permutation{0};
  if (!to_channels_last) permutation.push_back(static_cast<std::int64_t>(rank) - 1);
  for (std::size_t i = to_channels_last ? 2 : 1; i < rank - (to_channels_last ? 0 : 1); ++i) {
    permutation.push_back(static_cast<std::int64_t>(i));
  }
  if (to_channels_last) permutation.push_back(1);
  return l.emit("Transpose", {name}, {attribute("perm", permutation)});
}

// Whether the weight has its channels last too, which only its sizes say.
bool has_turned_weight(const Lowering& l, std::size_t weight) {
  const Shape& shape = l.shape(weight);
  const Shape& input = l.shape(0);
  if (shape.size() != input.size() || shape.size() < 3) return false;
  const std::int64_t group = integer(l.proto(), "group", 1);
  if (group < 1) return false;
  const std::int64_t channels = input.back() / group;
  return shape.back() == channels && shape[1] != channels;
}

// The window's operator on these inputs, with its activation and sum behind it.
bool lower_window(Lowering& l, const char* type, const std::vector<std::size_t>& inputs, bool channels_last,
                  std::size_t sum) {
  const std::size_t rank = l.shape(0).size();
  Lowering::Names names;
  for (const std::size_t i : inputs) {
    if (l.has(i)) names.push_back(l.input(i));
  }
  if (channels_last) names[0] = turned(l, l.input(0), rank, false);
  if (channels_last && std::string(type) == "Conv" && has_turned_weight(l, inputs[1])) {
    names[1] = turned(l, l.input(inputs[1]), rank, false);
  }
  std::string result = l.emit(type, names, window_attributes(l.proto()));
  if (sum > 0 && l.has(sum)) {
    result = l.emit("Add", {result, channels_last ? turned(l, l.input(sum), rank, false) : l.input(sum)});
  }
  const std::string activation = text(l.proto(), "activation", "");
  if (!activation.empty()) {
    Writer w(l);
    result = fused_activation(w, {result, {}}, activation).name;
  }
  l.set_result(0, channels_last ? turned(l, result, rank, true) : result);
  return true;
}

bool is_channels_last(const Lowering& l) { return integer(l.proto(), "channels_last", 0) != 0; }

bool lower_fused_conv(Lowering& l) { return lower_window(l, "Conv", {0, 1, 2}, false, 3); }
bool lower_nhwc_conv(Lowering& l) { return lower_window(l, "Conv", {0, 1, 2}, true, 3); }
bool lower_nhwc_max_pool(Lowering& l) { return lower_window(l, "MaxPool", {0}, true, 0); }
bool lower_max_pool_with_mask(Lowering& l) { return lower_window(l, "MaxPool", {0}, false, 0); }
bool lower_qlinear_conv(Lowering& l) { return is_channels_last(l) && lower_window(l, "Conv", {0, 3, 8}, true, 0); }
bool lower_qlinear_average_pool(Lowering& l) {
  return is_channels_last(l) && lower_window(l, "AveragePool", {0}, true, 0);
}
bool lower_qlinear_global_average_pool(Lowering& l) {
  return is_channels_last(l) && lower_window(l, "GlobalAveragePool", {0}, true, 0);
}

}  // namespace

Tensor fused_activation(Writer& w, const Tensor& x, const std::string& name) {
  static const std::set<std::string> functions = {"Clip", "Elu",     "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu",
                                                  "Relu", "Sigmoid", "Silu", "Softplus",    "Tanh",      "Softsign"};
  if (name == "FastGelu" || name == "QuickGelu" || name == "Gelu") return w.stated("Gelu", {x}, x.shape);
  if (functions.count(name) == 0) w.lowering().fail("names an activation '" + name + "' that is not supported");
  const onnx::NodeProto& node = w.lowering().proto();
  Lowering::Attributes attributes;
  std::vector<float> values;
  if (const onnx::AttributeProto* given = find_attribute(node, "activation_params")) {
    values.assign(given->floats().begin(), given->floats().end());
  }
  const std::vector<const char*> names = name == "Clip"          ? std::vector<const char*>{"min", "max"}
                                         : name == "HardSigmoid" ? std::vector<const char*>{"alpha", "beta"}
                                                                 : std::vector<const char*>{"alpha"};
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
    attributes.push_back(attribute(names[i], static_cast<double>(values[i])));
  }
  // The bounds of a clip are attributes of its oldest form alone, which the converter reads as well.
  return {w.lowering().emit(name, {x.name}, attributes), x.shape};
}

const std::vector<LoweringRow>& window_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {kMicrosoft, "FusedConv", lower_fused_conv},
      {kMicrosoft, "MaxpoolWithMask", lower_max_pool_with_mask},
      {kMicrosoft, "NhwcConv", lower_nhwc_conv},
      {kMicrosoft, "NhwcFusedConv", lower_nhwc_conv},
      {kMicrosoft, "NhwcMaxPool", lower_nhwc_max_pool},
      {kMicrosoft, "QLinearAveragePool", lower_qlinear_average_pool},
      {kMicrosoft, "QLinearConv", lower_qlinear_conv},
      {kMicrosoft, "QLinearGlobalAveragePool", lower_qlinear_global_average_pool},
  };
  return rows;
}

}  // namespace lanewise::network::importing
