// SPDX-License-Identifier: Apache-2.0
// Each operator against numbers that are computed by hand, and what every module holds.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "accuracy/network/graph_module.hpp"
#include "accuracy/network/initialisation.hpp"
#include "core/base/error.hpp"
#include "core/network/graph.hpp"
#include "nas/space/space.hpp"

namespace lanewise::accuracy {
namespace {

using network::ActivationFunction;
using network::ElementwiseFunction;
using network::GraphBuilder;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;
using Shape = std::vector<std::int64_t>;
using Numbers = std::vector<float>;

// A network of one operator.
struct Single {
  Operator op;
  std::vector<Shape> inputs, weights, outputs;
  std::vector<std::int64_t> trained;  // by weight; empty: all

  network::Graph graph() const {
    GraphBuilder builder("single");
    Operator made = op;
    if (made.name.empty()) made.name = "op";
    const auto add = [&](const std::string& name, const Shape& shape, TensorRole role) {
      network::Tensor tensor;
      tensor.name = name;
      tensor.shape = shape;
      tensor.role = role;
      return builder.add_tensor(tensor);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      made.inputs.push_back(add("x" + std::to_string(i), inputs[i], TensorRole::kGraphInput));
      builder.mark_input(made.inputs.back());
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      made.weights.push_back(add("w." + std::to_string(i), weights[i], TensorRole::kWeight));
      if (!trained.empty()) builder.tensor(made.weights.back()).trained = trained[i];
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      made.outputs.push_back(add("y" + std::to_string(i), outputs[i], TensorRole::kActivation));
      builder.mark_output(made.outputs.back());
    }
    builder.add_operator(made);
    return std::move(builder).build();
  }
};

torch::Tensor tensor(const Shape& shape, const Numbers& numbers) {
  return torch::tensor(numbers, torch::kFloat).view(shape);
}

Numbers numbers_of(const torch::Tensor& value) {
  const torch::Tensor flat = value.detach().to(torch::kFloat).contiguous(at::MemoryFormat::Contiguous);
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

void expect_near(const torch::Tensor& value, const Numbers& expected, float tolerance = 1e-5F) {
  const Numbers found = numbers_of(value);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance) << "element " << i;
}

Numbers count_up(std::int64_t n) {
  Numbers numbers;
  for (std::int64_t i = 1; i <= n; ++i) numbers.push_back(static_cast<float>(i));
  return numbers;
}

// Runs the operator on these inputs with these weights.
std::vector<torch::Tensor> run(const Single& single, const std::vector<Numbers>& inputs,
                               const std::vector<Numbers>& weights = {},
                               const network::OperatorDetails* details = nullptr) {
  GraphModuleOptions options;
  if (details != nullptr) {
    auto file = std::make_shared<network::FileDetails>();
    file->operators["op"] = *details;
    options.file = file;
  }
  GraphModule module(single.graph(), options);
  module.eval();
  torch::NoGradGuard no_gradients;
  const Operator& op = module.graph().operators()[0];
  for (std::size_t i = 0; i < weights.size(); ++i) {
    module.weight(op.weights[i]).copy_(tensor(single.weights[i], weights[i]));
  }
  std::vector<torch::Tensor> given;
  for (std::size_t i = 0; i < inputs.size(); ++i) given.push_back(tensor(single.inputs[i], inputs[i]));
  return module.forward(given);
}

Single of_kind(OperatorKind kind, const char* type, Shape in, Shape out) {
  Single single;
  single.op.kind = kind;
  single.op.source_type = type;
  single.inputs = {std::move(in)};
  single.outputs = {std::move(out)};
  return single;
}

void set_window(Operator& op, std::int64_t kernel, std::int64_t stride, std::int64_t begin, std::int64_t end,
                std::int64_t dilation = 1) {
  for (const int axis : {0, 1}) {
    op.window.kernel[axis] = kernel;
    op.window.stride[axis] = stride;
    op.window.dilation[axis] = dilation;
    op.window.pad_begin[axis] = begin;
    op.window.pad_end[axis] = end;
  }
}

std::string refusal(const Single& single) {
  try {
    const GraphModule module(single.graph());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Convolution, pads_each_end_by_itself_and_strides) {
  Single conv = of_kind(OperatorKind::kConvolution, "Conv", {1, 1, 3, 3}, {1, 1, 2, 2});
  conv.weights = {{1, 1, 2, 2}, {1}};
  set_window(conv.op, 2, 2, 0, 1);
  // [1 2 3; 4 5 6; 7 8 9] with a row and a column of zeros at the ends, sums of 2x2 windows plus 10.
  expect_near(run(conv, {count_up(9)}, {{1, 1, 1, 1}, {10}})[0], {22, 19, 25, 19});
}

TEST(Convolution, takes_groups_and_dilation) {
  Single conv = of_kind(OperatorKind::kConvolution, "Conv", {1, 2, 3, 3}, {1, 2, 1, 1});
  conv.weights = {{2, 1, 2, 2}};
  conv.op.groups = 2;
  set_window(conv.op, 2, 1, 0, 0, 2);
  // The four corners of each channel: 1 3 7 9 and 10 12 16 18.
  expect_near(run(conv, {count_up(18)}, {{1, 2, 3, 4, 1, 0, 0, -1}})[0], {1 + 6 + 21 + 36, 10 - 18});
}

TEST(Convolution, over_one_axis_is_a_map_of_height_1) {
  Single conv = of_kind(OperatorKind::kConvolution, "Conv", {1, 1, 1, 4}, {1, 1, 1, 4});
  conv.weights = {{1, 1, 1, 3}};
  conv.op.window.kernel[1] = 3;
  conv.op.window.pad_begin[1] = 2;  // causal
  expect_near(run(conv, {{1, 2, 3, 4}}, {{1, 10, 100}})[0], {100, 210, 321, 432});
}

TEST(Convolution, transposed_adds_what_its_end_pad_lacks) {
  Single conv = of_kind(OperatorKind::kConvolution, "ConvTranspose", {1, 1, 1, 2}, {1, 1, 1, 4});
  conv.weights = {{1, 1, 1, 3}, {1}};
  conv.op.transposed = true;
  conv.op.window.kernel[1] = 3;
  conv.op.window.stride[1] = 2;
  // 1 and 2, each times [1 2 3], two apart: 1 2 3+2 4 6; the first is padding, of the end nothing.
  conv.op.window.pad_begin[1] = 1;
  expect_near(run(conv, {{1, 2}}, {{1, 2, 3}, {1}})[0], {3, 6, 5, 7});
  // Positions behind the last that no input reaches hold the bias alone.
  conv.outputs = {{1, 1, 1, 7}};
  conv.op.window.pad_begin[1] = 0;
  conv.op.window.pad_end[1] = -2;
  expect_near(run(conv, {{1, 2}}, {{1, 2, 3}, {1}})[0], {2, 3, 6, 5, 7, 1, 1});
}

TEST(FullyConnected, multiplies_the_last_of_any_number_of_axes) {
  Single fc = of_kind(OperatorKind::kFullyConnected, "MatMul", {1, 2, 3}, {1, 2, 2});
  fc.weights = {{2, 3}, {2}};
  expect_near(run(fc, {count_up(6)}, {{1, 0, 0, 1, 1, 1}, {0, 100}})[0], {1, 106, 4, 115});
  Single product = of_kind(OperatorKind::kMatMul, "MatMul", {1, 2, 2}, {1, 2, 1});
  product.inputs.push_back({1, 2, 1});
  expect_near(run(product, {{1, 2, 3, 4}, {5, 6}})[0], {17, 39});
}

TEST(BatchNormalization, uses_the_batch_in_training_and_its_statistics_otherwise) {
  Single bn = of_kind(OperatorKind::kBatchNormalization, "BatchNormalization", {2, 1, 1, 1}, {2, 1, 1, 1});
  bn.weights = {{1}, {1}, {1}, {1}};
  bn.trained = {1, 1, 0, 0};
  GraphModule module(bn.graph());
  EXPECT_EQ(module.parameters().size(), 2U);
  EXPECT_EQ(module.buffers().size(), 2U);
  module.train();
  const float one = 1 / std::sqrt(1 + 1e-5F);
  expect_near(module.forward({tensor({2, 1, 1, 1}, {1, 3})})[0], {-one, one});
  const Operator& op = module.graph().operators()[0];
  // A tenth of the batch's mean 2 and of its unbiased variance 2.
  expect_near(module.weight(op.weights[2]), {0.2F});
  expect_near(module.weight(op.weights[3]), {1.1F});
  module.eval();
  const float deviation = std::sqrt(1.1F + 1e-5F);
  expect_near(module.forward({tensor({2, 1, 1, 1}, {1, 3})})[0], {0.8F / deviation, 2.8F / deviation});
  expect_near(module.weight(op.weights[2]), {0.2F});
}

TEST(LayerNormalization, goes_over_the_last_axis_or_each_map) {
  Single norm = of_kind(OperatorKind::kLayerNormalization, "LayerNormalization", {1, 2, 2}, {1, 2, 2});
  norm.op.axes = {2};
  norm.weights = {{2}, {2}};
  const float half = 0.5F / std::sqrt(0.25F + 1e-5F);
  expect_near(run(norm, {{1, 2, 5, 4}}, {{2, 3}, {1, 0}})[0], {1 - 2 * half, 3 * half, 1 + 2 * half, -3 * half});
  Single instance = of_kind(OperatorKind::kLayerNormalization, "InstanceNormalization", {1, 2, 1, 2}, {1, 2, 1, 2});
  instance.op.axes = {2, 3};
  instance.weights = {{2}, {2}};
  expect_near(run(instance, {{1, 2, 5, 4}}, {{2, 3}, {1, 0}})[0], {1 - 2 * half, 1 + 2 * half, 3 * half, -3 * half});
}

TEST(LayerNormalization, says_what_only_a_file_knows) {
  Single root = of_kind(OperatorKind::kLayerNormalization, "Mul", {1, 2}, {1, 2});
  root.op.axes = {1};
  root.weights = {{2}};
  EXPECT_NE(refusal(root).find("operator 'op'"), std::string::npos);
  network::OperatorDetails details;
  details.numbers = {{"centred", 0}, {"epsilon", 0.5}};
  const float scale = 1 / std::sqrt(12.5F + 0.5F);  // the mean of 9 and 16
  expect_near(run(root, {{3, 4}}, {{1, 2}}, &details)[0], {3 * scale, 8 * scale});
  Single groups = of_kind(OperatorKind::kLayerNormalization, "GroupNormalization", {1, 4, 1}, {1, 4, 1});
  groups.op.axes = {1, 2};
  groups.weights = {{4}, {4}};
  EXPECT_NE(refusal(groups).find("how many groups"), std::string::npos);
  details.numbers = {{"num_groups", 2}, {"epsilon", 0}};
  expect_near(run(groups, {{1, 3, 10, 20}}, {{1, 1, 1, 2}, {0, 0, 0, 5}}, &details)[0], {-1, 1, -1, 7});
}

TEST(Pooling, leaves_out_what_is_padded) {
  Single pool = of_kind(OperatorKind::kMaxPool, "MaxPool", {1, 1, 3, 3}, {1, 1, 2, 2});
  set_window(pool.op, 2, 2, 0, 1);
  expect_near(run(pool, {{-1, -2, -3, -4, -5, -6, -7, -8, -9}})[0], {-1, -3, -7, -9});
  pool.op.kind = OperatorKind::kAveragePool;
  expect_near(run(pool, {count_up(9)})[0], {3, 4.5F, 7.5F, 9});
  // Counted too, where the file says so; but not what rounding up grew the end by.
  network::OperatorDetails details;
  details.numbers = {{"count_include_pad", 1}};
  details.lists = {{"pads", {0, 0, 1, 1}}};
  expect_near(run(pool, {count_up(9)}, {}, &details)[0], {3, 2.25F, 3.75F, 2.25F});
  details.lists = {{"pads", {0, 0, 0, 0}}};
  expect_near(run(pool, {count_up(9)}, {}, &details)[0], {3, 4.5F, 7.5F, 9});
}

TEST(Pooling, over_whole_maps_and_axes) {
  expect_near(run(of_kind(OperatorKind::kGlobalAveragePool, "", {1, 2, 1, 2}, {1, 2, 1, 1}), {{1, 3, 5, 9}})[0],
              {2, 7});
  expect_near(run(of_kind(OperatorKind::kGlobalMaxPool, "", {1, 2, 1, 2}, {1, 2, 1, 1}), {{1, 3, 5, 9}})[0], {3, 9});
  const std::vector<std::pair<const char*, Numbers>> reductions = {
      {"ReduceMean", {-1, 4}},
      {"ReduceSum", {-2, 8}},
      {"ReduceMax", {2, 8}},
      {"ReduceMin", {-4, 0}},
      {"ReduceProd", {-8, 0}},
      {"ReduceL1", {6, 8}},
      {"ReduceSumSquare", {20, 64}},
      {"ReduceL2", {std::sqrt(20.0F), 8}},
      {"ArgMax", {0, 1}},
      {"ArgMin", {1, 0}},
      {"ReduceLogSumExp", {2 + std::log1p(std::exp(-6.0F)), 8 + std::log1p(std::exp(-8.0F))}}};
  for (const auto& [type, expected] : reductions) {
    Single reduce = of_kind(OperatorKind::kReduce, type, {1, 2, 2}, {1, 2});
    reduce.op.axes = {2};
    SCOPED_TRACE(type);
    expect_near(run(reduce, {{2, -4, 0, 8}})[0], expected);
  }
  Single unknown = of_kind(OperatorKind::kReduce, "Median", {1, 2, 2}, {1, 2});
  unknown.op.axes = {2};
  EXPECT_NE(refusal(unknown).find("cannot be trained: what it reduces by"), std::string::npos);
}

TEST(Activation, computes_what_its_function_says) {
  const auto sigmoid = [](float x) { return 1 / (1 + std::exp(-x)); };
  struct Row {
    ActivationFunction function;
    const char* type;
    Numbers at;  // -2, 0.5, 8
  };
  const float normal = 0.5F * 0.5F * (1 + std::erf(0.5F / std::sqrt(2.0F)));
  const std::vector<Row> rows = {
      {ActivationFunction::kRelu, "Relu", {0, 0.5F, 8}},
      {ActivationFunction::kRelu, "ThresholdedRelu", {0, 0, 8}},
      {ActivationFunction::kRelu, "Shrink", {-2, 0, 8}},
      {ActivationFunction::kRelu6, "Clip", {0, 0.5F, 6}},
      {ActivationFunction::kLeakyRelu, "LeakyRelu", {-0.02F, 0.5F, 8}},
      {ActivationFunction::kElu, "Elu", {std::expm1(-2.0F), 0.5F, 8}},
      {ActivationFunction::kElu, "Selu", {1.0507010F * 1.6732632F * std::expm1(-2.0F), 0.5253505F, 8.405608F}},
      {ActivationFunction::kElu, "Celu", {std::expm1(-2.0F), 0.5F, 8}},
      {ActivationFunction::kSigmoid, "Sigmoid", {sigmoid(-2), sigmoid(0.5F), sigmoid(8)}},
      {ActivationFunction::kHardSigmoid, "HardSigmoid", {1.0F / 6, 3.5F / 6, 1}},
      {ActivationFunction::kTanh, "Tanh", {std::tanh(-2.0F), std::tanh(0.5F), std::tanh(8.0F)}},
      {ActivationFunction::kTanh, "Softsign", {-2.0F / 3, 0.5F / 1.5F, 8.0F / 9}},
      {ActivationFunction::kHardSwish, "HardSwish", {-2.0F / 6, 0.5F * 3.5F / 6, 8}},
      {ActivationFunction::kSilu, "Silu", {-2 * sigmoid(-2), 0.5F * sigmoid(0.5F), 8 * sigmoid(8)}},
      {ActivationFunction::kGelu, "Gelu", {-0.0455003F, normal, 8}},
      {ActivationFunction::kErf, "Erf", {std::erf(-2.0F), std::erf(0.5F), 1}},
      {ActivationFunction::kExp, "Exp", {std::exp(-2.0F), std::exp(0.5F), std::exp(8.0F)}},
      {ActivationFunction::kExp, "Sin", {std::sin(-2.0F), std::sin(0.5F), std::sin(8.0F)}},
      {ActivationFunction::kSoftplus, "Softplus", {std::log1p(std::exp(-2.0F)), std::log1p(std::exp(0.5F)), 8.000335F}},
      {ActivationFunction::kReciprocal, "Reciprocal", {-0.5F, 2, 0.125F}},
      {ActivationFunction::kNegate, "Neg", {2, -0.5F, -8}},
      {ActivationFunction::kNegate, "Not", {0, 0, 0}},
      {ActivationFunction::kAbs, "Abs", {2, 0.5F, 8}},
      {ActivationFunction::kAbs, "Sign", {-1, 1, 1}},
      {ActivationFunction::kFloor, "Floor", {-2, 0, 8}},
      {ActivationFunction::kFloor, "Ceil", {-2, 1, 8}},
  };
  for (const Row& row : rows) {
    Single single = of_kind(OperatorKind::kActivation, row.type, {1, 3}, {1, 3});
    single.op.activation = row.function;
    SCOPED_TRACE(row.type);
    expect_near(run(single, {{-2, 0.5F, 8}})[0], row.at, 2e-3F * std::abs(row.at[2]) > 1 ? 1e-2F : 1e-5F);
  }
  Single roots = of_kind(OperatorKind::kActivation, "Sqrt", {1, 2}, {1, 2});
  roots.op.activation = ActivationFunction::kSqrt;
  expect_near(run(roots, {{4, 9}})[0], {2, 3});
  roots.op.activation = ActivationFunction::kLog;
  expect_near(run(roots, {{1, std::exp(2.0F)}})[0], {0, 2});
}

TEST(Activation, takes_bounds_and_slopes_from_its_file_alone) {
  Single clip = of_kind(OperatorKind::kActivation, "Clip", {1, 3}, {1, 3});
  clip.op.activation = ActivationFunction::kClip;
  EXPECT_NE(refusal(clip).find("its bounds"), std::string::npos);
  network::OperatorDetails details;
  details.numbers = {{"min", -1}, {"max", 2}};
  expect_near(run(clip, {{-5, 1, 3}}, {}, &details)[0], {-1, 1, 2});
  clip.op.activation = ActivationFunction::kLeakyRelu;
  details.numbers = {{"alpha", 0.5}};
  expect_near(run(clip, {{-5, 1, 3}}, {}, &details)[0], {-2.5F, 1, 3});
  clip.op.activation = ActivationFunction::kHardSigmoid;
  details.type = "HardSigmoid";
  details.numbers = {};  // ONNX's own slope
  expect_near(run(clip, {{-5, 1, 3}}, {}, &details)[0], {0, 0.7F, 1});
  Single parametric = of_kind(OperatorKind::kActivation, "PRelu", {1, 2, 1, 2}, {1, 2, 1, 2});
  parametric.op.activation = ActivationFunction::kPRelu;
  parametric.weights = {{2, 1, 1}};
  expect_near(run(parametric, {{-2, 2, -2, 2}}, {{0.5F, 3}})[0], {-1, 2, -6, 2});
}

TEST(Elementwise, broadcasts_its_operands) {
  Single single = of_kind(OperatorKind::kElementwise, "Mul", {1, 2, 1, 2}, {1, 2, 1, 2});
  single.inputs.push_back({1, 2, 1, 1});
  const std::vector<std::pair<ElementwiseFunction, Numbers>> rows = {
      {ElementwiseFunction::kAdd, {3, 4, 6, 7}},       {ElementwiseFunction::kSubtract, {-1, 0, 0, 1}},
      {ElementwiseFunction::kMultiply, {2, 4, 9, 12}}, {ElementwiseFunction::kDivide, {0.5F, 1, 1, 4.0F / 3}},
      {ElementwiseFunction::kMaximum, {2, 2, 3, 4}},   {ElementwiseFunction::kMinimum, {1, 2, 3, 3}},
      {ElementwiseFunction::kPower, {1, 4, 27, 64}}};
  for (const auto& [function, expected] : rows) {
    single.op.elementwise = function;
    SCOPED_TRACE(to_string(function));
    expect_near(run(single, {count_up(4), {2, 3}})[0], expected);
  }
  single.op.elementwise = ElementwiseFunction::kCompare;
  single.op.source_type = "GreaterOrEqual";
  expect_near(run(single, {count_up(4), {2, 3}})[0], {0, 1, 1, 1});
  Single sum = of_kind(OperatorKind::kElementwise, "Mean", {1, 2}, {1, 2});
  sum.inputs = {{1, 2}, {1, 2}, {1, 2}};
  expect_near(run(sum, {{1, 2}, {3, 4}, {5, 9}})[0], {3, 5});
  sum.op.elementwise = ElementwiseFunction::kSelect;
  sum.op.source_type = "Where";
  expect_near(run(sum, {{1, 0}, {3, 4}, {5, 9}})[0], {3, 9});
}

TEST(Elementwise, asks_its_file_which_operand_is_constant) {
  Single single = of_kind(OperatorKind::kElementwise, "Sub", {1, 2}, {1, 2});
  single.op.elementwise = ElementwiseFunction::kSubtract;
  single.weights = {{2}};
  EXPECT_NE(refusal(single).find("which of its operands is the constant one"), std::string::npos);
  network::OperatorDetails details;
  details.operands = {true, false};
  expect_near(run(single, {{1, 2}}, {{10, 10}}, &details)[0], {9, 8});
}

TEST(Layout, moves_numbers_where_they_belong) {
  Single pad = of_kind(OperatorKind::kPad, "Pad", {1, 1, 1, 3}, {1, 1, 1, 6});
  pad.op.axes = {0, 1, 2, 3};
  pad.op.offsets = {0, 0, 0, 2};
  expect_near(run(pad, {{1, 2, 3}})[0], {0, 0, 1, 2, 3, 0});
  network::OperatorDetails details;
  details.texts = {{"mode", "reflect"}};
  expect_near(run(pad, {{1, 2, 3}}, {}, &details)[0], {3, 2, 1, 2, 3, 2});
  details.texts = {{"mode", "edge"}};
  expect_near(run(pad, {{1, 2, 3}}, {}, &details)[0], {1, 1, 1, 2, 3, 3});
  Single split = of_kind(OperatorKind::kSplit, "Split", {1, 4}, {1, 1});
  split.outputs.push_back({1, 2});
  split.op.axes = {1};
  const std::vector<torch::Tensor> parts = run(split, {count_up(4)});
  expect_near(parts[0], {1});
  expect_near(parts[1], {2, 3});
  Single slice = of_kind(OperatorKind::kSlice, "Slice", {1, 6}, {1, 2});
  slice.op.axes = {1};
  slice.op.offsets = {1};
  slice.op.steps = {3};
  expect_near(run(slice, {count_up(6)})[0], {2, 5});
  slice.op.offsets = {4};
  slice.op.steps = {-2};
  expect_near(run(slice, {count_up(6)})[0], {5, 3});
  Single turn = of_kind(OperatorKind::kTranspose, "Transpose", {1, 2, 3}, {1, 3, 2});
  turn.op.axes = {0, 2, 1};
  expect_near(run(turn, {count_up(6)})[0], {1, 4, 2, 5, 3, 6});
  Single joined = of_kind(OperatorKind::kConcat, "Concat", {1, 1, 2}, {1, 2, 2});
  joined.inputs.push_back({1, 1, 2});
  joined.op.axes = {1};
  expect_near(run(joined, {{1, 2}, {3, 4}})[0], {1, 2, 3, 4});
}

TEST(Layout, gathers_from_tables_and_tensors) {
  Single table = of_kind(OperatorKind::kGather, "Gather", {1, 3}, {1, 3, 2});
  table.op.axes = {0};
  table.weights = {{4, 2}};
  expect_near(run(table, {{3, 0, 1}}, {count_up(8)})[0], {7, 8, 1, 2, 3, 4});
  Single pick = of_kind(OperatorKind::kGather, "Gather", {1, 4}, {1, 3});
  pick.op.axes = {1};
  EXPECT_NE(refusal(pick).find("which entries it takes"), std::string::npos);
  network::OperatorDetails details;
  details.lists = {{"indices", {3, 0, -2}}};
  expect_near(run(pick, {count_up(4)}, {}, &details)[0], {4, 1, 3});
}

TEST(Resize, interpolates_between_centres_or_repeats) {
  Single resize = of_kind(OperatorKind::kResize, "Resize", {1, 1, 1, 2}, {1, 1, 1, 4});
  expect_near(run(resize, {{0, 4}})[0], {0, 1, 3, 4});
  network::OperatorDetails details;
  details.type = "Resize";
  details.texts = {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}};
  expect_near(run(resize, {{0, 3}}, {}, &details)[0], {0, 1, 2, 3});
  details.texts = {{"mode", "linear"}, {"coordinate_transformation_mode", "asymmetric"}};
  expect_near(run(resize, {{0, 4}}, {}, &details)[0], {0, 2, 4, 4});
  details.texts = {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}};
  expect_near(run(resize, {{0, 4}}, {}, &details)[0], {0, 0, 4, 4});
  details.texts = {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "ceil"}};
  expect_near(run(resize, {{0, 4}}, {}, &details)[0], {0, 4, 4, 4});
  resize.op.axes = {3};  // Tile
  expect_near(run(resize, {{1, 2}})[0], {1, 2, 1, 2});
}

TEST(Softmax, and_neighbouring_channels) {
  Single softmax = of_kind(OperatorKind::kSoftmax, "Softmax", {1, 2, 2}, {1, 2, 2});
  softmax.op.axes = {1};
  const float third = 1.0F / 3;
  expect_near(run(softmax, {{0, 0, std::log(2.0F), 0}})[0], {third, 0.5F, 2 * third, 0.5F});
  Single local = of_kind(OperatorKind::kLocalResponseNormalization, "LRN", {1, 3, 1, 1}, {1, 3, 1, 1});
  EXPECT_NE(refusal(local).find("how many channels"), std::string::npos);
  network::OperatorDetails details;
  details.numbers = {{"size", 2}, {"alpha", 2}, {"beta", 1}, {"bias", 1}};
  // Each with the one behind it: 1 + 4, 4 + 9, 9.
  expect_near(run(local, {{1, 2, 3}}, {}, &details)[0], {1.0F / 6, 2.0F / 14, 3.0F / 10});
}

TEST(GraphModule, refuses_what_the_host_runs_by_name) {
  Single host = of_kind(OperatorKind::kHost, "NonMaxSuppression", {1, 2}, {1, 2});
  EXPECT_EQ(
      refusal(host),
      "network 'single': operator 'op' (host, from NonMaxSuppression) cannot be trained: it runs on the host, and "
      "has no gradient here");
}

TEST(GraphModule, runs_at_other_batches_than_its_graph_states) {
  Single reshape = of_kind(OperatorKind::kReshape, "Reshape", {2, 2, 3}, {4, 3});
  GraphModule module(reshape.graph());
  const torch::Tensor y = module.forward({torch::arange(30, torch::kFloat).view({5, 2, 3})})[0];
  EXPECT_EQ(y.sizes().vec(), (Shape{10, 3}));
  // A dimension of 1 that changed places says where the images are, but only in its file.
  Single turned = of_kind(OperatorKind::kReshape, "Transpose", {1, 2, 3}, {2, 1, 3});
  GraphModule unknown(turned.graph());
  EXPECT_NO_THROW(unknown.forward({torch::zeros({1, 2, 3})}));
  EXPECT_THROW(unknown.forward({torch::zeros({2, 2, 3})}), Error);
  auto file = std::make_shared<network::FileDetails>();
  file->operators["op"].lists["perm"] = {1, 0, 2};
  GraphModuleOptions options;
  options.file = file;
  GraphModule known(turned.graph(), options);
  const torch::Tensor x = torch::arange(12, torch::kFloat).view({2, 2, 3});
  EXPECT_TRUE(known.forward({x})[0].equal(x.permute({1, 0, 2})));
}

network::Graph fm28_network(const std::string& encoding) {
  const auto space = nas::make_network_space(nas::load_space(LANEWISE_SOURCE_DIR "/spaces/fm28.yaml"), nullptr);
  return space->build(space->decode(encoding), {});
}
const char* const kEncoding = "B-h-1.5-s12/i5e3c24r2/f3e3c12r1/d5e1c40r1/i3e4c24r1/h128";

TEST(GraphModule, gives_every_parameter_a_gradient_and_the_same_in_either_order_of_memory) {
  const network::Graph graph = fm28_network(kEncoding);
  GraphModuleOptions plain;
  plain.channels_last = false;
  GraphModule one(graph), other(graph, plain);
  torch::manual_seed(1);
  const torch::Tensor x = torch::randn({4, 1, 28, 28});
  for (GraphModule* module : {&one, &other}) module->forward({x})[0].square().sum().backward();
  const auto a = one.parameters(), b = other.parameters();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_TRUE(a[i].grad().defined());
    // The bias-free sum before a normalization has none but by rounding.
    const double scale = b[i].grad().abs().max().item<double>() + 1e-3;
    EXPECT_LT((a[i].grad() - b[i].grad()).abs().max().item<double>() / scale, 2e-3) << one.weights()[i].name;
  }
}

TEST(GraphModule, shows_observers_every_activation_and_takes_what_they_return) {
  GraphModule module(fm28_network(kEncoding));
  module.eval();
  std::size_t seen = 0;
  module.observe([&](const Operator& op, TensorId id, torch::Tensor value) {
    EXPECT_EQ(value.sizes().vec()[0], 3);
    seen += id == op.outputs[0] ? 1 : 0;
    return op.kind == OperatorKind::kFullyConnected ? torch::full_like(value, 7) : value;
  });
  const torch::Tensor y = module.forward({torch::zeros({3, 1, 28, 28})})[0];
  EXPECT_EQ(seen, module.graph().operators().size());
  EXPECT_EQ(y.min().item<float>(), 7);
}

TEST(Initialisation, gives_the_same_bytes_for_a_seed_whatever_ran_before) {
  const network::Graph graph = fm28_network(kEncoding);
  GraphModule one(graph), other(graph);
  for (const char* name : {"fm28", "kaiming", "standard_normal", "xavier", "orthogonal"}) {
    const Initialisation kind = initialisation_from(name);
    EXPECT_STREQ(to_string(kind), name);
    initialise(one, kind, 5);
    torch::manual_seed(99);
    torch::randn({10});
    initialise(other, Initialisation::kFm28, 17);
    initialise(other, kind, 5);
    bool differs = false;
    for (std::size_t i = 0; i < one.weights().size(); ++i) {
      EXPECT_TRUE(one.weights()[i].tensor.equal(other.weights()[i].tensor));
    }
    initialise(other, kind, 6);
    for (std::size_t i = 0; i < one.weights().size(); ++i) {
      differs = differs || !one.weights()[i].tensor.equal(other.weights()[i].tensor);
    }
    EXPECT_TRUE(differs);
  }
  EXPECT_THROW(initialisation_from("zeros"), Error);
}

TEST(Initialisation, has_the_variance_that_its_name_says) {
  GraphModule module(fm28_network("A-r-1-s24/c5e1c32r1/c5e1c48r1/c5e1c80r1/x/h128"));
  const auto variance_times_fan = [&](WeightRole role) {
    double sum = 0, count = 0;
    for (const GraphModule::Weight& weight : module.weights()) {
      if (weight.role != role || weight.tensor.numel() < 1000) continue;
      const double fan = static_cast<double>(weight.tensor.numel() / weight.tensor.size(0));
      sum += weight.tensor.detach().square().sum().item<double>() * fan;
      count += static_cast<double>(weight.tensor.numel());
    }
    return sum / count;
  };
  EXPECT_NEAR(variance_times_fan(WeightRole::kConvolution), 2, 0.03);
  EXPECT_NEAR(variance_times_fan(WeightRole::kLinear), 1, 0.15);
  initialise(module, Initialisation::kKaiming, 3);
  EXPECT_NEAR(variance_times_fan(WeightRole::kLinear), 2, 0.3);
  initialise(module, Initialisation::kOrthogonal, 3);
  for (const GraphModule::Weight& weight : module.weights()) {
    if (weight.role != WeightRole::kConvolution ||
        weight.tensor.size(0) * weight.tensor.size(0) > weight.tensor.numel())
      continue;
    const torch::Tensor rows = weight.tensor.detach().contiguous(at::MemoryFormat::Contiguous).flatten(1);
    EXPECT_LT((rows.matmul(rows.t()) - torch::eye(rows.size(0))).abs().max().item<double>(), 1e-5);
  }
}

}  // namespace
}  // namespace lanewise::accuracy
