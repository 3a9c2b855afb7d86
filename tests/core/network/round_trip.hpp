// SPDX-License-Identifier: Apache-2.0
// Exported files held against ONNX's own checker and shape inference, and against the graph that they came from.
#pragma once

#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/network/import.hpp"
#include "core/network/onnx_export.hpp"

namespace lanewise::network::testing {

inline onnx::ModelProto load(const std::string& path) {
  onnx::ModelProto model;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(model.ParseFromIstream(&file)) << path;
  return model;
}

// The checker with full checks, and shape inference that takes nothing amiss silently: every activation must get a
// complete shape that is the stated one. The first fault; "" where there is none.
inline std::string onnx_fault(const std::string& path) {
  onnx::ModelProto model = load(path);
  try {
    onnx::checker::check_model(model);
    if (model.opset_import(0).version() > 17) return "operator set beyond 17";
    std::map<std::string, std::string> stated;
    for (const auto* list : {&model.graph().value_info(), &model.graph().output()}) {
      for (const onnx::ValueInfoProto& value : *list) stated[value.name()] = value.type().SerializeAsString();
    }
    onnx::ModelProto bare = model;
    bare.mutable_graph()->clear_value_info();
    onnx::shape_inference::InferShapes(bare, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
    std::map<std::string, std::string> inferred;
    for (const auto* list : {&bare.graph().value_info(), &bare.graph().output()}) {
      for (const onnx::ValueInfoProto& value : *list) inferred[value.name()] = value.type().SerializeAsString();
    }
    for (const auto& [name, type] : stated) {
      if (inferred[name] != type) return name + ": stated and inferred types differ";
    }
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

// Steps of a slice; none stand for 1 everywhere.
inline std::vector<std::int64_t> steps_of(const Operator& op) {
  return op.steps.empty() && op.kind == OperatorKind::kSlice ? std::vector<std::int64_t>(op.axes.size(), 1) : op.steps;
}

// What must be equal once a graph was written and read: operators by name, with kinds, attributes, shapes, MACs and
// precisions. The first difference, or "".
inline std::string round_trip_difference(const Graph& a, const Graph& b) {
  const auto list = [](const Graph& graph, const std::vector<TensorId>& ids) {
    std::string text;
    for (const TensorId id : ids) {
      const Tensor& tensor = graph.tensor(id);
      if (tensor.role == TensorRole::kActivation || tensor.role == TensorRole::kGraphInput) text += tensor.name;
      text += "[";
      for (const std::int64_t size : tensor.shape) text += std::to_string(size) + ",";
      text += std::string("]") + to_string(tensor.precision) + " ";
    }
    return text;
  };
  if (list(a, a.inputs()) != list(b, b.inputs())) return "inputs: " + list(a, a.inputs()) + "| " + list(b, b.inputs());
  if (list(a, a.outputs()) != list(b, b.outputs())) {
    return "outputs: " + list(a, a.outputs()) + "| " + list(b, b.outputs());
  }
  if (a.operators().size() != b.operators().size()) {
    std::string only;
    for (std::size_t i = 0; i < std::min(a.operators().size(), b.operators().size()); ++i) {
      if (a.operators()[i].name != b.operators()[i].name) {
        only = a.operators()[i].name + " / " + b.operators()[i].name;
        break;
      }
    }
    return "operators: " + std::to_string(a.operators().size()) + " became " + std::to_string(b.operators().size()) +
           ", first at " + only;
  }
  for (std::size_t i = 0; i < a.operators().size(); ++i) {
    const Operator& x = a.operators()[i];
    const Operator& y = b.operators()[i];
    const bool alike = x.name == y.name && x.kind == y.kind && x.window == y.window && x.groups == y.groups &&
                       x.transposed == y.transposed && x.activation == y.activation && x.elementwise == y.elementwise &&
                       x.axes == y.axes && x.offsets == y.offsets && steps_of(x) == steps_of(y);
    if (!alike) return "operator " + x.name + " became " + y.name;
    if (list(a, x.inputs) != list(b, y.inputs))
      return x.name + " reads " + list(a, x.inputs) + "| " + list(b, y.inputs);
    if (list(a, x.weights) != list(b, y.weights)) {
      return x.name + " weights " + list(a, x.weights) + "| " + list(b, y.weights);
    }
    if (list(a, x.outputs) != list(b, y.outputs)) {
      return x.name + " writes " + list(a, x.outputs) + "| " + list(b, y.outputs);
    }
    if (macs(a, x) != macs(b, y)) return x.name + " MACs";
  }
  if (macs(a) != macs(b)) return "MACs";
  if (parameters(a) != parameters(b)) {
    return "parameters: " + std::to_string(parameters(a)) + " became " + std::to_string(parameters(b));
  }
  if (parameter_bytes(a) != parameter_bytes(b)) return "parameter bytes";
  if (a.blocks().size() != b.blocks().size()) return "blocks";
  return "";
}

// A file in a folder of this process that is gone afterwards.
class ExportedFile {
 public:
  explicit ExportedFile(const std::string& name) {
    folder_ = std::filesystem::temp_directory_path() / ("lanewise_export_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / (name + ".onnx")).string();
  }
  ~ExportedFile() { std::filesystem::remove_all(folder_); }
  ExportedFile(const ExportedFile&) = delete;
  ExportedFile& operator=(const ExportedFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

// Writes, checks and reads back. The first fault; "" where all is well.
inline std::string round_trip_fault(const Graph& graph, const OnnxExport& options = {}) {
  const ExportedFile file(graph.name().empty() ? "network" : graph.name());
  export_onnx(graph, file.path(), options);
  const std::string fault = onnx_fault(file.path());
  if (!fault.empty()) return "ONNX: " + fault;
  return round_trip_difference(graph, import_network(file.path()));
}

}  // namespace lanewise::network::testing
