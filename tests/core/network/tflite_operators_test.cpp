// SPDX-License-Identifier: Apache-2.0
// One operator of TensorFlow Lite at a time: its output has the shape that the format says, whichever way its input
// lies.
#include <functional>

#include "tflite_file.hpp"

namespace lanewise::network::testing {
namespace {

using schema::Padding;
using schema::TensorType;
using Long = std::vector<std::int64_t>;

struct Case {
  const char* name;
  int code;
  std::vector<Sizes> inputs;  // of real numbers, computed
  Sizes output;
  // Further inputs, which are constants.
  std::function<std::vector<int>(TfliteFile&)> constants = {};
  std::function<flatbuffers::Offset<void>(TfliteFile&)> options = {};
  schema::Options kind = schema::Options::NONE;
  bool constants_first = false;
  TensorType type = TensorType::FLOAT32;  // of the output
};

std::vector<int> ints(TfliteFile& file, const std::vector<std::int32_t>& numbers) {
  return {file.integers("c", numbers)};
}
int scalar(TfliteFile& file, std::int32_t number) {
  return file.constant<std::int32_t>("s", {}, TensorType::INT32, {number});
}
int matrix(TfliteFile& file, const std::vector<std::int32_t>& numbers) {
  return file.constant<std::int32_t>("m", {static_cast<int>(numbers.size()) / 2, 2}, TensorType::INT32, numbers);
}

const std::vector<Case>& cases() {
  using F = TfliteFile&;
  static const std::vector<Case> table = {
      {"l2_pool",
       12,
       {{1, 8, 8, 4}},
       {1, 4, 4, 4},
       {},
       [](F f) { return schema::CreatePoolOptions(f.builder(), Padding::VALID, 2, 2, 2, 2).Union(); },
       schema::Options::PoolOptions},
      {"average_pool_same",
       1,
       {{1, 7, 7, 4}},
       {1, 4, 4, 4},
       {},
       [](F f) { return schema::CreatePoolOptions(f.builder(), Padding::SAME, 2, 2, 3, 3).Union(); },
       schema::Options::PoolOptions},
      {"max_pool_whole",
       17,
       {{1, 7, 5, 4}},
       {1, 1, 1, 4},
       {},
       [](F f) { return schema::CreatePoolOptions(f.builder(), Padding::VALID, 1, 1, 5, 7).Union(); },
       schema::Options::PoolOptions},
      {"space_to_batch",
       38,
       {{1, 7, 6, 4}},
       {4, 4, 3, 4},
       [](F f) {
         return std::vector<int>{f.integers("b", {2, 2}), matrix(f, {0, 1, 0, 0})};
       }},
      {"batch_to_space",
       37,
       {{4, 4, 3, 4}},
       {1, 7, 6, 4},
       [](F f) {
         return std::vector<int>{f.integers("b", {2, 2}), matrix(f, {0, 1, 0, 0})};
       }},
      {"space_to_depth",
       26,
       {{1, 6, 4, 3}},
       {1, 3, 2, 12},
       {},
       [](F f) { return schema::CreateSpaceToDepthOptions(f.builder(), 2).Union(); },
       schema::Options::SpaceToDepthOptions},
      {"depth_to_space",
       5,
       {{1, 3, 2, 12}},
       {1, 6, 4, 3},
       {},
       [](F f) { return schema::CreateDepthToSpaceOptions(f.builder(), 2).Union(); },
       schema::Options::DepthToSpaceOptions},
      {"resize_bilinear",
       23,
       {{1, 4, 4, 3}},
       {1, 9, 7, 3},
       [](F f) {
         return ints(f, {9, 7});
       },
       [](F f) { return schema::CreateResizeBilinearOptions(f.builder(), true).Union(); },
       schema::Options::ResizeBilinearOptions},
      {"resize_nearest",
       97,
       {{1, 4, 4, 3}},
       {1, 8, 8, 3},
       [](F f) {
         return ints(f, {8, 8});
       },
       [](F f) { return schema::CreateResizeNearestOptions(f.builder(), false, true).Union(); },
       schema::Options::ResizeNearestOptions},
      {"local_response",
       13,
       {{1, 4, 4, 6}},
       {1, 4, 4, 6},
       {},
       [](F f) { return schema::CreateLocalResponseOptions(f.builder(), 2, 1.0F, 0.1F, 0.5F).Union(); },
       schema::Options::LocalResponseOptions},
      {"l2_normalization",
       11,
       {{1, 4, 4, 6}},
       {1, 4, 4, 6},
       {},
       [](F f) { return schema::CreateL2NormOptions(f.builder()).Union(); },
       schema::Options::L2NormOptions},
      {"prelu",
       54,
       {{1, 4, 5, 6}},
       {1, 4, 5, 6},
       [](F f) {
         return std::vector<int>{f.weight("a", {1, 1, 6})};
       }},
      {"add_of_row",
       0,
       {{1, 4, 5, 6}},
       {1, 4, 5, 6},
       [](F f) {
         return std::vector<int>{f.weight("a", {5, 6})};
       }},
      {"add_of_computed_row", 0, {{1, 4, 5, 6}, {5, 6}}, {1, 4, 5, 6}},
      {"select",
       123,
       {{1, 4, 5, 6}, {1, 4, 5, 6}},
       {1, 4, 5, 6},
       [](F f) {
         return std::vector<int>{f.constant<std::uint8_t>("t", {6}, TensorType::BOOL, {1, 0, 1, 0, 1, 1})};
       },
       {},
       schema::Options::NONE,
       true},
      {"squared_difference", 99, {{1, 4, 5, 6}, {1, 4, 5, 6}}, {1, 4, 5, 6}},
      {"floor_div", 90, {{1, 4}, {1, 4}}, {1, 4}},
      {"not_equal", 72, {{1, 4}, {1, 4}}, {1, 4}, {}, {}, schema::Options::NONE, false, TensorType::BOOL},
      {"add_n", 106, {{1, 4}, {1, 4}, {1, 4}}, {1, 4}},
      {"rsqrt", 76, {{1, 4, 5, 6}}, {1, 4, 5, 6}},
      {"gelu",
       150,
       {{1, 4, 5, 6}},
       {1, 4, 5, 6},
       {},
       [](F f) { return schema::CreateGeluOptions(f.builder(), true).Union(); },
       schema::Options::GeluOptions},
      {"log_softmax", 50, {{1, 4, 5, 6}}, {1, 4, 5, 6}},
      {"mean_over_rows", 40, {{1, 4, 5, 6}}, {1, 5, 6}, [](F f) { return ints(f, {1}); }},
      {"mean_over_channels", 40, {{1, 4, 5, 6}}, {1, 4, 5}, [](F f) { return ints(f, {-1}); }},
      {"sum_kept",
       74,
       {{1, 4, 5, 6}},
       {1, 1, 5, 6},
       [](F f) { return ints(f, {1}); },
       [](F f) { return schema::CreateReducerOptions(f.builder(), true).Union(); },
       schema::Options::ReducerOptions},
      {"argmax",
       56,
       {{1, 4, 5, 6}},
       {1, 4, 5},
       [](F f) { return std::vector<int>{scalar(f, 3)}; },
       {},
       schema::Options::NONE,
       false,
       TensorType::INT64},
      {"cumsum",
       128,
       {{3, 4}},
       {3, 4},
       [](F f) { return std::vector<int>{scalar(f, 1)}; },
       [](F f) { return schema::CreateCumsumOptions(f.builder()).Union(); },
       schema::Options::CumsumOptions},
      {"pack",
       83,
       {{1, 4}, {1, 4}},
       {1, 2, 4},
       {},
       [](F f) { return schema::CreatePackOptions(f.builder(), 1).Union(); },
       schema::Options::PackOptions},
      {"reverse", 105, {{1, 4, 3}}, {1, 4, 3}, [](F f) { return ints(f, {1}); }},
      {"mirror_pad",
       100,
       {{1, 4, 5, 6}},
       {1, 6, 8, 6},
       [](F f) {
         return std::vector<int>{matrix(f, {0, 0, 1, 1, 2, 1, 0, 0})};
       },
       [](F f) { return schema::CreateMirrorPadOptions(f.builder()).Union(); },
       schema::Options::MirrorPadOptions},
      {"tile",
       69,
       {{1, 4, 5, 6}},
       {1, 8, 5, 18},
       [](F f) {
         return ints(f, {1, 2, 1, 3});
       }},
      {"broadcast_to",
       130,
       {{1, 1, 6}},
       {1, 5, 6},
       [](F f) {
         return ints(f, {1, 5, 6});
       }},
      {"gather",
       36,
       {{1, 5, 6}},
       {1, 3, 6},
       [](F f) {
         return ints(f, {4, 0, 2});
       },
       [](F f) { return schema::CreateGatherOptions(f.builder(), 1).Union(); },
       schema::Options::GatherOptions},
      {"gather_in_a_batch_of_one",
       36,
       {{1, 5, 6}},
       {1, 3, 6},
       [](F f) {
         return std::vector<int>{f.constant<std::int32_t>("i", {1, 3}, TensorType::INT32, {4, 0, 2})};
       },
       [](F f) { return schema::CreateGatherOptions(f.builder(), 1, 1).Union(); },
       schema::Options::GatherOptions},
      {"gather_nd",
       107,
       {{3, 5, 6}},
       {2, 6},
       [](F f) {
         return std::vector<int>{matrix(f, {0, 1, 2, 4})};
       }},
      {"expand_dims", 70, {{1, 5, 6}}, {1, 1, 5, 6}, [](F f) { return std::vector<int>{scalar(f, 1)}; }},
      {"squeeze",
       43,
       {{1, 1, 5, 6}},
       {1, 5, 6},
       {},
       [](F f) {
         const std::vector<int> axes = {1};
         return schema::CreateSqueezeOptionsDirect(f.builder(), &axes).Union();
       },
       schema::Options::SqueezeOptions},
      {"strided_slice",
       45,
       {{1, 8, 6, 4}},
       {1, 4, 3, 4},
       [](F f) {
         return std::vector<int>{f.integers("b", {0, 1, -1, 0}), f.integers("e", {1, 8, -7, 4}),
                                 f.integers("s", {1, 2, -2, 1})};
       },
       [](F f) { return schema::CreateStridedSliceOptions(f.builder()).Union(); },
       schema::Options::StridedSliceOptions},
      {"strided_slice_that_shrinks",
       45,
       {{1, 8, 6, 4}},
       {1, 6, 4},
       [](F f) {
         return std::vector<int>{f.integers("b", {0, 3}), f.integers("e", {0, 4}), f.integers("s", {1, 1})};
       },
       [](F f) { return schema::CreateStridedSliceOptions(f.builder(), 1, 1, 0, 0, 2).Union(); },
       schema::Options::StridedSliceOptions},
      {"strided_slice_with_ellipsis_and_new_axis",
       45,
       {{1, 8, 6, 4}},
       {1, 8, 6, 2, 1},
       [](F f) {
         return std::vector<int>{f.integers("b", {0, 1, 0}), f.integers("e", {0, 3, 0}), f.integers("s", {1, 1, 1})};
       },
       [](F f) { return schema::CreateStridedSliceOptions(f.builder(), 0, 0, 1, 4).Union(); },
       schema::Options::StridedSliceOptions},
      {"batch_matmul",
       126,
       {{2, 3, 4}, {2, 5, 4}},
       {2, 3, 5},
       {},
       [](F f) { return schema::CreateBatchMatMulOptions(f.builder(), false, true).Union(); },
       schema::Options::BatchMatMulOptions},
      {"fully_connected_that_keeps",
       9,
       {{1, 3, 4}},
       {1, 3, 5},
       [](F f) {
         return std::vector<int>{f.weight("w", {5, 4}), f.weight("b", {5})};
       },
       [](F f) { return schema::CreateFullyConnectedOptions(f.builder(), schema::Fused::RELU, 0, true).Union(); },
       schema::Options::FullyConnectedOptions},
      {"embedding",
       7,
       {},
       {3, 6},
       [](F f) {
         return std::vector<int>{f.integers("i", {4, 0, 2}), f.weight("table", {5, 6})};
       }},
      {"one_hot",
       85,
       {},
       {3, 7},
       [](F f) {
         return std::vector<int>{f.integers("i", {4, 0, 2}), scalar(f, 7),
                                 f.constant<float>("on", {}, TensorType::FLOAT32, {1}),
                                 f.constant<float>("off", {}, TensorType::FLOAT32, {0})};
       },
       [](F f) { return schema::CreateOneHotOptions(f.builder(), -1).Union(); },
       schema::Options::OneHotOptions},
      {"rnn",
       35,
       {{2, 7, 3}},
       {2, 7, 5},
       [](F f) {
         return std::vector<int>{f.weight("w", {5, 3}), f.weight("r", {5, 5}), f.weight("b", {5}),
                                 f.variable("h", {2, 5})};
       },
       [](F f) { return schema::CreateSequenceRnnOptions(f.builder(), false, schema::Fused::TANH).Union(); },
       schema::Options::SequenceRnnOptions},
      {"single_rnn",
       24,
       {{2, 3}},
       {2, 5},
       [](F f) {
         return std::vector<int>{f.weight("w", {5, 3}), f.weight("r", {5, 5}), f.weight("b", {5}),
                                 f.variable("h", {2, 5})};
       },
       [](F f) { return schema::CreateRnnOptions(f.builder(), schema::Fused::RELU).Union(); },
       schema::Options::RnnOptions},
  };
  return table;
}

// A convolution before the operator writes its input as an image; an addition lets the output be read.
std::string write(const Case& given, bool behind_convolution) {
  TfliteFile file;
  std::vector<int> sources, inputs;
  for (const Sizes& shape : given.inputs) {
    const int x = file.tensor("x", shape);
    sources.push_back(x);
    inputs.push_back(x);
    if (!behind_convolution || shape.size() != 4) continue;
    inputs.back() = file.tensor("image", shape);
    file.op(3, {x, file.weight("w1", {shape[3], 1, 1, shape[3]})}, {inputs.back()},
            schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1));
  }
  if (given.constants) {
    const std::vector<int> constants = given.constants(file);
    inputs.insert(given.constants_first ? inputs.begin() : inputs.end(), constants.begin(), constants.end());
  }
  int y = file.tensor("y", given.output, given.type);
  file.op(given.code, inputs, {y}, given.kind, given.options ? given.options(file) : 0);
  if (sources.empty()) {  // something must be computed
    const int x = file.tensor("x", given.output), sum = file.tensor("sum", given.output);
    file.op(0, {x, y}, {sum});
    sources.push_back(x);
    y = sum;
  }
  return file.write(sources, {y});
}

class OneOperator : public ::testing::TestWithParam<std::size_t> {};

TEST_P(OneOperator, has_the_shape_that_the_format_says) {
  const Case& given = cases()[GetParam()];
  for (const bool behind : {false, true}) {
    SCOPED_TRACE(behind ? "behind a convolution" : "of an input");
    const Graph graph = import_network(write(given, behind));
    Long found = graph.tensor(graph.outputs()[0]).shape;
    const Long wanted(given.output.begin(), given.output.end());
    if (found != wanted && found.size() == 4) found = {found[0], found[2], found[3], found[1]};
    EXPECT_EQ(found, wanted);
    EXPECT_FALSE(graph.operators().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Tflite, OneOperator, ::testing::Range<std::size_t>(0, cases().size()),
                         [](const auto& given) { return std::string(cases()[given.param].name); });

}  // namespace
}  // namespace lanewise::network::testing
