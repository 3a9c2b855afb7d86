// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and RNN step by step: multiply-accumulates and parameters by hand.
#include <gtest/gtest.h>

#include "onnx_fixture.hpp"

namespace lanewise::network {
namespace {

using testing::kinds;
using testing::OnnxFile;
using testing::output_shape;

constexpr std::int64_t kSteps = 5, kBatch = 2, kInput = 3, kHidden = 4;

std::int64_t recurrent_macs(std::int64_t gates, std::int64_t directions = 1) {
  return directions * kSteps * kBatch * (kInput + kHidden) * gates * kHidden;
}

std::int64_t weights_and_biases(std::int64_t gates, std::int64_t directions = 1) {
  return directions * gates * kHidden * (kInput + kHidden + 2);
}

// A cell with biases; `attributes` as in the textual syntax, `inputs` after B.
OnnxFile cell(const std::string& type, std::int64_t gates, std::int64_t directions = 1,
              const std::string& attributes = "hidden_size = 4", const std::string& more = "",
              const std::string& more_inputs = "") {
  OnnxFile file("(float[5,2,3] x" + more_inputs + ") => (float[5,n,2,4] y, float[n,2,4] h) { y, h = " + type + " <" +
                    attributes + "> (x, w, r, b" + more + ") }",
                14);
  file.weight("w", {directions, gates * kHidden, kInput})
      .weight("r", {directions, gates * kHidden, kHidden})
      .weight("b", {directions, 2 * gates * kHidden});
  return file;
}

TEST(Recurrent, each_cell_has_the_products_of_every_step) {
  const std::pair<const char*, std::int64_t> cells[] = {{"RNN", 1}, {"GRU", 3}, {"LSTM", 4}};
  for (const auto& [type, gates] : cells) {
    const Graph graph = cell(type, gates).import();
    EXPECT_EQ(macs(graph), recurrent_macs(gates)) << type;
    EXPECT_EQ(parameters(graph), weights_and_biases(gates)) << type;
    EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{kSteps, 1, kBatch, kHidden})) << type;
    EXPECT_EQ(graph.tensor(graph.outputs().at(1)).shape, (std::vector<std::int64_t>{1, kBatch, kHidden})) << type;
  }
}

TEST(Recurrent, both_directions_have_their_own_weights) {
  const std::string attributes = "hidden_size = 4, direction = \"bidirectional\"";
  for (const auto& [type, gates] : {std::pair<const char*, std::int64_t>{"RNN", 1}, {"GRU", 3}, {"LSTM", 4}}) {
    const Graph graph = cell(type, gates, 2, attributes).import();
    EXPECT_EQ(macs(graph), recurrent_macs(gates, 2)) << type;
    EXPECT_EQ(parameters(graph), weights_and_biases(gates, 2)) << type;
    EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{kSteps, 2, kBatch, kHidden})) << type;
  }
}

TEST(Recurrent, a_reversed_cell_costs_the_same) {
  EXPECT_EQ(macs(cell("LSTM", 4, 1, "hidden_size = 4, direction = \"reverse\"").import()), recurrent_macs(4));
}

TEST(Recurrent, a_gru_that_resets_after_the_product_has_as_many_products) {
  const Graph graph = cell("GRU", 3, 1, "hidden_size = 4, linear_before_reset = 1").import();
  EXPECT_EQ(macs(graph), recurrent_macs(3));
  EXPECT_EQ(parameters(graph), weights_and_biases(3));
}

TEST(Recurrent, the_weights_are_stored_once) {
  const Graph graph = cell("LSTM", 4).import();
  EXPECT_EQ(parameter_bytes(graph).count(), 4 * kHidden * (kInput + kHidden + 1));  // the biases are added beforehand
}

TEST(Recurrent, the_products_with_the_input_are_one) {
  const Graph graph = cell("LSTM", 4).import();
  int products = 0;
  for (const Operator& op : graph.operators()) products += op.kind == OperatorKind::kFullyConnected ? 1 : 0;
  EXPECT_EQ(products, 1 + kSteps);
}

TEST(Recurrent, a_layout_of_batches_first_is_read) {
  OnnxFile file(
      "(float[2,5,3] x) => (float[2,5,1,4] y, float[2,1,4] h) { y, h = LSTM <hidden_size = 4, layout = 1> (x, w, r) }",
      14);
  const Graph graph = file.weight("w", {1, 16, 3}).weight("r", {1, 16, 4}).import();
  EXPECT_EQ(macs(graph), recurrent_macs(4));
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{kBatch, kSteps, 1, kHidden}));
}

TEST(Recurrent, first_states_may_be_inputs) {
  OnnxFile file(
      "(float[5,2,3] x, float[1,2,4] h0, float[1,2,4] c0) => (float[5,1,2,4] y, float[1,2,4] h, float[1,2,4] c) { y, "
      "h, "
      "c = LSTM <hidden_size = 4> (x, w, r, , , h0, c0, p) }",
      14);
  const Graph graph = file.weight("w", {1, 16, 3}).weight("r", {1, 16, 4}).weight("p", {1, 12}).import();
  EXPECT_EQ(graph.inputs().size(), 3U);
  EXPECT_EQ(graph.outputs().size(), 3U);
  EXPECT_EQ(macs(graph), recurrent_macs(4));
  EXPECT_EQ(parameters(graph), 16 * 7 + 12);  // with the peepholes
}

TEST(Recurrent, sequences_end_where_their_lengths_say) {
  OnnxFile file(
      "(float[5,2,3] x) => (float[5,1,2,4] y) { l = Constant <value = int32[2] {3, 2}> () y = RNN "
      "<hidden_size = 4> (x, w, r, , l) }",
      14);
  const Graph graph = file.weight("w", {1, 4, 3}).weight("r", {1, 4, 4}).import();
  // All five steps meet the weights of the input together, three the weights of the state.
  EXPECT_EQ(macs(graph), kBatch * kHidden * (kSteps * kInput + 3 * kHidden));
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{kSteps, 1, kBatch, kHidden}));
}

TEST(Recurrent, activations_are_those_that_the_file_names) {
  const Graph graph =
      cell("LSTM", 4, 1, "hidden_size = 4, activations = [\"HardSigmoid\", \"Relu\", \"Softsign\"]").import();
  const std::string all = kinds(graph);
  EXPECT_EQ(all.find("sigmoid"), all.find("hard_sigmoid") + 5);
  EXPECT_NE(all.find("relu"), std::string::npos);
  EXPECT_NE(all.find("divide"), std::string::npos);
  EXPECT_EQ(all.find("tanh"), std::string::npos);
}

TEST(Recurrent, errors_name_what_does_not_fit) {
  EXPECT_EQ(cell("LSTM", 3).error(),
            "node 'LSTM_0' (LSTM): W [1, 12, 3] and R [1, 12, 4] do not fit an input of 3 numbers a step");
  EXPECT_EQ(cell("GRU", 3, 2).error(), "node 'GRU_0' (GRU): direction is forward, but the weights have 2 directions");
  EXPECT_EQ(cell("RNN", 1, 1, "hidden_size = 4, activations = [\"Maxout\"]").error(),
            "node 'RNN_0' (RNN): the activation 'Maxout' is not known");
}

TEST(Recurrent, a_quantised_lstm_has_turned_weights) {
  OnnxFile file(
      "(float[5,2,3] x) => (float[5,1,2,4] y) { y = com.microsoft.DynamicQuantizeLSTM <hidden_size = 4> (x, w, r, b, , "
      ", , , ws, wz, rs, rz) }",
      14);
  file.weight("w", {1, 3, 16}, onnx::TensorProto::INT8)
      .weight("r", {1, 4, 16}, onnx::TensorProto::INT8)
      .weight("b", {1, 32})
      .weight("ws", {1})
      .weight("wz", {1}, onnx::TensorProto::INT8)
      .weight("rs", {1})
      .weight("rz", {1}, onnx::TensorProto::INT8);
  const Graph graph = file.import();
  EXPECT_EQ(macs(graph), recurrent_macs(4));
  EXPECT_EQ(parameters(graph), weights_and_biases(4));
}

}  // namespace
}  // namespace lanewise::network
