// SPDX-License-Identifier: Apache-2.0
// Sizes that a person sets, batches of fixed files, tensors without elements, and custom operators.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "onnx_fixture.hpp"

namespace lanewise::network {
namespace {

using testing::kinds;
using testing::OnnxFile;
using testing::output_shape;

constexpr const char* kCases = "tests/core/network/cases/";

ImportOptions with_dims(std::vector<std::pair<std::string, std::int64_t>> dims) {
  ImportOptions options;
  options.dims = std::move(dims);
  return options;
}

OnnxFile convolution() {
  OnnxFile file("(float[n,3,height,width] x) => (float[n,4,h,w] y) { y = Conv <kernel_shape = [1, 1]> (x, k) }");
  file.weight("k", {4, 3, 1, 1});
  return file;
}

TEST(Sizes, are_set_by_their_names) {
  const Graph graph = convolution().import(with_dims({{"height", 5}, {"width", 7}}));
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{1, 4, 5, 7}));
  EXPECT_EQ(macs(graph), 5 * 7 * 12);
  EXPECT_EQ(output_shape(convolution().import(with_dims({{"n", 2}, {"x.2", 5}, {"width", 7}}))),
            (std::vector<std::int64_t>{2, 4, 5, 7}));
}

TEST(Sizes, that_are_not_set_are_named) {
  EXPECT_EQ(convolution().error(),
            "input 'x': dimension 2 ('height') is not fixed; set it with --dim height=N; not set either: width");
  EXPECT_EQ(convolution().error(with_dims({{"height", 5}, {"depth", 7}})),
            "--dim depth: the inputs have no such dimension; they name n, height, width, and any goes by INPUT.AXIS: "
            "x.0, x.1, x.2, x.3");
  EXPECT_EQ(convolution().error(with_dims({{"height", -5}})),
            "--dim height=-5: a size must be between 0 and 2147483648");
}

TEST(Sizes, change_what_the_file_fixes) {
  OnnxFile file("(float[1,3,8,8] x) => (float[1,4,8,8] y) { y = Conv <kernel_shape = [1, 1]> (x, k) }");
  file.weight("k", {4, 3, 1, 1});
  EXPECT_EQ(macs(file.import(with_dims({{"x.2", 4}}))), 4 * 8 * 12);
  EXPECT_NE(file.error(with_dims({{"x.1", 5}})), "");  // the weight contradicts
}

TEST(Sizes, may_be_sums_of_others) {
  OnnxFile file("(float[1,past,8] p, float[1,2,8] x) => (float[1,t,8] y) { y = Concat <axis = 1> (p, x) }");
  auto& dimension = *file.model().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  dimension.mutable_shape()->mutable_dim(1)->set_dim_param("past_length + 1");
  EXPECT_EQ(output_shape(file.import(with_dims({{"past_length", 6}}))), (std::vector<std::int64_t>{1, 9, 8}));
}

TEST(Sizes, of_zero_leave_nothing_of_a_tensor) {
  OnnxFile file("(float[1,past,8] p, float[1,2,8] x) => (float[1,t,8] y) { c = Concat <axis = 1> (p, x) y = Relu(c) }");
  const Graph graph = file.import(with_dims({{"past", 0}}));
  EXPECT_EQ(kinds(graph), "relu");
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{1, 2, 8}));
  EXPECT_EQ(graph.inputs().size(), 1U);
  EXPECT_EQ(kinds(file.import(with_dims({{"past", 3}}))), "concat relu");
}

TEST(Sizes, an_empty_cache_of_the_file_vanishes) {
  const Graph graph = import_network(std::string(kCases) + "zero_past.onnx");
  EXPECT_EQ(macs(graph), 0);
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{1, 4, 1, 64}));
}

TEST(Sizes, a_product_over_nothing_is_known) {
  OnnxFile file(
      "(float[1,2,k] a, float[1,k,3] b, float[1,2,3] x) => (float[1,2,3] y) { p = MatMul(a, b) y = Add(p, x) }");
  const Graph graph = file.import(with_dims({{"k", 0}}));
  EXPECT_EQ(macs(graph), 0);
  EXPECT_EQ(kinds(graph), "add");
}

TEST(Values, of_inputs_become_shapes) {
  OnnxFile file("(float[2,12] x, int64[r] s) => (float[a,b,c] y) { z = Reshape(x, s) y = Relu(z) }");
  ImportOptions options;
  options.inputs = {{"s", "4,3,2"}};
  EXPECT_EQ(output_shape(file.import(options)), (std::vector<std::int64_t>{4, 3, 2}));
}

TEST(Batch, of_a_fixed_file_changes_the_shapes_that_it_states) {
  OnnxFile file(
      "(float[1,4,6] x) => (float[1,24] y) { s = Constant <value = int64[4] {1, 4, 2, 3}> () a = Reshape(x, s) b = "
      "Transpose <perm = [1, 0, 2, 3]> (a) t = Constant <value = int64[2] {1, -1}> () c = Reshape(b, t) u = Constant "
      "<value = int64[2] {4, 6}> () d = Reshape(c, u) y = MatMul(d, w) }");
  file.weight("w", {6, 24});
  const Graph one = file.import();
  ImportOptions options;
  options.batch = 4;
  // The batch goes through a transpose, stands behind other dimensions and is joined with them.
  EXPECT_EQ(macs(file.import(options)), 4 * macs(one));
}

TEST(Batch, that_cannot_be_set_is_one_line) {
  OnnxFile file("(float[1,4] x, float[2,4] z) => (float[2,4] y) { y = Add(x, z) }");
  ImportOptions options;
  options.batch = 3;
  EXPECT_EQ(file.error(options),
            "a batch of 3 was asked for, but the file fixes the first dimension of input 'x' to 1 and of input 'z' to "
            "2; --dim INPUT.AXIS=N changes single ones");
}

class EveryModel : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryModel, has_four_times_the_work_at_a_batch_of_four) {
  ImportOptions options;
  options.batch = 4;
  const Graph one = import_network(GetParam()), four = import_network(GetParam(), options);
  EXPECT_EQ(macs(four), 4 * macs(one));
  EXPECT_EQ(parameters(four), parameters(one));
  EXPECT_EQ(four.operators().size(), one.operators().size());
}

std::vector<std::string> shipped_models() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/models")) {
    if (entry.path().extension() == ".onnx") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(Shipped, EveryModel, ::testing::ValuesIn(shipped_models()),
                         [](const auto& one) { return std::filesystem::path(one.param).stem().string(); });

ImportOptions custom_case() {
  ImportOptions options;
  CustomOperator quant, gate;
  quant.domain = "custom.quant";
  quant.type = "Quant";
  quant.timing = CustomTiming::kFree;
  gate.domain = "*";
  gate.type = "SwiGate";
  gate.timing = CustomTiming::kElementwise;
  options.custom = {quant, gate};
  return options;
}

TEST(Custom, operators_cost_what_a_person_says) {
  const Graph graph = import_network(std::string(kCases) + "custom_operators.onnx", custom_case());
  EXPECT_EQ(macs(graph), 4718592);  // 32 x 32 pixels, 16 to 32 channels, 3 x 3
  EXPECT_EQ(kinds(graph), "convolution abs");
}

TEST(Custom, operators_that_nobody_knows_are_all_named) {
  EXPECT_EQ(OnnxFile::error_of(std::string(kCases) + "custom_operators.onnx"),
            "node 'q' (custom.quant.Quant): operator is not supported; nor are custom.act.SwiGate; --custom FILE says "
            "how operators are timed");
}

TEST(Custom, products_moves_and_hosts_are_told_apart) {
  OnnxFile file("(float[2,8] x) => (float[2,6] y) { y = com.acme.Op(x, w) }");
  file.weight("w", {6, 8});
  CustomOperator op;
  op.domain = "*";
  op.type = "Op";
  op.timing = CustomTiming::kMatmul;
  op.transpose_right = true;
  op.origin = "f:1";
  ImportOptions options;
  options.custom = {op};
  EXPECT_EQ(macs(file.import(options)), 2 * 8 * 6);
  EXPECT_EQ(parameters(file.import(options)), 48);
  options.custom[0].timing = CustomTiming::kHost;
  EXPECT_EQ(kinds(file.import(options)), "host");
  options.custom[0].timing = CustomTiming::kMove;
  EXPECT_EQ(macs(file.import(options)), 0);
  EXPECT_EQ(output_shape(file.import(options)), (std::vector<std::int64_t>{2, 6}));
  options.custom[0].timing = CustomTiming::kFree;
  EXPECT_EQ(file.error(options),
            "node 'Op_0' (com.acme.Op): f:1: timing 'free' moves nothing: its output must have as many elements as its "
            "first input");
  options.custom[0].shapes[0] = {CustomShape::From::kSizes, 0, {"in0.0*in0.1/4", "2+2"}};
  EXPECT_EQ(output_shape(file.import(options)), (std::vector<std::int64_t>{4, 4}));
  options.custom[0].shapes[0].sizes[1] = "in9.0";
  EXPECT_EQ(
      file.error(options),
      "node 'Op_0' (com.acme.Op): f:1: 'in9.0' is no size of output 'y': write whole numbers, in0.1 for dimension "
      "1 of input 0, + - * / and brackets");
}

}  // namespace
}  // namespace lanewise::network
