// SPDX-License-Identifier: Apache-2.0
// Small ONNX files for tests, written in ONNX's textual syntax.
#pragma once

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::network::testing {

class OnnxFile {
 public:
  // `graph`: "(float[1,3,8,8] x) => (float[1,4,8,8] y) { y = Conv(x, w) }"
  explicit OnnxFile(const std::string& graph, int opset = 13) {
    const std::string text = "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) +
                             ", \"com.microsoft\" : 1]>\nfixture " + graph;
    onnx::OnnxParser parser(text.c_str());
    const auto status = parser.Parse(model_);
    if (!status.IsOK()) throw std::runtime_error(status.ErrorMessage() + " in " + text);
  }

  onnx::ModelProto& model() { return model_; }

  // An initializer without its numbers, as in a file whose weights lie elsewhere.
  OnnxFile& weight(const std::string& name, const std::vector<std::int64_t>& shape,
                   int type = onnx::TensorProto::FLOAT) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t dimension : shape) tensor.add_dims(dimension);
    return *this;
  }

  OnnxFile& scalar(const std::string& name, float value) {
    weight(name, {});
    model_.mutable_graph()->mutable_initializer()->rbegin()->add_float_data(value);
    return *this;
  }

  OnnxFile& metadata(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
    return *this;
  }

  // Names the n-th node.
  OnnxFile& name(int node, const std::string& text) {
    model_.mutable_graph()->mutable_node(node)->set_name(text);
    return *this;
  }

  std::string bytes() const { return model_.SerializeAsString(); }

  // A file that this test alone uses.
  static std::string write(const std::string& bytes) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string path =
        ::testing::TempDir() + "lanewise_" + test->test_suite_name() + "_" + test->name() + ".onnx";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  Graph import(const ImportOptions& options = {}) const { return import_network(write(bytes()), options); }

  // The message of the Error that importing throws, without the path before it; "" when it throws none.
  std::string error(const ImportOptions& options = {}) const { return error_of(write(bytes()), options); }

  static std::string error_of(const std::string& path, const ImportOptions& options = {}) {
    try {
      import_network(path, options);
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.rfind(path + ": ", 0), 0U) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      return message.substr(path.size() + 2);
    }
    return "";
  }

 private:
  onnx::ModelProto model_;
};

// Kinds of a graph's operators in order: "convolution relu reshape"; activations and element-wise operators by
// function.
inline std::string kinds(const Graph& graph) {
  std::string text;
  for (const Operator& op : graph.operators()) {
    const char* kind = op.kind == OperatorKind::kActivation    ? to_string(op.activation)
                       : op.kind == OperatorKind::kElementwise ? to_string(op.elementwise)
                                                               : to_string(op.kind);
    text += (text.empty() ? "" : " ") + std::string(kind);
  }
  return text;
}

inline std::vector<std::int64_t> output_shape(const Graph& graph) { return graph.tensor(graph.outputs().at(0)).shape; }

}  // namespace lanewise::network::testing
