// SPDX-License-Identifier: Apache-2.0
// Weights written and read back.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "accuracy/network/initialisation.hpp"
#include "accuracy/network/trained_onnx.hpp"
#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "nas/space/space.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::accuracy {
namespace {

using cli::testing::ScratchFolder;

network::Graph network_of(const std::string& space_file, const std::string& encoding) {
  const auto space =
      nas::make_network_space(nas::load_space(LANEWISE_SOURCE_DIR "/spaces/" + space_file + ".yaml"), nullptr);
  return space->build(
      encoding.empty() ? space->canonical(nas::Genotype(space->genes().size(), 0)) : space->decode(encoding), {});
}

// Weights as after some training: no statistic is 0 or 1, no bias 0.
void change(GraphModule& module) {
  torch::NoGradGuard no_gradients;
  initialise(module, Initialisation::kFm28, 3);
  torch::manual_seed(4);
  for (const GraphModule::Weight& weight : module.weights()) {
    const bool is_matrix = weight.role == WeightRole::kConvolution || weight.role == WeightRole::kLinear;
    if (!is_matrix) weight.tensor.add_(torch::rand(weight.tensor.sizes()) * 0.1);
  }
}

std::map<std::string, int> kinds_of(const network::Graph& graph) {
  std::map<std::string, int> kinds;
  for (const network::Operator& op : graph.operators()) {
    // Dimensions of 1 that change places are read as a reshape.
    const bool moves = op.kind == network::OperatorKind::kTranspose || op.kind == network::OperatorKind::kReshape;
    ++kinds[moves ? "moves" : to_string(op.kind)];
  }
  return kinds;
}

void expect_same_network(GraphModule& module, GraphModule& read) {
  EXPECT_EQ(network::macs(read.graph()), network::macs(module.graph()));
  EXPECT_EQ(network::parameters(read.graph()), network::parameters(module.graph()));
  EXPECT_EQ(kinds_of(read.graph()), kinds_of(module.graph()));
  EXPECT_EQ(read.loaded(), module.weights().size());
  module.eval();
  read.eval();
  torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> inputs;
  for (const network::TensorId id : module.graph().inputs())
    inputs.push_back(torch::randn(module.graph().tensor(id).shape));
  const auto expected = module.forward(inputs), found = read.forward(inputs);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_TRUE(found[i].equal(expected[i])) << "output " << i;
}

TEST(TrainedOnnx, reads_back_bit_by_bit) {
  const ScratchFolder folder;
  const std::vector<std::pair<std::string, std::string>> networks = {
      {"fm28", "B-h-1.5-s12/i5e3c24r2/f3e3c12r1/d5e1c40r1/i3e4c24r1/h128"}, {"nas-bench-macro", ""}, {"speech", ""}};
  for (const auto& [space, encoding] : networks) {
    SCOPED_TRACE(space);
    GraphModule module(network_of(space, encoding));
    change(module);
    const std::string path = folder.file(space + ".onnx");
    write_onnx(module, path);
    expect_same_network(module, *read_onnx(path));
  }
}

TEST(TrainedOnnx, keeps_what_the_file_of_the_network_says) {
  const ScratchFolder folder;
  for (const char* name : {"mobilenet_v3_large"}) {
    SCOPED_TRACE(name);
    const std::string from = std::string(LANEWISE_SOURCE_DIR "/models/") + name + ".onnx";
    const std::shared_ptr<GraphModule> module = read_onnx(from);
    EXPECT_EQ(module->loaded(), 0U);  // its numbers were stripped
    change(*module);
    const std::string path = folder.file(std::string(name) + ".onnx");
    write_onnx(*module, path, from);
    expect_same_network(*module, *read_onnx(path));
  }
}

TEST(TrainedOnnx, is_the_same_bytes_for_the_same_weights) {
  const ScratchFolder folder;
  for (const char* name : {"a.onnx", "b.onnx"}) {
    GraphModule module(network_of("fm28", "C-r-1-s12/i5e4c28r2/i3e1c12r1/i3e2c28r1/i3e4c32r1/h0"));
    initialise(module, Initialisation::kFm28, 3);
    write_onnx(module, folder.file(name));
  }
  EXPECT_EQ(cli::testing::text_of(folder.file("a.onnx")), cli::testing::text_of(folder.file("b.onnx")));
}

TEST(TrainedOnnx, refuses_numbers_that_do_not_fit) {
  const ScratchFolder folder;
  const network::Graph graph = network_of("fm28", "C-r-1-s12/i5e4c28r2/i3e1c12r1/i3e2c28r1/i3e4c32r1/h0");
  network::OnnxExport options;
  options.numbers[graph.operators()[0].weights[0]] = {1, 2, 3};
  EXPECT_THROW(network::export_onnx(graph, folder.file("x.onnx"), options), Error);
  options.numbers = {{graph.inputs()[0], {1, 2, 3}}};
  EXPECT_THROW(network::export_onnx(graph, folder.file("x.onnx"), options), Error);
  EXPECT_FALSE(std::filesystem::exists(folder.file("x.onnx")));
}

}  // namespace
}  // namespace lanewise::accuracy
