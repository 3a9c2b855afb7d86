// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/file.hpp"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/network/formats.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/scale_sim/topology.hpp"
#include "core/network/tflite/import.hpp"

namespace lanewise::network::importing {

namespace {

// An empty name stands for an input that is left out; whatever is stored, given or asked for needs one.
void require_names(const std::string& path, const onnx::GraphProto& graph) {
  const auto require = [&](const std::string& name, const char* what, int number) {
    if (name.empty()) throw Error(fmt::format("{}: {} {} has no name", path, what, number));
  };
  for (int i = 0; i < graph.initializer_size(); ++i) require(graph.initializer(i).name(), "stored tensor", i);
  for (int i = 0; i < graph.sparse_initializer_size(); ++i) {
    require(graph.sparse_initializer(i).values().name(), "sparse tensor", i);
  }
  for (int i = 0; i < graph.input_size(); ++i) require(graph.input(i).name(), "input", i);
  for (int i = 0; i < graph.output_size(); ++i) require(graph.output(i).name(), "output", i);
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto& outputs = graph.node(i).output();
    const bool writes =
        std::any_of(outputs.begin(), outputs.end(), [](const std::string& name) { return !name.empty(); });
    if (!writes) throw Error(fmt::format("{}: node {} ({}) writes nothing", path, i, graph.node(i).op_type()));
  }
}

bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

// What reads the formats that are taken in as ONNX's operators.
struct ModelReader {
  const char* format;  // as its row of the table of formats is named
  onnx::ModelProto (*read)(const std::string& path);
};

const std::vector<ModelReader>& model_readers() {
  static const std::vector<ModelReader> table = {
      {"TFLite", tflite::read_model},
      {"SCALE-Sim topology", scale_sim::read_model},
  };
  return table;
}

}  // namespace

int checked_opset(std::int64_t version) {
  constexpr int kBeyondAll = 1000;
  return version < 0 || version > kBeyondAll ? kBeyondAll : static_cast<int>(version);
}

int opset(const onnx::ModelProto& model) {
  int version = 0;
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    if (!is_default_domain(import.domain())) continue;
    version = checked_opset(import.version());
  }
  return version;
}

bool has_stripped_weights(const onnx::ModelProto& model) {
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == "weights" && entry.value() == "stripped:inputs") return true;
  }
  return false;
}

namespace {

// A file of our own says which transposes stand for no movement. They are named, since a checker refuses an attribute
// that ONNX does not have.
void mark_layout_nodes(onnx::ModelProto& model) {
  std::set<std::string> names;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() != kLayoutNodes) continue;
    std::istringstream lines(entry.value());
    for (std::string line; std::getline(lines, line);) names.insert(line);
  }
  if (names.empty()) return;
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    if (node.op_type() != "Transpose" || names.count(node.name()) == 0) continue;
    if (find_attribute(node, kMovesNothing) == nullptr)
      *node.add_attribute() = attribute(kMovesNothing, std::int64_t{1});
  }
}

onnx::ModelProto read_onnx_file(const std::string& path) {
  require_input(path, kLargestNetwork, "an ONNX file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened for reading");
  if (file.peek() == std::ifstream::traits_type::eof()) throw Error(path + ": is empty");

  onnx::ModelProto model;
  // protobuf reports malformed input on stderr, where our own line is to stand alone.
  const google::protobuf::LogSilencer silence;
  if (!model.ParseFromIstream(&file) || !model.has_graph()) {
    throw Error(path + ": is not a complete ONNX model (truncated, or another format)");
  }
  const int version = opset(model);
  if (version == 0)
    throw Error(fmt::format("{}: imports no version of the ONNX operator set; {} to {} are supported", path,
                            kOldestOpset, kNewestOpset));
  if (version < kOldestOpset || version > kNewestOpset) {
    throw Error(
        fmt::format("{}: operator set {} is not supported; {} to {} are", path, version, kOldestOpset, kNewestOpset));
  }
  if (model.graph().node_size() == 0) throw Error(path + ": has no operators");
  if (model.graph().output_size() == 0) throw Error(path + ": has no outputs");
  require_names(path, model.graph());
  mark_layout_nodes(model);
  return model;
}

}  // namespace

onnx::ModelProto read_file(const std::string& path) {
  const Format& format = format_of(path);
  for (const ModelReader& reader : model_readers()) {
    if (format.name == reader.format) return reader.read(path);
  }
  return read_onnx_file(path);
}

}  // namespace lanewise::network::importing
