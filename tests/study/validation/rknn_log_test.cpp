// SPDX-License-Identifier: Apache-2.0
#include "study/validation/rknn_log.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "study/validation/validation_rows.hpp"

namespace lanewise::study {
namespace {

using mapping::FusedOperand;
using mapping::SubgraphFamily;
using mapping::SubgraphShape;

constexpr const char* kFolder = "tests/fuzz/corpus/rknn_log/";

LayerLog log_of(const std::string& file) {
  const std::string path = kFolder + file;
  return read_rknn_log(path, read_input(path, Bytes(1 << 20), "a log"));
}

std::map<std::string, LoggedLayer> by_name(const LayerLog& log) {
  std::map<std::string, LoggedLayer> out;
  for (const LoggedLayer& layer : log.layers) out[layer.name] = layer;
  return out;
}

// A log of one layer with these shapes.
std::string log_with(const std::string& type, const std::string& in, const std::string& out, const std::string& rest) {
  return "ID OpType DataType Target InputShape OutputShape Cycles(DDR/NPU/Total) Time(us) FullName\n---\n0 " + type +
         " INT8 NPU " + in + " " + out + " 1/1/1 " + rest + " x\n";
}

SubgraphShape shape_of(const std::string& type, const std::string& in, const std::string& out) {
  const LayerLog log = read_rknn_log("a.txt", log_with(type, in, out, "5"));
  EXPECT_EQ(log.layers.at(0).reason, "") << in;
  return log.layers.at(0).shape;
}

TEST(RknnLog, shapes_are_those_of_the_layers) {
  const auto layers = by_name(log_of("good_one_core.txt"));
  const SubgraphShape stem = layers.at("Conv:stem").shape;
  EXPECT_EQ(stem.family, SubgraphFamily::kConvolution);
  EXPECT_EQ(stem.macs(), 48 * 48 * 16 * 27);
  EXPECT_EQ(stem.window.stride[0], 2);
  EXPECT_EQ(stem.window.pad_begin[0] + stem.window.pad_end[0], 1);
  EXPECT_EQ(stem.activation, network::ActivationFunction::kRelu);
  EXPECT_TRUE(stem.bias);
  const SubgraphShape depthwise = layers.at("Conv:depthwise").shape;
  EXPECT_EQ(depthwise.family, SubgraphFamily::kDepthwise);
  EXPECT_EQ(depthwise.macs(), 48 * 48 * 16 * 9);
  EXPECT_EQ(layers.at("Conv:residual").shape.operand, FusedOperand::kTensor);
  EXPECT_EQ(layers.at("Conv:down").shape.activation, network::ActivationFunction::kSilu);
  const SubgraphShape grouped = layers.at("Conv:grouped").shape;
  EXPECT_EQ(grouped.family, SubgraphFamily::kGrouped);
  EXPECT_EQ(grouped.groups, 4);
  EXPECT_EQ(grouped.weight_precision, Precision::kFp16);
  EXPECT_EQ(layers.at("Add:sum").shape.inputs, 2);
  EXPECT_EQ(layers.at("Mul:gate").shape.operand, FusedOperand::kPerChannel);
  EXPECT_EQ(layers.at("Gelu:gelu").shape.activation, network::ActivationFunction::kGelu);
  EXPECT_EQ(layers.at("Pool:mean").shape.family, SubgraphFamily::kReduction);
}

TEST(RknnLog, a_layer_that_no_row_is_made_of_says_why) {
  const auto layers = by_name(log_of("good_one_core.txt"));
  EXPECT_EQ(layers.at("InputOperator:image").reason, "runs on CPU");
  EXPECT_EQ(layers.at("Conv:cut").reason, "its shapes are cut in the log");
  EXPECT_EQ(layers.at("Concat:cat").reason, "operators of type 'Concat' are not compared");
  EXPECT_EQ(layers.at("ConvTranspose:up").reason, "transposed convolutions are not compared");
  EXPECT_EQ(layers.at("MaxPool:pool").reason, "a log does not give the kernel of a pooling");
}

TEST(RknnLog, unlike_batches_make_no_row) {
  const std::string text = log_with("Conv", "(2,8,8,8),(8,8,1,1)", "(1,8,8,8)", "5");
  EXPECT_EQ(read_rknn_log("a.txt", text).layers.at(0).reason, "input and output have unlike batches");
  EXPECT_EQ(shape_of("Conv", "(2,8,8,8),(8,8,1,1)", "(2,8,8,8)").batch, 2);
}

TEST(RknnLog, a_loggers_prefix_other_columns_and_further_tables_are_read) {
  const LayerLog log = log_of("good_logger.txt");
  ASSERT_EQ(log.layers.size(), 3U);
  EXPECT_EQ(log.layers[0].time_us, 12);
  EXPECT_EQ(log.layers[0].shape.input_precision, Precision::kInt16);
  EXPECT_EQ(log.layers[1].name, "Sigmoid");
  EXPECT_EQ(log.layers[2].part, "table 2");
  EXPECT_EQ(log.layers[2].line, 11);
}

// Output sizes by the formula of convolutions, over kernels, strides and paddings that networks have.
TEST(RknnLog, stride_and_padding_give_the_output_back) {
  for (const int kernel : {1, 2, 3, 5, 6, 7}) {
    for (const int stride : {1, 2, 4}) {
      for (const int size : {7, 14, 15, 56, 224, 640}) {
        const int out = (size + 2 * (kernel / 2) - kernel) / stride + 1;
        const std::string in = "(1,8," + std::to_string(size) + "," + std::to_string(size) + ")";
        const std::string weights = "(16,8," + std::to_string(kernel) + "," + std::to_string(kernel) + ")";
        const SubgraphShape s =
            shape_of("Conv", in + "," + weights, "(1,16," + std::to_string(out) + "," + std::to_string(out) + ")");
        const network::Window& w = s.window;
        EXPECT_EQ((size + w.pad_begin[0] + w.pad_end[0] - kernel) / w.stride[0] + 1, out);
        if (out > 2) {
          EXPECT_EQ(w.stride[0], stride) << size << ' ' << kernel << ' ' << stride;
        }
      }
    }
  }
}

TEST(RknnLog, what_is_wrong_names_its_line) {
  const auto refused = [](const std::string& text, const std::string& said) {
    try {
      read_rknn_log("a.txt", text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
  };
  refused(log_with("Conv", "(1,8,8,8),(8,8,1,1)", "(1,8,8,8)", "fast"), "a.txt:3: column 'Time(us)': value 'fast'");
  refused(log_with("Conv", "(1,8,8,8), (8,8,1,1)", "(1,8,8,8)", "5"), "a.txt:3: 10 cells: must be 9");
  refused("ID OpType DataType Target InputShape OutputShape FullName\n---\n", "a.txt:1: column 'Time(us)': missing");
  refused("ID OpType DataType Target InputShape OutputShape Time(us)\n---\n", "a.txt: no row");
}

TEST(RknnLog, rows_have_cycles_of_the_engines_clock_and_count_from_the_command) {
  const std::string path = std::string(kFolder) + "good_one_core.txt";
  EXPECT_THROW(read_validation_rows(path), Error);
  EXPECT_THROW(read_validation_rows(path, {"cycles", Hertz(1e9)}), Error);
  const ValidationRows rows = read_validation_rows(path, {"", Hertz(5e8)});
  EXPECT_EQ(rows.layers.size(), 10U);
  EXPECT_EQ(rows.log.left_out.size(), 6U);
  EXPECT_EQ(rows.layers.front().cycles, 31 * 500);
  EXPECT_EQ(rows.layers.front().set, "ConvRelu");
  EXPECT_EQ(rows.layers.front().subgraph.counted(Cycles(100), Cycles(30), Cycles(0)), Cycles(100));
}

}  // namespace
}  // namespace lanewise::study
