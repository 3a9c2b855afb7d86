// SPDX-License-Identifier: Apache-2.0
// An ONNX file with every shape known and every constant folded, still in ONNX's operators.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/network/onnx/constant.hpp"
#include "core/network/onnx/external_constant.hpp"
#include "core/network/operator.hpp"

namespace lanewise::network::importing {

using ValueId = int;  // kNone where a node's optional input is absent

// A tensor. An operator that only quantises, converts or renames has no value of its own: its output is its input's.
struct Value {
  std::string name;
  Shape shape;
  TensorRole role = TensorRole::kActivation;
  std::optional<Precision> precision;          // set where the file is quantised
  std::shared_ptr<const Constant> constant;    // small weights whose values the file holds
  std::shared_ptr<ExternalConstant> external;  // small weights whose values lie in a file beside it
  std::vector<ValueId> sources;                // weights: the file's own weights that it was folded from, ascending
};

struct Node {
  std::string name;         // unique
  std::string type;         // of the default domain, also where the file used a quantised or vendor's variant
  std::string source_type;  // as in the file
  int opset = 0;            // of the default domain, where the node stands
  const onnx::NodeProto* proto = nullptr;  // attributes
  std::vector<ValueId> inputs, outputs;
  bool removed = false;
};

struct Network {
  std::string path;
  int opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;  // in topological order
  std::vector<ValueId> inputs, outputs;
  std::vector<std::string> output_names;  // as the file declares them
  std::deque<onnx::NodeProto> protos;     // owned by this network

  Value& value(ValueId id) { return values[static_cast<std::size_t>(id)]; }
  const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }
  // The numbers of a small constant, read from its external file where they lie in one and are asked for first; null
  // where they are not known.
  const Constant* constant(ValueId id) const;
  bool is_weight(ValueId id) const { return id != kNone && value(id).role == TensorRole::kWeight; }
};

// "PATH: node 'NAME' (TYPE): message"
[[noreturn]] void fail(const std::string& path, const std::string& node, const std::string& type,
                       const std::string& message);
[[noreturn]] void fail(const Network& network, const Node& node, const std::string& message);

// Numbers that an operator takes as an attribute in older operator sets and as a constant input in newer ones; nothing
// where it has neither. Throws Error where the input is not constant.
std::optional<std::vector<std::int64_t>> integers_argument(const Network& network, const Node& node,
                                                           const char* attribute, std::size_t input);

// The axis counted from the front. Throws Error where it is outside a tensor of `rank` dimensions.
std::int64_t positive_axis(const Network& network, const Node& node, std::int64_t axis, std::size_t rank);

}  // namespace lanewise::network::importing
