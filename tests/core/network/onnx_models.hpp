// SPDX-License-Identifier: Apache-2.0
// The ONNX library's own test models, as Debian's package libonnx-testdata installs them: a folder each, with a file of
// one operator or a small network and the tensors that a run of it gives.
#pragma once

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::network::testing {

inline const std::filesystem::path kOnnxModels = "/usr/share/libonnx-testdata/data";

// What became of one model.
struct ModelResult {
  std::string name;                 // of its folder
  std::set<std::string> operators;  // types, domains but the default one in front
  bool is_imported = false;
  std::string refusal;                  // the line, without the file's name
  std::size_t compared = 0;             // outputs whose shape the reference gives and the network has
  std::vector<std::string> mismatches;  // "y: [2, 3], reference [3, 2]"
  std::string failure;                  // what is no Error of ours
};

namespace models {

using Shape = std::vector<std::int64_t>;

inline std::string text(const Shape& shape) {
  std::string result = "[";
  for (const std::int64_t size : shape) result += (result.size() > 1 ? ", " : "") + std::to_string(size);
  return result + "]";
}

template <class Message>
bool read(const std::filesystem::path& path, Message& message) {
  std::ifstream file(path, std::ios::binary);
  return file && message.ParseFromIstream(&file);
}

inline void collect(const onnx::GraphProto& graph, std::set<std::string>& types) {
  for (const onnx::NodeProto& node : graph.node()) {
    types.insert(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) collect(attribute.g(), types);
    }
  }
}

// What the stored inputs say about sizes that the file leaves open.
inline ImportOptions options_for(const onnx::GraphProto& graph, const std::filesystem::path& data) {
  ImportOptions options;
  for (int i = 0; i < graph.input_size(); ++i) {
    const auto& declared = graph.input(i).type().tensor_type().shape();
    onnx::TensorProto stored;
    const bool is_open = declared.dim_size() > 0 && !declared.dim(0).has_dim_value();
    if (!is_open || !read(data / ("input_" + std::to_string(i) + ".pb"), stored) || stored.dims_size() == 0) continue;
    options.batch = std::max<std::int64_t>(1, stored.dims(0));
  }
  return options;
}

inline void compare(const Graph& graph, const onnx::GraphProto& file, const std::filesystem::path& data,
                    ModelResult& result) {
  std::map<std::string, Shape> shapes;
  for (const TensorId id : graph.outputs()) shapes[graph.tensor(id).name] = graph.tensor(id).shape;
  for (int i = 0; i < file.output_size(); ++i) {
    const auto found = shapes.find(file.output(i).name());
    onnx::TensorProto reference;
    if (found == shapes.end() || !file.output(i).type().has_tensor_type() ||
        !read(data / ("output_" + std::to_string(i) + ".pb"), reference)) {
      continue;
    }
    const Shape wanted(reference.dims().begin(), reference.dims().end());
    ++result.compared;
    if (found->second != wanted) {
      result.mismatches.push_back(found->first + ": " + text(found->second) + ", reference " + text(wanted));
    }
  }
}

}  // namespace models

// Imports every model and compares the shapes of its outputs; in order of their names. Empty where the package is not
// installed.
inline std::vector<ModelResult> check_onnx_models() {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(kOnnxModels)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kOnnxModels)) {
      if (entry.path().filename() == "model.onnx") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<ModelResult> results;
  for (const std::filesystem::path& file : files) {
    ModelResult& result = results.emplace_back();
    result.name = file.parent_path().filename();
    onnx::ModelProto model;
    if (!models::read(file, model)) {
      result.failure = "is no ONNX file";
      continue;
    }
    models::collect(model.graph(), result.operators);
    const std::filesystem::path data = file.parent_path() / "test_data_set_0";
    try {
      const Graph graph = import_network(file, models::options_for(model.graph(), data));
      result.is_imported = true;
      models::compare(graph, model.graph(), data, result);
    } catch (const Error& error) {
      result.refusal = error.what();
      const std::string path = file.string() + ": ";
      if (result.refusal.rfind(path, 0) == 0) result.refusal.erase(0, path.size());
      if (result.refusal.find('\n') != std::string::npos) result.failure = "more than one line";
    } catch (const std::exception& error) {
      result.failure = error.what();
    }
  }
  return results;
}

}  // namespace lanewise::network::testing
