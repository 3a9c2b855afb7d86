// SPDX-License-Identifier: Apache-2.0
// The shipped networks: published MACs and parameters, known blocks, every shape known.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "core/network/import.hpp"

namespace lanewise::network {
namespace {

struct Expected {
  const char* name;
  double mmacs;             // torchvision's, within half a percent
  std::int64_t parameters;  // torchvision's, batch normalizations included
  // Channels of batch normalizations: a scale and a shift each, of which folding into the convolution before leaves one
  // bias, so one parameter a channel fewer. Counted from torchvision's modules; every network that has any folds all of
  // them.
  std::int64_t folded_channels;
  std::vector<std::int64_t> output;
  int ibn, depthwise_separable, residual, squeeze_excite;
  std::int64_t computed = 0;  // constants that no training changes; biases that are added up beforehand are fewer
  std::size_t inputs = 1;     // with the first states of recurrent operators
};

const Expected kNetworks[] = {
    {"mobilenet_v2", 300.8, 3504872, 17056, {1, 1000}, 16, 1, 10, 0},
    // The first of the fifteen blocks has nothing to expand.
    {"mobilenet_v3_large", 216.6, 5483032, 12200, {1, 1000}, 14, 1, 10, 8},
    {"efficientnet_b0", 385.8, 5288548, 21008, {1, 1000}, 15, 1, 9, 16},
    {"resnet18", 1814.1, 11689512, 4800, {1, 1000}, 0, 0, 8, 0},
    {"resnet50", 4089.2, 25557032, 26560, {1, 1000}, 0, 0, 16, 0},
    {"regnet_y_400mf", 401.8, 4344144, 13576, {1, 1000}, 0, 0, 16, 16},
    // Thirteen units of one branch, three of two, none with a residual addition: they concatenate.
    {"shufflenet_v2_x1_0", 144.9, 2278604, 8090, {1, 1000}, 0, 19, 0, 0},
    {"mnasnet1_0", 314.4, 4383312, 18960, {1, 1000}, 16, 1, 10, 0},
    {"squeezenet1_1", 349.2, 1235496, 0, {1, 1000}, 0, 0, 0, 0},
    // Published: 17.6 G with the products of attention (12 x 2 x 197 x 197 x 768 beside 12 x 12 x 768^2 x 197), 86.6 M.
    // The twelve scales of queries are written into the graph.
    {"vit_b_16", 17563.8, 86567656, 0, {1, 1000}, 0, 0, 24, 0, 12},
    {"convnext_tiny", 4455.5, 28589128, 0, {1, 1000}, 0, 0, 18, 0},
    // Published: 4.5 G and 28.3 M. Each of 138 heads has 49 x 49 relative positions here, and 13 x 13 there.
    {"swin_t",
     4490.6,
     28288354 + 138 * (49 * 49 - 13 * 13),
     0,
     {1, 1000},
     0,
     0,
     24,
     0,
     // Masks of 64, 16 and 3 x 4 shifted windows, and 12 scales of queries.
     (64 + 16 + 3 * 4) * 49 * 49 + 12},
    {"lraspp_mobilenet_v3_large", 379.3, 3221538, 12328, {1, 21, 224, 224}, 14, 1, 10, 8},
    {"deeplabv3_mobilenet_v3_large", 1882.0, 11025477, 13992, {1, 21, 224, 224}, 14, 1, 10, 8},
    // A head taps the expanded tensor of one block, which leaves its depthwise and projection; the first block, four
    // extra layers and twelve heads are depthwise-separable by design.
    // Counted by hand: 49 steps of 4 x 118 x (10 + 118) and 118 x 12; published are 5.9 million operations. A step has
    // two biases a gate.
    {"kws_lstm", 2.961800, 4 * 118 * (10 + 118 + 2) + 12 * 118 + 12, 0, {1, 12}, 0, 0, 0, 0, -4 * 118, 3},
    {"ssdlite320_mobilenet_v3_large", 583.2, 3440060, 16472, {1, 3234, 4}, 13, 18, 10, 8},
};

class ModelsTest : public ::testing::TestWithParam<Expected> {
 protected:
  Graph import(const ImportOptions& options = {}) const {
    return import_network(std::string("models/") + GetParam().name + ".onnx", options);
  }
};

TEST_P(ModelsTest, has_the_published_size) {
  const Graph graph = import();
  EXPECT_EQ(graph.name(), GetParam().name);
  EXPECT_NEAR(static_cast<double>(macs(graph)) / 1e6, GetParam().mmacs, GetParam().mmacs * 0.005);
  EXPECT_EQ(parameters(graph), GetParam().parameters - GetParam().folded_channels);
  // Masks and other tables that were computed are stored, and were not trained.
  std::int64_t computed = 0;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    const bool read = !graph.consumers(static_cast<TensorId>(i)).empty();
    if (tensor.role == TensorRole::kWeight && read) computed += tensor.elements() - tensor.parameters();
  }
  EXPECT_EQ(computed, GetParam().computed);
  EXPECT_EQ(parameter_bytes(graph), Bytes(parameters(graph) + computed));
}

TEST_P(ModelsTest, every_shape_is_known) {
  const Graph graph = import();
  ASSERT_EQ(graph.inputs().size(), GetParam().inputs);
  EXPECT_EQ(graph.tensor(graph.outputs().at(0)).shape, GetParam().output);
  std::set<std::string> names;
  for (const Operator& op : graph.operators()) {
    EXPECT_TRUE(names.insert(op.name).second) << op.name;
    EXPECT_FALSE(op.outputs.empty()) << op.name;
  }
  for (const Tensor& tensor : graph.tensors()) {
    EXPECT_FALSE(tensor.name.empty());
    for (const std::int64_t dimension : tensor.shape) EXPECT_GE(dimension, 1) << tensor.name;
    EXPECT_EQ(tensor.precision, Precision::kInt8) << tensor.name;
  }
}

TEST_P(ModelsTest, has_the_known_blocks) {
  const Graph graph = import();
  std::map<BlockKind, int> found;
  for (const Block& block : graph.blocks()) ++found[block.kind];
  EXPECT_EQ(found[BlockKind::kInvertedBottleneck], GetParam().ibn);
  EXPECT_EQ(found[BlockKind::kDepthwiseSeparable], GetParam().depthwise_separable);
  EXPECT_EQ(found[BlockKind::kResidual], GetParam().residual);
  EXPECT_EQ(found[BlockKind::kSqueezeExcite], GetParam().squeeze_excite);
  EXPECT_EQ(found[BlockKind::kFusedInvertedBottleneck], 0);
}

TEST_P(ModelsTest, gives_the_same_graph_each_time) {
  const Graph first = import();
  const Graph second = import();
  ASSERT_EQ(first.operators().size(), second.operators().size());
  for (std::size_t i = 0; i < first.operators().size(); ++i) {
    EXPECT_EQ(first.operators()[i].name, second.operators()[i].name);
    EXPECT_EQ(first.operators()[i].inputs, second.operators()[i].inputs);
  }
}

TEST_P(ModelsTest, takes_another_precision) {
  const Graph graph = import({1, Precision::kFp16});
  for (const Tensor& tensor : graph.tensors()) EXPECT_EQ(tensor.precision, Precision::kFp16) << tensor.name;
  EXPECT_EQ(parameter_bytes(graph), Bytes(2 * (parameters(graph) + GetParam().computed)));
}

std::string name_of(const ::testing::TestParamInfo<Expected>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(All, ModelsTest, ::testing::ValuesIn(kNetworks), name_of);

// Widths from the MobileNetV2 article's table: expansion 6 but for the first block, which has none.
TEST(MobileNetV2, every_block_has_its_roles) {
  const Graph graph = import_network("models/mobilenet_v2.onnx");
  const std::int64_t outs[] = {24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320};
  std::int64_t in = 16;
  int number = 0;
  for (const Block& block : graph.blocks()) {
    if (block.kind != BlockKind::kInvertedBottleneck) continue;
    EXPECT_EQ(block.name, "ibn" + std::to_string(number));
    const std::int64_t out = outs[number++];
    const auto channels = [&](OperatorId id) { return graph.tensor(graph.op(id).outputs[0]).shape[1]; };
    EXPECT_EQ(channels(block.expand), 6 * in);
    EXPECT_EQ(channels(block.depthwise), 6 * in);
    EXPECT_EQ(graph.op(block.depthwise).groups, 6 * in);
    EXPECT_EQ(channels(block.project), out);
    EXPECT_EQ(block.residual_add != kNone, in == out) << block.name;
    EXPECT_EQ(block.operators.size(), in == out ? 6U : 5U);  // three convolutions, two activations, the addition
    in = out;
  }
  EXPECT_EQ(number, 16);
}

}  // namespace
}  // namespace lanewise::network
