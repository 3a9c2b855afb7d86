// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/pattern_graph.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::network::importing {

void PatternGraph::refresh() {
  std::vector<bool> needed(network_.values.size(), false);
  is_output_.assign(network_.values.size(), false);
  for (const ValueId output : network_.outputs) {
    needed[static_cast<std::size_t>(output)] = true;
    is_output_[static_cast<std::size_t>(output)] = true;
  }
  for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node) {
    const bool is_needed = std::any_of(node->outputs.begin(), node->outputs.end(),
                                       [&](ValueId id) { return id != kNone && needed[static_cast<std::size_t>(id)]; });
    node->removed = node->removed || !is_needed;
    if (node->removed) continue;
    for (const ValueId input : node->inputs) {
      if (input != kNone) needed[static_cast<std::size_t>(input)] = true;
    }
  }
  auto& nodes = network_.nodes;
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.removed; }), nodes.end());

  maker_.assign(network_.values.size(), kNone);
  readers_.assign(network_.values.size(), {});
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const ValueId output : nodes[i].outputs) {
      if (output != kNone) maker_[static_cast<std::size_t>(output)] = static_cast<int>(i);
    }
    for (const ValueId input : nodes[i].inputs) {
      if (input == kNone) continue;
      auto& readers = readers_[static_cast<std::size_t>(input)];
      if (readers.empty() || readers.back() != static_cast<int>(i)) readers.push_back(static_cast<int>(i));
    }
  }
}

const Node* PatternGraph::maker(ValueId value) const {
  // A value that was added since the last refresh is a constant.
  if (value == kNone || static_cast<std::size_t>(value) >= maker_.size()) return nullptr;
  const int at = maker_[static_cast<std::size_t>(value)];
  return at == kNone ? nullptr : &network_.nodes[static_cast<std::size_t>(at)];
}

const Node* PatternGraph::made_by(ValueId value, const char* type) const {
  const Node* node = maker(value);
  return node != nullptr && node->type == type ? node : nullptr;
}

Node* PatternGraph::sole_reader(ValueId value) const {
  const auto at = static_cast<std::size_t>(value);
  if (value == kNone || at >= readers_.size()) return nullptr;
  if (readers_[at].size() != 1 || is_output_[at]) return nullptr;
  return &network_.nodes[static_cast<std::size_t>(readers_[at][0])];
}

std::optional<double> PatternGraph::scalar(ValueId value) const {
  const Constant* constant = network_.constant(value);
  if (constant == nullptr || constant->size() != 1) return std::nullopt;
  return constant->as_real(0);
}

std::optional<std::pair<ValueId, double>> PatternGraph::with_scalar(const Node& node) const {
  if (node.inputs.size() != 2 || node.inputs[0] == kNone || node.inputs[1] == kNone) return std::nullopt;
  for (const std::size_t i : {1U, 0U}) {
    const std::optional<double> number = scalar(node.inputs[i]);
    if (number && !network_.is_weight(node.inputs[1 - i])) return std::make_pair(node.inputs[1 - i], *number);
  }
  return std::nullopt;
}

bool PatternGraph::is_near(ValueId value, double number) const {
  const std::optional<double> held = scalar(value);
  return held && std::fabs(*held - number) <= 1e-3 * std::max(1.0, std::fabs(number));
}

onnx::NodeProto& PatternGraph::rewrite(Node& node, const char* type, std::vector<ValueId> inputs) {
  network_.protos.emplace_back();
  network_.protos.back().set_op_type(type);
  node.proto = &network_.protos.back();
  node.type = type;
  node.inputs = std::move(inputs);
  return network_.protos.back();
}

bool PatternGraph::replace(Node& node, const char* type, std::vector<ValueId> inputs,
                           const std::vector<onnx::AttributeProto>& attributes) {
  if (network_.value(node.outputs[0]).shape != network_.value(inputs[0]).shape || network_.is_weight(inputs[0])) {
    return false;
  }
  onnx::NodeProto& proto = rewrite(node, type, std::move(inputs));
  for (const onnx::AttributeProto& attribute : attributes) *proto.add_attribute() = attribute;
  return true;
}

}  // namespace lanewise::network::importing
