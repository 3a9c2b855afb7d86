// SPDX-License-Identifier: Apache-2.0
#include "core/network/layer_numbers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/import.hpp"

namespace lanewise::network {
namespace {

constexpr const char* kModel = LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx";

TEST(LayerNumbers, are_written_as_they_are_read) {
  for (const char* text : {"int4", "weights=int4", "activations=int16", "weights=int4,activations=int8", "2:4", "0.5",
                           "2:4 + 0.3", "16 clusters", "2:4 + 16 clusters + int4", "0.25 + 2 clusters"}) {
    EXPECT_EQ(to_string(parse_layer_numbers(text)), text);
  }
  // 2:4 leaves half of the weights in any case.
  EXPECT_EQ(to_string(parse_layer_numbers("int8 + 2:4 + 0.5")), "2:4 + int8");
  EXPECT_TRUE(LayerNumbers{}.empty());
}

TEST(LayerNumbers, refuse_what_says_nothing_or_the_same_twice) {
  for (const char* text : {"", "int5", "4:2", "0", "1", "1.5", "1 clusters", "16 cluster", " clusters", "int4 + int8",
                           "2:4 + 1:4", "0.5 + 0.4", "16 clusters + 4 clusters", "2:4 + 0.6", "2:4 +", "dense"}) {
    EXPECT_THROW(parse_layer_numbers(text), Error) << text;
  }
}

TEST(LayerNumbers, a_network_with_them_is_the_one_that_its_two_files_say) {
  const Graph graph = import_network(kModel);
  const std::vector<bool> pruned = prunable(graph);
  const char* const forms[] = {"weights=int4", "2:4", "int16 + 16 clusters", "0.35 + weights=int4,activations=int8"};
  std::vector<LayerNumbers> numbers(graph.operators().size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (pruned[i]) numbers[i] = parse_layer_numbers(forms[next++ % 4]);
  }
  const Graph made = with_layer_numbers(graph, numbers);
  EXPECT_NE(graph_hash(made), graph_hash(graph));
  const auto write = [](const std::string& name, const std::string& text) {
    const std::string path = (std::filesystem::temp_directory_path() / ("lanewise_layer_numbers_" + name)).string();
    std::ofstream(path) << text;
    return path;
  };
  ImportOptions options;
  const std::string precisions = write("precisions", layer_precisions_text(made, "p"));
  const std::string compression = write("forms", compression_text(made, "f"));
  options.layers = read_layer_precisions(precisions);
  options.compression.layers = read_compression(compression).forms;
  const Graph read = import_network(kModel, options);
  ASSERT_EQ(read.tensors().size(), made.tensors().size());
  std::size_t four_bits = 0;
  for (std::size_t i = 0; i < made.tensors().size(); ++i) {
    EXPECT_EQ(read.tensors()[i].precision, made.tensors()[i].precision) << made.tensors()[i].name;
    EXPECT_EQ(read.tensors()[i].form, made.tensors()[i].form) << made.tensors()[i].name;
    four_bits += made.tensors()[i].precision == Precision::kInt4 ? 1 : 0;
  }
  EXPECT_GT(four_bits, 10u);
  std::filesystem::remove(precisions);
  std::filesystem::remove(compression);
}

TEST(LayerNumbers, a_structure_that_does_not_fit_leaves_the_weight_as_it_is) {
  const Graph graph = import_network(kModel);
  std::vector<LayerNumbers> numbers(graph.operators().size());
  std::size_t first = 0;
  while (!has_form(graph.operators()[first])) ++first;
  ASSERT_EQ(inputs_per_group(graph, graph.operators()[first]), 3);
  numbers[first] = parse_layer_numbers("2:4 + 16 clusters");
  const Graph made = with_layer_numbers(graph, numbers);
  const WeightForm form = made.tensor(made.operators()[first].weights[0]).form;
  EXPECT_FALSE(form.structured());
  EXPECT_EQ(form.density, 1);
  EXPECT_EQ(form.clusters, 16);
}

}  // namespace
}  // namespace lanewise::network
