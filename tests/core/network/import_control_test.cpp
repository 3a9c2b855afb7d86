// SPDX-License-Identifier: Apache-2.0
// Branches, loops and scans, and values that a person gives to inputs.
#include <gtest/gtest.h>

#include <onnx/defs/parser.h>

#include "onnx_fixture.hpp"

namespace lanewise::network {
namespace {

using testing::kinds;
using testing::OnnxFile;

constexpr const char* kCases = "tests/core/network/cases/";
constexpr std::int64_t kConvolution = 16 * 16 * 16 * 16 * 9;  // 16 to 16 channels, 3 x 3, on 16 x 16 pixels

ImportOptions with_input(const std::string& name, const std::string& value) {
  ImportOptions options;
  options.inputs = {{name, value}};
  return options;
}

// Gives a node of the file a body, written as a graph in the textual syntax.
OnnxFile& body(OnnxFile& file, int node, const std::string& graph, const char* name = "body") {
  onnx::AttributeProto& attribute = *file.model().mutable_graph()->mutable_node(node)->add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::GRAPH);
  onnx::OnnxParser parser(graph.c_str());
  const auto status = parser.Parse(*attribute.mutable_g());
  if (!status.IsOK()) throw std::runtime_error(status.ErrorMessage() + " in " + graph);
  return file;
}

TEST(Branch, the_value_of_an_input_chooses_it) {
  const std::string path = std::string(kCases) + "ifdyn.onnx";
  EXPECT_EQ(macs(import_network(path, with_input("c", "true"))), kConvolution);
  EXPECT_EQ(macs(import_network(path, with_input("c", "false"))), kConvolution);
  EXPECT_EQ(import_network(path, with_input("c", "1")).inputs().size(), 1U);
}

TEST(Branch, an_unknown_condition_names_the_input_behind_it) {
  const std::string path = std::string(kCases) + "ifdyn.onnx";
  EXPECT_EQ(OnnxFile::error_of(path),
            "node 'If_0' (If): the condition is not a constant; it depends on input 'c': give its value with --input "
            "c=VALUE");
  EXPECT_EQ(OnnxFile::error_of(path, with_input("d", "1")), "--input d: is no input; the inputs are x, c");
  EXPECT_EQ(OnnxFile::error_of(path, with_input("c", "maybe")),
            "--input c=maybe: 'maybe' is not a whole number, true or false");
  EXPECT_EQ(OnnxFile::error_of(path, with_input("c", "1,0")),
            "--input c=1,0: has 2 values, but the input [] has 1 elements");
}

TEST(Loop, runs_its_body_as_often_as_the_count_says) {
  const Graph graph = import_network(std::string(kCases) + "loop.onnx");
  EXPECT_EQ(macs(graph), 3 * kConvolution);
  EXPECT_EQ(parameters(graph), 16 * 16 * 9);
  EXPECT_EQ(kinds(graph), "convolution convolution convolution");
}

constexpr const char* kCounted =
    "(float[2,8] x, int64 n) => (float[2,8] y, float[m,2,8] all) { t = Constant <value = bool {1}> () y, all = Loop "
    "(n, "
    "t, x) }";
constexpr const char* kProduct =
    "b (int64 i, bool go, float[2,8] v) => (bool go2, float[2,8] v2, float[2,8] s) { go2 = Identity(go) v2 = MatMul(v, "
    "w) "
    "s = Relu(v2) }";

TEST(Loop, stacks_what_each_iteration_yields) {
  OnnxFile file(kCounted);
  body(file, 1, kProduct).weight("w", {8, 8});
  const Graph graph = file.import(with_input("n", "4"));
  EXPECT_EQ(macs(graph), 4 * 2 * 8 * 8);
  EXPECT_EQ(parameters(graph), 64);
  EXPECT_EQ(graph.tensor(graph.outputs().at(1)).shape, (std::vector<std::int64_t>{4, 2, 8}));
  EXPECT_EQ(file.error(),
            "node 'Loop_1' (Loop): the trip count is not a constant; it depends on input 'n': give its "
            "value with --input n=VALUE");
}

TEST(Loop, of_no_iteration_yields_what_it_was_given) {
  OnnxFile file(
      "(float[2,8] x, int64 n) => (float[2,8] z) { t = Constant <value = bool {1}> () y, all = Loop (n, t, x) "
      "z = Relu(y) }");
  body(file, 1, kProduct).weight("w", {8, 8});
  const Graph graph = file.import(with_input("n", "0"));
  EXPECT_EQ(kinds(graph), "relu");
}

TEST(Loop, ends_where_its_condition_does) {
  OnnxFile file("(float[2,8] x) => (float[2,8] y) { t = Constant <value = bool {1}> () y = Loop (m, t, x) }");
  file.model().mutable_graph()->mutable_node(1)->set_input(0, "");
  body(file, 1,
       "b (int64 i, bool go, float[2,8] v) => (bool go2, float[2,8] v2) { k = Constant <value = int64 {4}> () go2 = "
       "Less(i, k) v2 = MatMul(v, w) }")
      .weight("w", {8, 8});
  EXPECT_EQ(macs(file.import()), 5 * 2 * 8 * 8);  // it goes on after iterations 0 to 3
}

TEST(Loop, that_never_ends_is_refused) {
  OnnxFile file("(float[2,8] x) => (float[2,8] y) { t = Constant <value = bool {1}> () y = Loop (m, t, x) }");
  file.model().mutable_graph()->mutable_node(1)->set_input(0, "");
  body(file, 1,
       "b (int64 i, bool go, float[2,8] v) => (bool go2, float[2,8] v2) { go2 = Identity(go) v2 = Identity(v) }");
  EXPECT_EQ(file.error(), "node 'Loop_1' (Loop): the file's loops run more than 15000 iterations together");
}

TEST(Loop, weights_of_its_body_count_once) {
  OnnxFile file("(float[2,8] x) => (float[2,8] y) { n = Constant <value = int64 {3}> () y = Loop (n, , x) }");
  body(file, 1, "b (int64 i, bool go, float[2,8] v) => (bool go, float[2,8] v2) { t = Transpose(w) v2 = MatMul(v, t) }")
      .weight("w", {8, 8});
  const Graph graph = file.import();
  EXPECT_EQ(parameters(graph), 64);
  EXPECT_EQ(parameter_bytes(graph).count(), 64);
}

TEST(Scan, runs_its_body_along_an_axis) {
  OnnxFile file(
      "(float[1,6,8] x, float[1,4] h) => (float[1,4] last, float[6,1,4] all) { last, all = Scan <num_scan_inputs = 1, "
      "scan_input_axes = [1], scan_input_directions = [1]> (h, x) }");
  body(file, 0,
       "b (float[1,4] s, float[1,8] v) => (float[1,4] s2, float[1,4] out) { p = MatMul(v, w) q = MatMul(s, r) z = "
       "Add(p, q) s2 = Tanh(z) out = Identity(s2) }")
      .weight("w", {8, 4})
      .weight("r", {4, 4});
  const Graph graph = file.import();
  EXPECT_EQ(macs(graph), 6 * (8 + 4) * 4);
  EXPECT_EQ(parameters(graph), (8 + 4) * 4);
  EXPECT_EQ(graph.tensor(graph.outputs().at(1)).shape, (std::vector<std::int64_t>{6, 1, 4}));
}

}  // namespace
}  // namespace lanewise::network
