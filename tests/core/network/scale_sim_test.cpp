// SPDX-License-Identifier: Apache-2.0
// Topologies of SCALE-Sim, as people write them.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "core/network/onnx_export.hpp"

namespace lanewise::network {
namespace {

const std::string kHeading =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

std::string write(const std::string& text, const std::string& suffix = ".csv") {
  const std::string path = ::testing::TempDir() + "lanewise_topology" + suffix;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string error_of(const std::string& text) {
  const std::string path = write(text);
  try {
    import_network(path);
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.size());
  }
  return "";
}

TEST(ScaleSim, each_line_is_a_layer_with_an_input_and_an_output) {
  ImportOptions options;
  options.batch = 2;
  options.weight_precision = Precision::kInt4;
  const Graph graph =
      import_network(write(kHeading + "stem, 34, 18, 3, 3, 3, 16, 2,\r\n\nhead, 1, 1, 1, 1, 64, 10, 1,\n"), options);
  EXPECT_EQ(graph.name(), "lanewise_topology");
  ASSERT_EQ(graph.operators().size(), 2U);
  EXPECT_EQ(graph.inputs().size(), 2U);
  EXPECT_EQ(graph.tensor(graph.outputs()[0]).shape, (std::vector<std::int64_t>{2, 16, 16, 8}));
  EXPECT_EQ(graph.tensor(graph.op(0).weights[0]).precision, Precision::kInt4);
  EXPECT_EQ(macs(graph, graph.op(0)), 2 * 16 * 16 * 8 * 3 * 3 * 3);
  EXPECT_EQ(macs(graph, graph.op(1)), 2 * 64 * 10);
}

// As the simulator itself counts: a window for each place and filter.
TEST(ScaleSim, a_depthwise_layer_follows_as_many_channels_as_it_has_filters) {
  const Graph graph = import_network(write(kHeading + "grey, 10, 10, 3, 3, 1, 8, 1,\n"
                                                      "depthwise, 10, 10, 3, 3, 1, 8, 1,\n"
                                                      "other, 10, 10, 3, 3, 1, 4, 1,\n"));
  EXPECT_EQ(graph.op(0).groups, 1);
  EXPECT_EQ(graph.op(1).groups, 8);
  EXPECT_EQ(graph.tensor(graph.op(1).inputs[0]).shape, (std::vector<std::int64_t>{1, 8, 10, 10}));
  EXPECT_EQ(graph.op(2).groups, 1);
  EXPECT_EQ(macs(graph), (8 + 8 + 4) * 8 * 8 * 9);
}

TEST(ScaleSim, headings_and_lines_vary) {
  const std::string line = "a, 8, 6, 3, 1, 5, 7, 1";
  const Graph usual = import_network(write(kHeading + line + ",\n"));
  for (const char* heading :
       {"Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides\n",
        "Layer Name, ifmap_h, ifmap_w, filter_h, filter_w, num_channels, num_filters, stride,\n",
        "Layer,\tIFMAP Height,\tIFMAP Width,\tFilter Height,\tFilter Width,\tChannels,\tNumber of "
        "Filters,\tStride,,,\n",
        "\xEF\xBB\xBF\"Layer name\", IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
        "Strides,\n",
        "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, "
        "Sparsity,\n"}) {
    SCOPED_TRACE(heading);
    for (const char* end : {"", ",", ", \r\n", ",1:2,\n"}) {
      const Graph graph = import_network(write(heading + line + end));
      EXPECT_EQ(graph_hash(graph), graph_hash(usual));
    }
  }
  // Both strides, and names that repeat or are missing.
  const Graph two = import_network(write(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Stride height, Stride "
      "width,\na, 9, 9, 1, 1, 2, 2, 2, 4,\na, 9, 9, 1, 1, 2, 2, 1, 1\n, 9, 9, 1, 1, 2, 2, 1, 1\n"));
  EXPECT_EQ(two.tensor(two.outputs()[0]).shape, (std::vector<std::int64_t>{1, 2, 5, 3}));
  EXPECT_EQ(two.op(1).name, "a_2");
  EXPECT_EQ(two.op(2).name, "layer3");
}

TEST(ScaleSim, products_have_rows_columns_and_depth) {
  for (const char* heading : {"Layer, M, N, K,\n", "Layer name,M,N,K\n"}) {
    const Graph graph = import_network(write(std::string(heading) + "up, 128, 3072, 768,\nscore, 128, 64, 32,\n"));
    ASSERT_EQ(graph.operators().size(), 2U);
    EXPECT_EQ(graph.op(0).kind, OperatorKind::kFullyConnected);
    EXPECT_EQ(macs(graph, graph.op(0)), std::int64_t{128} * 3072 * 768);
    EXPECT_EQ(macs(graph), std::int64_t{128} * 3072 * 768 + 128 * 64 * 32);
  }
}

TEST(ScaleSim, the_heading_is_enough_to_recognise_the_format) {
  EXPECT_EQ(import_network(write(kHeading + "a, 4, 4, 1, 1, 2, 2, 1,\n", ".topology")).operators().size(), 1U);
}

TEST(ScaleSim, a_list_can_be_written_as_onnx) {
  const std::string path = write(kHeading + "a, 34, 18, 3, 3, 3, 16, 2,\nb, 34, 18, 3, 3, 1, 16, 2,\n");
  const Graph graph = import_network(path);
  OnnxExport options;
  options.weights_from = path;
  const std::string exported = ::testing::TempDir() + "lanewise_topology.onnx";
  EXPECT_EQ(export_onnx(graph, exported, options).stripped, 2U);
  EXPECT_EQ(graph_hash(import_network(exported)), graph_hash(graph));
}

TEST(ScaleSim, errors_name_the_line) {
  EXPECT_EQ(error_of(kHeading + "\na, 4, 4, 1, 1, 2, 1,\n"),
            ":3: 7 fields, must be at least 8: the strides is missing");
  EXPECT_EQ(error_of(kHeading + "a, 4, x, 1, 1, 2, 2, 1,\n"),
            ":2: ifmapwidth 'x', must be a whole number between 1 and 1048576");
  EXPECT_EQ(error_of(kHeading + "a, 4, 4, 5, 1, 2, 2, 1,\n"),
            ":2: filter of 5x1, must not be larger than its input of 4x4");
  EXPECT_EQ(error_of(kHeading), ": has no layers");
  EXPECT_EQ(error_of("Layer name, M, N,\na, 1, 2,\n"),
            ":1: heading without a column 'ifmapheight', which a list of convolutions needs");
  EXPECT_EQ(error_of("network,engine,latency_cycles\na,b,3\n"),
            ":1: heading 'network', must begin with 'Layer name' (convolutions) or 'Layer' (M, N, K)");
}

}  // namespace
}  // namespace lanewise::network
