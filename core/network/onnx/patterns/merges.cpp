// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

class Merges {
 public:
  explicit Merges(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Pad") merge_pad(node);
    }
    graph_.refresh();
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Conv" || node.type == "ConvTranspose" || node.type == "MatMul") merge_bias(node);
    }
    graph_.refresh();
  }

 private:
  PatternGraph& graph_;
  std::map<ValueId, ValueId> vectors_;  // a constant of one channel axis -> the same as a vector

  // The same numbers with one dimension; one value however many operators add it.
  ValueId as_vector(ValueId operand, std::int64_t channels) {
    Network& network = graph_.network();
    if (network.value(operand).shape.size() == 1) return operand;
    const auto [entry, is_new] = vectors_.emplace(operand, static_cast<ValueId>(network.values.size()));
    if (is_new) {
      Value vector = network.value(operand);
      vector.shape = {channels};
      vector.constant = nullptr;
      vector.external = nullptr;
      network.values.push_back(std::move(vector));
    }
    return entry->second;
  }

  void merge_pad(Node& pad) {
    Network& network = graph_.network();
    Node* conv = graph_.sole_reader(pad.outputs[0]);
    if (conv == nullptr || conv->type != "Conv" || conv->inputs[0] != pad.outputs[0]) return;
    const std::string automatic = text(*conv->proto, "auto_pad", "NOTSET");
    const std::size_t rank = network.value(pad.inputs[0]).shape.size();
    const auto pads = integers_argument(network, pad, "pads", 1);
    const bool has_value = pad.inputs.size() > 2 && pad.inputs[2] != kNone;
    const bool pads_zeros = text(*pad.proto, "mode", "constant") == "constant" && real(*pad.proto, "value", 0) == 0 &&
                            (!has_value || graph_.scalar(pad.inputs[2]) == 0.0);
    if ((automatic != "NOTSET" && automatic != "VALID") || !pads || pads->size() != 2 * rank || rank < 3 ||
        !pads_zeros || *std::min_element(pads->begin(), pads->end()) < 0) {
      return;
    }
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, rank, rank + 1}) {
      if ((*pads)[i] != 0) return;
    }
    std::vector<std::int64_t> sums = integers(*conv->proto, "pads");
    sums.resize(2 * (rank - 2), 0);
    for (std::size_t i = 0; i + 2 < rank; ++i) {
      sums[i] += (*pads)[i + 2];
      sums[i + rank - 2] += (*pads)[rank + i + 2];
    }
    const onnx::NodeProto old = *conv->proto;
    std::vector<ValueId> inputs = conv->inputs;
    inputs[0] = pad.inputs[0];
    onnx::NodeProto& proto = graph_.rewrite(*conv, "Conv", std::move(inputs));
    for (const onnx::AttributeProto& attribute : old.attribute()) {
      if (attribute.name() != "pads" && attribute.name() != "auto_pad") *proto.add_attribute() = attribute;
    }
    onnx::AttributeProto& attribute = *proto.add_attribute();
    attribute.set_name("pads");
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : sums) attribute.add_ints(value);
  }

  void merge_bias(Node& node) {
    Network& network = graph_.network();
    if (node.inputs.size() < 2 || (node.inputs.size() > 2 && node.inputs[2] != kNone)) return;
    if (!network.is_weight(node.inputs[1]) || network.is_weight(node.inputs[0])) return;
    const bool is_matrix = node.type == "MatMul";
    if (is_matrix && network.value(node.inputs[1]).shape.size() != 2) return;
    Node* add = graph_.sole_reader(node.outputs[0]);
    if (add == nullptr || add->type != "Add" || add->inputs.size() != 2) return;
    const ValueId operand = add->inputs[add->inputs[0] == node.outputs[0] ? 1 : 0];
    const Shape output = network.value(node.outputs[0]).shape;
    if (!network.is_weight(operand) || network.value(add->outputs[0]).shape != output || output.size() < 2) return;
    // Broadcast from the right, every axis of the operand is 1 but the one of the channels.
    const Value bias = network.value(operand);
    const std::size_t channel_axis = is_matrix ? output.size() - 1 : 1;
    if (bias.shape.size() > output.size() || bias.shape.size() + channel_axis < output.size()) return;
    const std::size_t ahead = output.size() - bias.shape.size();
    for (std::size_t i = 0; i < bias.shape.size(); ++i) {
      if (bias.shape[i] != (i + ahead == channel_axis ? output[channel_axis] : 1)) return;
    }
    node.inputs.resize(3, kNone);
    node.inputs[2] = as_vector(operand, output[channel_axis]);
    node.outputs[0] = add->outputs[0];
    add->removed = true;
  }
};

}  // namespace

void merge_into_layers(PatternGraph& graph) { Merges(graph).run(); }

}  // namespace lanewise::network::importing
