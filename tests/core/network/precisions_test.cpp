// SPDX-License-Identifier: Apache-2.0
// Precisions that a person asks for: of weights and activations, and layer by layer.
#include "core/network/precisions.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string write(const std::string& text) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = ::testing::TempDir() + "lanewise_layers_" + test->name() + ".txt";
  std::ofstream(path) << text;
  return path;
}

Graph two_layers(const ImportOptions& options) {
  OnnxFile file("(float[1,8,4,4] x) => (float[1,4,4,4] y) { a = Conv(x, w, b) r = Relu(a) y = Conv(r, v) }");
  file.weight("w", {16, 8, 1, 1}).weight("b", {16}).weight("v", {4, 16, 1, 1});
  return file.name(0, "first").name(1, "act").name(2, "second").import(options);
}

// Tensors of `two_layers` in the order x w b a r v y.
std::string precisions(const Graph& graph) {
  const Operator& first = graph.op(0);
  const Operator& second = graph.op(2);
  std::string text;
  for (const TensorId id : {first.inputs[0], first.weights[0], first.weights[1], first.outputs[0],
                            graph.op(1).outputs[0], second.weights[0], second.outputs[0]}) {
    text += std::string(text.empty() ? "" : " ") + to_string(graph.tensor(id).precision);
  }
  return text;
}

TEST(Precisions, are_one_or_a_pair) {
  EXPECT_EQ(parse_precisions("fp16").weights, Precision::kFp16);
  EXPECT_EQ(parse_precisions("fp16").activations, Precision::kFp16);
  const PrecisionPair pair = parse_precisions("activations=int16,weights=int4");
  EXPECT_EQ(pair.weights, Precision::kInt4);
  EXPECT_EQ(pair.activations, Precision::kInt16);
  EXPECT_FALSE(parse_precisions("weights=int4").activations);
  EXPECT_EQ(message_of([] { parse_precisions("weight=int4"); }),
            "precision 'weight=int4': 'weight=int4' is neither weights=P nor activations=P");
  EXPECT_EQ(message_of([] { parse_precisions("weights=int4,weights=int8"); }),
            "precision 'weights=int4,weights=int8': 'weights' stands twice");
  EXPECT_EQ(message_of([] { parse_precisions("weights=int5"); }),
            "precision 'int5' is unknown: must be one of int2, int4, int6, int8, int16, fp16, fp32");
}

TEST(Precisions, a_pattern_stands_for_names) {
  EXPECT_TRUE(matches("/features/*/Conv", "/features/0/block/Conv"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "aXbXbXc"));
  EXPECT_FALSE(matches("a*b*c", "aXbXbX"));
  EXPECT_FALSE(matches("Conv", "Conv_1"));
}

TEST(Precisions, weights_and_activations_are_told_apart) {
  EXPECT_EQ(precisions(two_layers({})), "int8 int8 int8 int8 int8 int8 int8");
  const Graph graph = two_layers({1, Precision::kInt8, Precision::kInt4});
  EXPECT_EQ(precisions(graph), "int8 int4 int4 int8 int8 int4 int8");
  EXPECT_EQ(parameter_bytes(graph), Bytes((16 * 8 + 16 + 4 * 16) / 2));
}

TEST(Precisions, a_layers_own_hold_over_the_rest) {
  const std::string path = write("# remark\n\nfirst weights=int16   # its weights alone\nact activations=fp16\n");
  const Graph graph = two_layers({1, Precision::kInt8, Precision::kInt4, read_layer_precisions(path)});
  EXPECT_EQ(precisions(graph), "int8 int16 int16 fp16 fp16 int4 int8");
}

TEST(Precisions, what_a_layer_writes_keeps_its_precision_through_its_activation) {
  const std::string path = write("first int16\nx int4\n");
  const Graph graph = two_layers({1, std::nullopt, std::nullopt, read_layer_precisions(path)});
  EXPECT_EQ(precisions(graph), "int4 int16 int16 int16 int16 int8 int8");
}

TEST(Precisions, lines_at_fault_are_named) {
  const auto of = [](const std::string& text) {
    const std::string path = write(text);
    const std::string message = message_of([&] { two_layers({1, {}, {}, read_layer_precisions(path)}); });
    EXPECT_EQ(message.rfind(path, 0), 0U) << message;
    return message.substr(std::min(path.size(), message.size()));
  };
  EXPECT_EQ(of("first\n"), ":1: a line needs a layer and its precisions, and nothing else");
  EXPECT_EQ(of("first int8 int8\n"), ":1: a line needs a layer and its precisions, and nothing else");
  EXPECT_EQ(of("\nfirst int7\n"),
            ":2: precision 'int7' is unknown: must be one of int2, int4, int6, int8, int16, fp16, fp32");
  EXPECT_EQ(of("\n# all\n"), ": names no layer");
  EXPECT_EQ(of("third int8\n").rfind(":1: 'third' is no operator and no input of ", 0), 0U);
}

}  // namespace
}  // namespace lanewise::network::testing
