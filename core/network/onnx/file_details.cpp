// SPDX-License-Identifier: Apache-2.0
#include "core/network/file_details.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/export_source.hpp"
#include "core/network/onnx/weight_numbers.hpp"

namespace lanewise::network {

namespace {

using importing::Constant;
using importing::Network;
using importing::Node;

void take_attributes(const onnx::NodeProto& node, OperatorDetails& details) {
  for (const onnx::AttributeProto& given : node.attribute()) {
    switch (given.type()) {
      case onnx::AttributeProto::FLOAT:
        details.numbers[given.name()] = static_cast<double>(given.f());
        break;
      case onnx::AttributeProto::INT:
        details.numbers[given.name()] = static_cast<double>(given.i());
        break;
      case onnx::AttributeProto::STRING:
        details.texts[given.name()] = given.s();
        break;
      case onnx::AttributeProto::FLOATS:
        details.lists[given.name()].assign(given.floats().begin(), given.floats().end());
        break;
      case onnx::AttributeProto::INTS:
        details.lists[given.name()].assign(given.ints().begin(), given.ints().end());
        break;
      default:
        break;
    }
  }
}

// Inputs of a file's node that say how it works.
class Arguments {
 public:
  Arguments(const Network& network, const Node& node, OperatorDetails& details)
      : network_(network), node_(node), details_(details) {}

  void take() {
    const std::string& type = node_.type;
    constexpr int kScalesThird = 11;  // Resize's operator set whose third input they are
    if (type == "Clip") {
      number("min", 1);
      number("max", 2);
    } else if (type == "Pad") {
      number("value", 2);
    } else if (type == "Gather") {
      list("indices", 1);
    } else if (type == "Resize" || type == "Upsample") {
      const bool old = type == "Upsample" || node_.opset < kScalesThird;
      if (old) {
        details_.texts["coordinate_transformation_mode"] = "asymmetric";
        details_.texts["nearest_mode"] = "floor";
      }
      if (!has(3)) list("scales", old ? 1 : 2);
    } else if (type == "AveragePool" && importing::text(*node_.proto, "auto_pad", "NOTSET") != "SAME_UPPER" &&
               importing::text(*node_.proto, "auto_pad", "NOTSET") != "SAME_LOWER") {
      details_.lists.emplace("pads", std::vector<double>(4, 0.0));  // none, unless the file has some
    }
  }

 private:
  const Network& network_;
  const Node& node_;
  OperatorDetails& details_;

  bool has(std::size_t n) const { return n < node_.inputs.size() && node_.inputs[n] != kNone; }

  void number(const char* name, std::size_t n) {
    if (!has(n)) return;
    const Constant* constant = network_.constant(node_.inputs[n]);
    const bool known = constant != nullptr && constant->size() == 1;
    details_.numbers[name] = known ? constant->as_real(0) : std::nan("");
  }

  void list(const char* name, std::size_t n) {
    const Constant* constant = has(n) ? network_.constant(node_.inputs[n]) : nullptr;
    if (constant == nullptr) return;
    std::vector<double>& values = details_.lists[name];
    values.clear();
    for (std::size_t i = 0; i < constant->size(); ++i) values.push_back(constant->as_real(i));
  }
};

OperatorDetails describe(const Network& network, const Node& node) {
  OperatorDetails details;
  details.type = node.type;
  take_attributes(*node.proto, details);
  Arguments(network, node, details).take();
  for (const importing::ValueId id : node.inputs) {
    if (id == kNone || importing::element_count(network.value(id).shape) == 0) continue;
    details.operands.push_back(network.is_weight(id));
  }
  return details;
}

// By weight: whether fully connected layers alone read it.
std::vector<bool> find_matrices(const Graph& graph) {
  std::vector<bool> is_matrix(graph.tensors().size(), true);
  for (const Operator& op : graph.operators()) {
    for (std::size_t i = 0; i < op.weights.size(); ++i) {
      if (op.kind != OperatorKind::kFullyConnected || i > 0) is_matrix[static_cast<std::size_t>(op.weights[i])] = false;
    }
    for (const TensorId input : op.inputs) is_matrix[static_cast<std::size_t>(input)] = false;
  }
  for (std::size_t id = 0; id < is_matrix.size(); ++id) {
    is_matrix[id] = is_matrix[id] && graph.tensors()[id].shape.size() == 2;
  }
  return is_matrix;
}

void read_numbers(const Graph& graph, exporting::Source& source, FileDetails& details) {
  importing::WeightNumbers weights(source);
  const std::vector<bool> is_matrix = find_matrices(graph);
  std::set<std::string> counted;  // stored tensors whose trained numbers some weight stands for
  for (std::size_t id = 0; id < graph.tensors().size(); ++id) {
    const Tensor& tensor = graph.tensors()[id];
    if (tensor.role != TensorRole::kWeight || graph.consumers(static_cast<TensorId>(id)).empty()) continue;
    const bool trained = tensor.parameters() > 0;
    if (trained && source.is_stripped()) continue;
    std::optional<importing::WeightNumbers::Read> read = weights.read(tensor, is_matrix[id]);
    // What is left of trained numbers that another weight counts is no constant.
    const bool shared = read && !trained &&
                        std::any_of(read->stored.begin(), read->stored.end(),
                                    [&](const auto& name) { return counted.count(name) > 0; });
    const bool folded = trained && tensor.parameters() != tensor.elements();
    const bool maps = read && read->stored.size() >= 1 && !read->places.empty() &&
                      *std::max_element(read->places.begin(), read->places.end()) < tensor.parameters();
    if (!read || shared || (folded && !maps)) {
      details.not_read.push_back(tensor.name);
      continue;
    }
    if (trained) counted.insert(read->stored.begin(), read->stored.end());
    if (folded) details.sources[tensor.name] = std::move(read->places);
    details.numbers[tensor.name] = std::move(read->numbers);
  }
}

}  // namespace

FileDetails read_file_details(const Graph& graph, const std::string& path, const ImportOptions& read_as) {
  exporting::Source source(path, read_as);
  FileDetails details;
  std::map<std::string, const Node*> nodes;
  for (const Node& node : source.canonical().nodes) {
    if (!node.removed) nodes.emplace(node.name, &node);
  }
  for (const Operator& op : graph.operators()) {
    const auto found = nodes.find(op.name);
    if (found == nodes.end() || found->second->source_type != op.source_type) continue;
    details.operators[op.name] = describe(source.canonical(), *found->second);
  }
  read_numbers(graph, source, details);
  return details;
}

}  // namespace lanewise::network
