// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/network.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

void fail(const std::string& path, const std::string& node, const std::string& type, const std::string& message) {
  throw Error(fmt::format("{}: node '{}' ({}): {}", path, node, type, message));
}

void fail(const Network& network, const Node& node, const std::string& message) {
  // What the message misses may stand in a file that could not be read.
  for (const ValueId id : node.inputs) {
    if (id == kNone || !network.value(id).external || network.value(id).external->failure().empty()) continue;
    const Value& value = network.value(id);
    fail(network.path, node.name, node.source_type,
         fmt::format("{}; the numbers of '{}' {}", message, value.name, value.external->failure()));
  }
  fail(network.path, node.name, node.source_type, message);
}

const Constant* Network::constant(ValueId id) const {
  if (id == kNone) return nullptr;
  const Value& asked = value(id);
  return asked.external ? asked.external->read() : asked.constant.get();
}

std::optional<std::vector<std::int64_t>> integers_argument(const Network& network, const Node& node,
                                                           const char* attribute, std::size_t input) {
  if (find_attribute(*node.proto, attribute) != nullptr) return integers(*node.proto, attribute);
  if (input >= node.inputs.size() || node.inputs[input] == kNone) return std::nullopt;
  const Constant* constant = network.constant(node.inputs[input]);
  if (constant == nullptr) {
    fail(network, node,
         fmt::format("'{}' is '{}', which is not a constant", attribute, network.value(node.inputs[input]).name));
  }
  return constant->all_whole();
}

std::int64_t positive_axis(const Network& network, const Node& node, std::int64_t axis, std::size_t rank) {
  const auto dimensions = static_cast<std::int64_t>(rank);
  if (axis < -dimensions || axis >= dimensions) {
    fail(network, node, fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
  }
  return axis < 0 ? axis + dimensions : axis;
}

}  // namespace lanewise::network::importing
