// SPDX-License-Identifier: Apache-2.0
// A network with the maker and the readers of each value, for finding patterns in it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

class PatternGraph {
 public:
  explicit PatternGraph(Network& network) : network_(network) { refresh(); }

  Network& network() { return network_; }
  const Network& network() const { return network_; }
  // Removes what no output depends on, and finds makers and readers anew.
  void refresh();

  // The node that makes the value; null for graph inputs and constants.
  const Node* maker(ValueId value) const;
  // The node of this type that makes the value; null when another or none does.
  const Node* made_by(ValueId value, const char* type) const;
  // The only reader of a value that is no output of the network; null otherwise.
  Node* sole_reader(ValueId value) const;
  // The number that a one-element constant holds.
  std::optional<double> scalar(ValueId value) const;
  // For a node of two inputs, one of them a number: the other input, and the number.
  std::optional<std::pair<ValueId, double>> with_scalar(const Node& node) const;
  bool is_near(ValueId value, double number) const;

  // Gives a node another type and inputs; its attributes are those added to the node returned.
  onnx::NodeProto& rewrite(Node& node, const char* type, std::vector<ValueId> inputs);
  // The same where the node's output is as large as that of its new first input; nothing happens, and the answer is
  // false, where it is not.
  bool replace(Node& node, const char* type, std::vector<ValueId> inputs,
               const std::vector<onnx::AttributeProto>& attributes = {});

 private:
  Network& network_;
  std::vector<int> maker_;                 // node of each value, kNone without
  std::vector<std::vector<int>> readers_;  // nodes of each value
  std::vector<bool> is_output_;
};

}  // namespace lanewise::network::importing
