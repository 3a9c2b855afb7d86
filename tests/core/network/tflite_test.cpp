// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite files, written field by field: what comes of each operator, and what is refused by name.
#include <flatbuffers/flexbuffers.h>

#include <algorithm>

#include "core/network/file_details.hpp"
#include "core/network/onnx_export.hpp"
#include "tflite_file.hpp"

namespace lanewise::network::testing {
namespace {

using schema::Fused;
using schema::Padding;
using schema::TensorType;
using Long = std::vector<std::int64_t>;

std::vector<std::string> kinds(const Graph& graph) {
  std::vector<std::string> names;
  for (const Operator& op : graph.operators()) names.emplace_back(to_string(op.kind));
  return names;
}

bool moves(const Graph& graph) {
  return std::any_of(graph.operators().begin(), graph.operators().end(),
                     [](const Operator& op) { return op.kind == OperatorKind::kTranspose; });
}

const Long& output_shape(const Graph& graph, std::size_t at = 0) { return graph.tensor(graph.outputs()[at]).shape; }

TEST(Tflite, convolutions_stand_with_their_channels_second) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 9, 8, 3}), w = file.weight("w", {4, 3, 2, 3}), b = file.weight("b", {4});
  const int y = file.tensor("y", {1, 5, 4, 4});
  file.op(3, {x, w, b}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 2, 2, Fused::RELU6));
  const int d = file.weight("d", {1, 3, 3, 8}), z = file.tensor("z", {1, 3, 2, 8});
  file.op(4, {y, d, -1}, {z}, schema::CreateDepthwiseOptions(file.builder(), Padding::VALID, 1, 1));
  const std::string path = file.write({x}, {z});
  const Graph graph = import_network(path);
  EXPECT_EQ(kinds(graph), (std::vector<std::string>{"convolution", "activation", "convolution"}));
  EXPECT_EQ(graph.tensor(graph.inputs()[0]).shape, (Long{1, 3, 9, 8}));
  const Operator& first = graph.op(0);
  EXPECT_EQ(graph.tensor(first.weights[0]).shape, (Long{4, 3, 3, 2}));
  // Padding of "same": (5 - 1) * 2 + 3 - 9 = 2 rows and (4 - 1) * 2 + 2 - 8 = 0 columns.
  EXPECT_EQ(first.window.pad_begin[0], 1);
  EXPECT_EQ(first.window.pad_end[0], 1);
  EXPECT_EQ(first.window.pad_end[1], 0);
  EXPECT_EQ(macs(graph, first), 5 * 4 * 4 * 3 * 2 * 3);
  EXPECT_EQ(graph.op(1).activation, ActivationFunction::kRelu6);
  EXPECT_EQ(graph.op(2).groups, 4);
  EXPECT_EQ(macs(graph, graph.op(2)), 3 * 2 * 8 * 3 * 3);
  // Numbers are those of the file, in the order of their new places: w[o][i][y][x] is number ((o * 3 + y) * 2 + x) * 3
  // + i.
  const std::vector<float> numbers = read_file_details(graph, path).numbers.at("w");
  ASSERT_EQ(numbers.size(), 72U);
  for (int o = 0; o < 4; ++o) {
    for (int i = 0; i < 3; ++i) {
      for (int at = 0; at < 6; ++at) {
        EXPECT_EQ(numbers[static_cast<std::size_t>((o * 3 + i) * 6 + at)], static_cast<float>((o * 6 + at) * 3 + i));
      }
    }
  }
}

// What follows an image element by element or along an axis stays one; the axes follow.
TEST(Tflite, nothing_is_turned_between_operators_over_images) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 8, 8, 4}), w = file.weight("w", {6, 1, 1, 4}), c = file.weight("c", {6});
  const int y = file.tensor("y", {1, 8, 8, 6}), scaled = file.tensor("scaled", {1, 8, 8, 6});
  file.op(3, {x, w}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1));
  file.op(18, {y, c}, {scaled}, schema::CreateMulOptions(file.builder()));
  const int padded = file.tensor("padded", {1, 10, 9, 6});
  file.op(34, {scaled, file.constant<std::int32_t>("p", {4, 2}, TensorType::INT32, {0, 0, 1, 1, 0, 1, 0, 0})},
          {padded});
  const int axis = file.constant<std::int32_t>("a", {}, TensorType::INT32, {3});
  const int left = file.tensor("left", {1, 10, 9, 3}), right = file.tensor("right", {1, 10, 9, 3});
  file.op(49, {axis, padded}, {left, right});
  const int joined = file.tensor("joined", {1, 20, 9, 3});
  file.op(2, {left, right}, {joined}, schema::CreateConcatenationOptions(file.builder(), 1));
  const int cut = file.tensor("cut", {1, 4, 9, 3});
  file.op(65, {joined, file.integers("begin", {0, 2, 0, 0}), file.integers("size", {-1, 4, -1, -1})}, {cut});
  const int soft = file.tensor("soft", {1, 4, 9, 3});
  file.op(25, {cut}, {soft}, schema::CreateSoftmaxOptions(file.builder(), 1.0F));
  const int mean = file.tensor("mean", {1, 3});
  file.op(40, {soft, file.integers("hw", {1, 2})}, {mean}, schema::CreateReducerOptions(file.builder(), false));
  const Graph graph = import_network(file.write({x}, {mean}));
  EXPECT_FALSE(moves(graph));
  EXPECT_EQ(output_shape(graph), (Long{1, 3}));
  const auto find = [&](const char* name) -> const Operator& {
    return *std::find_if(graph.operators().begin(), graph.operators().end(),
                         [&](const Operator& op) { return op.name == name; });
  };
  EXPECT_EQ(find("padded").offsets, (Long{0, 0, 1, 0}));
  EXPECT_EQ(find("left").axes, (Long{1}));
  EXPECT_EQ(find("joined").axes, (Long{2}));
  EXPECT_EQ(find("soft").axes, (Long{1}));
  EXPECT_EQ(graph.tensor(find("cut").outputs[0]).shape, (Long{1, 3, 4, 9}));
}

// A row of a map's numbers lies in memory as the map does; the export turns it, and reads back without a movement.
TEST(Tflite, a_map_is_flattened_without_moving) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4, 4, 2}), w = file.weight("w", {3, 1, 1, 2}), y = file.tensor("y", {1, 4, 4, 3});
  file.op(3, {x, w}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1));
  const int row = file.tensor("row", {1, 48}), m = file.weight("m", {5, 48}), out = file.tensor("out", {1, 5});
  file.op(22, {y, file.integers("shape", {-1, 48})}, {row});
  file.op(9, {row, m}, {out}, schema::CreateFullyConnectedOptions(file.builder()));
  const std::string path = file.write({x}, {out});
  const Graph graph = import_network(path);
  EXPECT_EQ(kinds(graph), (std::vector<std::string>{"convolution", "reshape", "reshape", "fully_connected"}));
  const std::string exported = ::testing::TempDir() + "lanewise_flattened.onnx";
  OnnxExport options;
  options.weights_from = path;
  EXPECT_EQ(export_onnx(graph, exported, options).stripped, 0U);
  const Graph again = import_network(exported);
  EXPECT_EQ(kinds(again), kinds(graph));
  EXPECT_EQ(macs(again), macs(graph));
  EXPECT_EQ(again.op(1).source_type, "Transpose");
}

TEST(Tflite, a_transpose_of_the_file_moves) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4, 4, 2}), w = file.weight("w", {3, 1, 1, 2}), y = file.tensor("y", {1, 4, 4, 3});
  file.op(3, {x, w}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1));
  const int turned = file.tensor("turned", {1, 3, 4, 4});
  file.op(39, {y, file.integers("perm", {0, 3, 1, 2})}, {turned});
  const Graph graph = import_network(file.write({x}, {turned}));
  EXPECT_EQ(kinds(graph), (std::vector<std::string>{"convolution", "reshape", "transpose"}));
  EXPECT_EQ(graph.op(2).axes, (Long{0, 3, 1, 2}));
}

TEST(Tflite, quantised_tensors_say_their_precision) {
  for (const bool wide : {false, true}) {
    TfliteFile file;
    const TensorType type = wide ? TensorType::INT16 : TensorType::INT8;
    const int x = file.quantised("x", {1, 4, 4, 2}, type), y = file.quantised("y", {1, 4, 4, 2}, type);
    const int w = file.constant<std::int8_t>("w", {2, 1, 1, 2}, TensorType::INT8, {1, -2, 0, 4}, {0.5F, 0.25F}, 0);
    const int b = file.constant<std::int32_t>("b", {2}, TensorType::INT32, {3, 4}, {0.5F, 0.25F}, 0);
    file.op(3, {x, w, b}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1, Fused::RELU));
    const std::string path = file.write({x}, {y});
    ImportOptions options;
    options.precision = Precision::kFp16;
    const Graph graph = import_network(path, options);
    const Precision activations = wide ? Precision::kInt16 : Precision::kInt8;
    EXPECT_EQ(graph.tensor(graph.inputs()[0]).precision, activations);
    EXPECT_EQ(graph.tensor(graph.outputs()[0]).precision, activations);
    EXPECT_EQ(graph.tensor(graph.op(0).weights[0]).precision, Precision::kInt8);
    ImportOptions counted = options;
    counted.compression.counted = true;
    const Graph with_zeros = import_network(path, counted);
    EXPECT_EQ(nonzeros(with_zeros.tensor(with_zeros.op(0).weights[0])), 3);
  }
}

TEST(Tflite, half_precision_behind_a_dequantize_is_a_weight) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 2}),
            half = file.constant<std::uint16_t>("half", {2, 2}, TensorType::FLOAT16, {0x3C00, 0x4000, 0, 0xBC00});
  const int w = file.tensor("w", {2, 2}), y = file.tensor("y", {1, 2});
  file.op(6, {half}, {w});
  file.op(9, {x, w}, {y}, schema::CreateFullyConnectedOptions(file.builder()));
  const std::string path = file.write({x}, {y});
  const Graph graph = import_network(path);
  EXPECT_EQ(kinds(graph), (std::vector<std::string>{"fully_connected"}));
  EXPECT_EQ(parameters(graph), 4);
  const auto numbers = read_file_details(graph, path).numbers;
  ASSERT_EQ(numbers.size(), 1U);
  EXPECT_EQ(numbers.begin()->second, (std::vector<float>{1, 2, 0, -1}));
}

TEST(Tflite, a_constant_that_the_file_repeats_has_its_numbers) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 2, 4});
  const int once = file.constant<float>("once", {1, 1, 2}, TensorType::FLOAT32, {5, 7});
  const int times = file.constant<std::int32_t>("times", {3}, TensorType::INT32, {1, 2, 2});
  const int often = file.tensor("often", {1, 2, 4}), y = file.tensor("y", {1, 2, 4});
  constexpr int kTile = 69, kMul = 18;
  file.op(kTile, {once, times}, {often});
  file.op(kMul, {x, often}, {y});
  const std::string path = file.write({x}, {y});
  const FileDetails details = read_file_details(import_network(path), path);
  EXPECT_TRUE(details.not_read.empty());
  ASSERT_EQ(details.numbers.size(), 1U);
  EXPECT_EQ(details.numbers.begin()->second, (std::vector<float>{5, 7, 5, 7, 5, 7, 5, 7}));
}

TEST(Tflite, a_sparse_weight_has_its_zeros) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4}), stored = file.sparse_matrix("w", {2, 4}, {5, 6, 7}, {0, 1, 3}, {2, 0, 3});
  const int dense = file.tensor("dense", {2, 4}), y = file.tensor("y", {1, 2});
  file.op(124, {stored}, {dense});
  file.op(9, {x, dense}, {y}, schema::CreateFullyConnectedOptions(file.builder()));
  const std::string path = file.write({x}, {y});
  const Graph graph = import_network(path);
  EXPECT_EQ(macs(graph), 8);
  EXPECT_EQ(read_file_details(graph, path).numbers.at("w"), (std::vector<float>{0, 0, 5, 0, 6, 0, 0, 7}));
}

// What the host chooses is counted as many times as it may be; boxes come from anchors by the formula of detectors.
TEST(Tflite, the_last_step_of_a_detector_goes_to_the_host) {
  flexbuffers::Builder options;
  options.Map([&] {
    options.Int("max_detections", 10);
    options.Int("num_classes", 90);
    for (const char* scale : {"x_scale", "y_scale", "w_scale", "h_scale"}) options.Float(scale, 10.0F);
    options.Float("nms_iou_threshold", 0.6F);
  });
  options.Finish();
  TfliteFile file;
  const int boxes = file.tensor("boxes", {1, 50, 4}), scores = file.tensor("scores", {1, 50, 91});
  const int anchors = file.weight("anchors", {50, 4});
  const std::vector<int> outputs = {file.tensor("o0", {}), file.tensor("o1", {}), file.tensor("o2", {}),
                                    file.tensor("o3", {})};
  file.op(32, {boxes, scores, anchors}, outputs, schema::Options::NONE, 0, "TFLite_Detection_PostProcess",
          options.GetBuffer());
  file.end_subgraph({boxes, scores}, outputs);
  const Graph graph = import_network(file.write("detector"));
  EXPECT_EQ(output_shape(graph, 0), (Long{1, 10, 4}));
  EXPECT_EQ(output_shape(graph, 1), (Long{1, 10}));
  EXPECT_EQ(output_shape(graph, 2), (Long{1, 10}));
  EXPECT_EQ(output_shape(graph, 3), (Long{1}));
  const auto all = kinds(graph);
  EXPECT_EQ(std::count(all.begin(), all.end(), "host"), 1);
}

TEST(Tflite, an_open_batch_is_what_is_asked_for) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4, 4, 2}, TensorType::FLOAT32, true), w = file.weight("w", {3, 1, 1, 2});
  const int y = file.tensor("y", {1, 4, 4, 3}, TensorType::FLOAT32, true);
  file.op(3, {x, w}, {y}, schema::CreateConvolutionOptions(file.builder(), Padding::SAME, 1, 1));
  const int row = file.tensor("row", {1, 48}, TensorType::FLOAT32, true);
  file.op(22, {y, file.integers("shape", {1, 48})}, {row});
  const std::string path = file.write({x}, {row});
  EXPECT_EQ(output_shape(import_network(path)), (Long{1, 48}));
  ImportOptions options;
  options.batch = 5;
  EXPECT_EQ(output_shape(import_network(path, options)), (Long{5, 48}));
}

TEST(Tflite, transposed_convolutions_follow_their_output) {
  for (const bool custom : {false, true}) {
    TfliteFile file;
    const int x = file.tensor("x", {1, 4, 5, 2}), w = file.weight("w", {3, 2, 2, 2}), b = file.weight("b", {3});
    const int y = file.tensor("y", {1, 8, 10, 3});
    if (custom) {
      // Padding "same", strides of 2.
      file.op(32, {x, w, b}, {y}, schema::Options::NONE, 0, "Convolution2DTransposeBias",
              {1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0});
    } else {
      file.op(67, {file.integers("shape", {1, 8, 10, 3}), w, x, b}, {y},
              schema::CreateTransposeConvOptions(file.builder(), Padding::SAME, 2, 2));
    }
    const Graph graph = import_network(file.write({x}, {y}));
    ASSERT_EQ(kinds(graph), (std::vector<std::string>{"convolution"}));
    EXPECT_TRUE(graph.op(0).transposed);
    EXPECT_EQ(output_shape(graph), (Long{1, 3, 8, 10}));
    EXPECT_EQ(macs(graph), 4 * 5 * 2 * 2 * 2 * 3);
    EXPECT_EQ(graph.op(0).weights.size(), 2U);
  }
}

TEST(Tflite, variables_are_inputs_and_outputs) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 1, 4}), handle = file.tensor("handle", {}, TensorType::RESOURCE);
  file.op(142, {}, {handle}, schema::CreateVarHandleOptionsDirect(file.builder(), "", "ring"));
  const int before = file.tensor("before", {1, 2, 4}), all = file.tensor("all", {1, 3, 4}),
            kept = file.tensor("kept", {1, 2, 4});
  file.op(143, {handle}, {before});
  file.op(2, {before, x}, {all}, schema::CreateConcatenationOptions(file.builder(), 1));
  file.op(45, {all, file.integers("b", {0, 1, 0}), file.integers("e", {0, 0, 0}), file.integers("s", {1, 1, 1})},
          {kept}, schema::CreateStridedSliceOptions(file.builder(), 5, 7));
  file.op(144, {handle, kept}, {});
  const int sum = file.tensor("sum", {1, 4});
  file.op(74, {all, file.integers("axis", {1})}, {sum}, schema::CreateReducerOptions(file.builder(), false));
  const Graph graph = import_network(file.write({x}, {sum}));
  ASSERT_EQ(graph.inputs().size(), 2U);
  EXPECT_EQ(graph.tensor(graph.inputs()[1]).name, "ring");
  ASSERT_EQ(graph.outputs().size(), 2U);
  EXPECT_EQ(output_shape(graph, 1), (Long{1, 2, 4}));
}

// A step of a keyword spotter: filters over the features of the last steps.
TEST(Tflite, svdf_multiplies_features_and_time) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 10}), feature = file.weight("feature", {8, 10}),
            time = file.weight("time", {8, 6});
  const int state = file.variable("state", {1, 48}), y = file.tensor("y", {1, 4});
  file.op(27, {x, feature, time, -1, state}, {y}, schema::CreateSvdfOptions(file.builder(), 2, Fused::RELU));
  const Graph graph = import_network(file.write({x}, {y}));
  EXPECT_EQ(macs(graph), 8 * 10 + 8 * 6);
  EXPECT_EQ(output_shape(graph), (Long{1, 4}));
  EXPECT_EQ(graph.inputs().size(), 2U);
}

TEST(Tflite, an_lstm_goes_step_by_step) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 7, 3});
  std::vector<int> inputs = {x};
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(file.weight("w" + std::to_string(gate), {5, 3}));
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(file.weight("r" + std::to_string(gate), {5, 5}));
  inputs.insert(inputs.end(), {-1, -1, -1});
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(file.weight("b" + std::to_string(gate), {5}));
  inputs.insert(inputs.end(), {-1, -1, file.variable("h", {1, 5}), file.variable("c", {1, 5})});
  const int y = file.tensor("y", {1, 7, 5});
  file.op(44, inputs, {y}, schema::CreateSequenceLstmOptions(file.builder(), Fused::TANH));
  const Graph graph = import_network(file.write({x}, {y}));
  EXPECT_EQ(macs(graph), 7 * 4 * 5 * (3 + 5));
  EXPECT_EQ(output_shape(graph), (Long{1, 7, 5}));
}

TEST(Tflite, a_loop_whose_end_is_known_is_written_out) {
  TfliteFile file;
  const int i = file.constant<std::int32_t>("i", {}, TensorType::INT32, {0}), x = file.tensor("x", {1, 4});
  const int n = file.tensor("n", {}, TensorType::INT32), y = file.tensor("y", {1, 4});
  file.op(119, {i, x}, {n, y}, schema::CreateWhileOptions(file.builder(), 1, 2));
  file.end_subgraph({x}, {y});
  const int at = file.tensor("at", {}, TensorType::INT32), unused = file.tensor("unused", {1, 4});
  const int most = file.constant<std::int32_t>("most", {}, TensorType::INT32, {3}),
            less = file.tensor("less", {}, TensorType::BOOL);
  file.op(58, {at, most}, {less});
  file.end_subgraph({at, unused}, {less}, "condition");
  const int count = file.tensor("count", {}, TensorType::INT32), value = file.tensor("value", {1, 4});
  const int one = file.constant<std::int32_t>("one", {}, TensorType::INT32, {1}),
            next = file.tensor("next", {}, TensorType::INT32);
  file.op(0, {count, one}, {next}, schema::CreateAddOptions(file.builder()));
  const int w = file.weight("w", {4, 4}), result = file.tensor("result", {1, 4});
  file.op(9, {value, w}, {result}, schema::CreateFullyConnectedOptions(file.builder()));
  file.end_subgraph({count, value}, {next, result}, "body");
  const Graph graph = import_network(file.write("loop"));
  EXPECT_EQ(macs(graph), 3 * 4 * 4);
  EXPECT_EQ(parameters(graph), 16);
}

TEST(Tflite, a_loop_whose_end_depends_on_data_is_refused) {
  TfliteFile file;
  const int i = file.tensor("i", {}, TensorType::INT32), n = file.tensor("n", {}, TensorType::INT32);
  file.op(119, {i}, {n}, schema::CreateWhileOptions(file.builder(), 1, 2));
  file.end_subgraph({i}, {n});
  const int at = file.tensor("at", {}, TensorType::INT32), less = file.tensor("less", {}, TensorType::BOOL);
  const int most = file.constant<std::int32_t>("most", {}, TensorType::INT32, {3});
  file.op(58, {at, most}, {less});
  file.end_subgraph({at}, {less}, "condition");
  const int count = file.tensor("count", {}, TensorType::INT32), next = file.tensor("next", {}, TensorType::INT32);
  const int one = file.constant<std::int32_t>("one", {}, TensorType::INT32, {1});
  file.op(0, {count, one}, {next}, schema::CreateAddOptions(file.builder()));
  file.end_subgraph({count}, {next}, "body");
  EXPECT_NE(refusal(file.write("endless")).find("node 'n' (Loop): the condition is not a constant"), std::string::npos);
}

TEST(Tflite, a_called_subgraph_is_part_of_the_network) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4}), y = file.tensor("y", {1, 4});
  file.op(31, {x}, {y}, schema::CreateCallOptions(file.builder(), 1));
  file.end_subgraph({x}, {y});
  const int a = file.tensor("a", {1, 4}), w = file.weight("w", {4, 4}), b = file.tensor("b", {1, 4});
  file.op(9, {a, w}, {b}, schema::CreateFullyConnectedOptions(file.builder()));
  file.end_subgraph({a}, {b}, "inner");
  EXPECT_EQ(macs(import_network(file.write("call"))), 16);
  TfliteFile endless;
  const int p = endless.tensor("p", {1}), q = endless.tensor("q", {1});
  endless.op(31, {p}, {q}, schema::CreateCallOptions(endless.builder(), 0));
  endless.end_subgraph({p}, {q});
  EXPECT_EQ(refusal(endless.write("recursion")), "operator 0 (CALL): subgraphs call each other more than 16 deep");
}

TEST(Tflite, what_is_not_supported_is_named) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4}), y = file.tensor("y", {1, 4}), z = file.tensor("z", {1, 4});
  file.op(32, {x}, {y}, schema::Options::NONE, 0, "MyOperator");
  file.op(131, {y}, {z});
  const std::string path = file.write({x}, {z});
  EXPECT_EQ(refusal(path),
            "node 'y' (tflite.MyOperator): operator is not supported; nor are tflite.RFFT2D; --custom FILE says how "
            "operators are timed");
  ImportOptions options;
  options.custom = {{"*", "MyOperator", CustomTiming::kHost, 0, 1, false, {}, "here"},
                    {"tflite", "RFFT2D", CustomTiming::kElementwise, 0, 1, false, {}, "here"}};
  EXPECT_EQ(kinds(import_network(path, options)), (std::vector<std::string>{"host", "activation"}));
}

TEST(Tflite, damaged_files_are_refused_by_one_line) {
  TfliteFile file;
  const int x = file.tensor("x", {1, 4, 4, 2}), w = file.weight("w", {3, 1, 1, 2}), y = file.tensor("y", {1, 4, 4, 3});
  file.op(3, {x, w}, {y});
  file.end_subgraph({x}, {y});
  const std::string bytes = file.bytes();
  const std::string path = ::testing::TempDir() + "lanewise_damaged.tflite";
  const auto write = [&](const std::string& text) { std::ofstream(path, std::ios::binary) << text; };
  write(bytes);
  EXPECT_EQ(refusal(path), "operator 0 (CONV_2D): has no options, or those of another operator");
  write(bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(refusal(path), "is not a complete TensorFlow Lite model (truncated, or damaged)");
  write("TFL3");
  EXPECT_EQ(refusal(path), "is no TensorFlow Lite file: its bytes 4 to 7 are not TFL3");
  write("");
  EXPECT_NE(refusal(path).find("empty"), std::string::npos);
  TfliteFile short_weight;
  const int a = short_weight.tensor("a", {1, 4}), b = short_weight.tensor("b", {1, 4});
  const int m = short_weight.constant<float>("m", {4, 4}, TensorType::FLOAT32, {1, 2, 3});
  short_weight.op(9, {a, m}, {b}, schema::CreateFullyConnectedOptions(short_weight.builder()));
  EXPECT_EQ(refusal(short_weight.write({a}, {b})),
            "tensor 'm' has 12 bytes of numbers, where its shape [4, 4] needs 64");
  TfliteFile lost;
  const int p = lost.tensor("p", {1, 4}), q = lost.tensor("q", {1, 4}), r = lost.tensor("r", {1, 4});
  lost.op(0, {p, q}, {r}, schema::CreateAddOptions(lost.builder()));
  EXPECT_EQ(refusal(lost.write({p}, {r})), "operator 0 (ADD) reads tensor 'q', which nothing before it produces");
  TfliteFile outside;
  const int t = outside.tensor("t", {1, 4});
  outside.op(14, {t}, {7});
  EXPECT_EQ(refusal(outside.write({t}, {t})), "operator 0 of subgraph 0 names tensor 7; its subgraph has 1");
}

}  // namespace
}  // namespace lanewise::network::testing
