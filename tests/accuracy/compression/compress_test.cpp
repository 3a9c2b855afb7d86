// SPDX-License-Identifier: Apache-2.0
// A network compressed: what it computes, what stays zero and equal through training, and what its file holds.
#include "accuracy/compression/compress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "accuracy/compression/compression.hpp"
#include "accuracy/compression/fold.hpp"
#include "accuracy/compression/prune.hpp"
#include "accuracy/network/trained_onnx.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "core/base/error.hpp"
#include "tests/accuracy/training/tiny.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::accuracy::testing {
namespace {

namespace fs = std::filesystem;
using cli::testing::ScratchFolder;
using cli::testing::text_of;

TrainingData tiny_data() {
  TrainingData data;
  data.name = "tiny";
  data.images.train = tiny_images(240, 1);
  data.images.validation = tiny_images(90, 2);
  data.images.test = tiny_images(90, 3);
  data.images.normalisation = measure_normalisation(data.images.train);
  data.identity = data_identity(data.images);
  return data;
}

Recipe tiny_recipe() {
  Recipe recipe;
  recipe.epochs = 3;
  recipe.batch = 32;
  recipe.learning_rate = 0.1;
  recipe.augment = {"pad-crop=1"};
  return recipe;
}

// A network trained once for all tests, as a file.
class Compressed : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new ScratchFolder();
    data_ = new TrainingData(tiny_data());
    const network::Graph graph = tiny_network("h-s8-c12");
    TrainingJob job;
    job.name = "tiny";
    job.graph = &graph;
    job.recipe = tiny_recipe();
    job.device = Device::kCpu;
    job.folder = scratch_->file("trained");
    train(job, *data_, {});
    path_ = job.folder + "/network.onnx";
  }
  static void TearDownTestSuite() {
    delete data_;
    delete scratch_;
  }

  // Of the file, with this precision for all layers; none: nothing is rounded.
  CompressionJob job(std::optional<Precision> precision = std::nullopt) {
    network::ImportOptions options;
    options.precision = precision;
    graph_ = network::import_network(path_, options);
    CompressionJob job;
    job.graph = &graph_;
    job.file = std::make_shared<network::FileDetails>(network::read_file_details(graph_, path_));
    job.source = path_;
    job.quantises = precision.has_value();
    job.calibration_images = 64;
    job.recipe = tiny_recipe();
    job.recipe.learning_rate = 0.01;
    job.device = Device::kCpu;
    return job;
  }
  static CompressionResult run(const CompressionJob& job) { return compress(job, *data_, {}); }
  static std::vector<torch::Tensor> some_images() {
    return {image_tensor(data_->images.test, data_->images.normalisation)};
  }

  static ScratchFolder* scratch_;
  static TrainingData* data_;
  static std::string path_;
  network::Graph graph_;
};
ScratchFolder* Compressed::scratch_ = nullptr;
TrainingData* Compressed::data_ = nullptr;
std::string Compressed::path_;

// Weights of convolutions and linear layers of a file, by the operator's name.
std::map<std::string, torch::Tensor> weights_of(const std::string& path) {
  std::map<std::string, torch::Tensor> out;
  const auto module = read_onnx(path);
  for (const network::Operator& op : module->graph().operators()) {
    const bool multiplies =
        op.kind == network::OperatorKind::kConvolution || op.kind == network::OperatorKind::kFullyConnected;
    if (multiplies) out[op.name] = module->whole(op.weights[0]).detach();
  }
  return out;
}

TEST_F(Compressed, folding_leaves_what_the_network_computes) {
  const auto module = read_onnx(path_);
  module->eval();
  const FoldedNetwork folded = fold_batch_norms(*module);
  EXPECT_GT(folded.folded, 2);
  EXPECT_EQ(folded.left, 0);
  GraphModuleOptions options;
  options.file = folded.file;
  GraphModule after(folded.graph, options);
  after.eval();
  const torch::NoGradGuard no_gradients;
  const torch::Tensor wanted = module->forward(some_images())[0];
  EXPECT_TRUE(after.forward(some_images())[0].allclose(wanted, 1e-4, 1e-4));
  EXPECT_EQ(network::macs(folded.graph), network::macs(module->graph()));
  EXPECT_EQ(after.loaded(), after.weights().size());
}

TEST_F(Compressed, the_file_holds_the_zeros_that_were_asked_for) {
  CompressionJob wanted = job();
  wanted.prune = {parse_prune("2:4")};
  wanted.out = scratch_->file("two_of_four.onnx");
  const CompressionResult result = run(wanted);
  const auto weights = weights_of(wanted.out);
  int structured = 0;
  for (const CompressedLayer& layer : result.layers) {
    if (!layer.form.structured()) continue;
    ++structured;
    const torch::Tensor& weight = weights.at(layer.name);
    // Applied again the mask takes nothing away.
    EXPECT_TRUE((weight * structure_mask(weight, 2, 4, 1)).equal(weight)) << layer.name;
    EXPECT_EQ(weight.count_nonzero().item<std::int64_t>(), layer.nonzero);
    EXPECT_EQ(layer.nonzero, layer.weights / 2) << layer.name;
  }
  EXPECT_GE(structured, 2);
  EXPECT_TRUE(result.precision_file.empty());
}

TEST_F(Compressed, the_file_holds_as_many_values_as_were_asked_for) {
  CompressionJob wanted = job();
  wanted.cluster = {parse_cluster("5")};
  wanted.prune = {parse_prune("0.5")};
  wanted.out = scratch_->file("clusters.onnx");
  const CompressionResult result = run(wanted);
  const auto weights = weights_of(wanted.out);
  for (const CompressedLayer& layer : result.layers) {
    EXPECT_EQ(std::get<0>(at::_unique(weights.at(layer.name))).numel(), 5) << layer.name;
    EXPECT_EQ(layer.values, 5);
    if (layer.form.density == 0.5) {
      EXPECT_EQ(layer.nonzero, layer.weights / 2) << layer.name;
    }
  }
}

TEST_F(Compressed, zeros_and_shared_values_hold_through_training_and_it_goes_on_where_it_was_cut_off) {
  CompressionJob wanted = job(Precision::kInt8);
  wanted.prune = {parse_prune("2:4")};
  wanted.cluster = {parse_cluster("8")};
  wanted.fine_tunes = true;
  wanted.folder = scratch_->file("tuned");
  wanted.out = scratch_->file("tuned.onnx");
  const CompressionResult result = run(wanted);
  ASSERT_EQ(result.stages.size(), 3u);
  CompressionJob untuned = wanted;
  untuned.fine_tunes = false;
  untuned.out = scratch_->file("untuned.onnx");
  const CompressionResult before = run(untuned);
  const auto tuned = weights_of(wanted.out), first = weights_of(untuned.out);
  for (const CompressedLayer& layer : result.layers) {
    const torch::Tensor &now = tuned.at(layer.name), &then = first.at(layer.name);
    EXPECT_FALSE(now.equal(then)) << layer.name << " was trained";
    if (layer.form.clusters > 0) {
      EXPECT_LE(std::get<0>(at::_unique(now)).numel(), 8) << layer.name;
    }
    if (layer.form.structured()) {
      EXPECT_TRUE((now * structure_mask(then, 2, 4, 1)).equal(now)) << layer.name;
    }
  }
  EXPECT_EQ(before.stages[1].validation.front().value, result.stages[1].validation.front().value);
  // Cut off after the first epoch, it ends in the same bytes.
  CompressionJob cut = wanted;
  cut.folder = scratch_->file("cut");
  cut.out = scratch_->file("cut.onnx");
  Progress stopping;
  bool ended = false;
  stopping.report = [&](const std::string& phase, std::int64_t, std::int64_t) {
    ended = ended || phase.find("epoch 2") != std::string::npos;
  };
  stopping.stopped = [&] { return ended; };
  EXPECT_THROW(compress(cut, *data_, stopping), Interrupted);
  EXPECT_FALSE(fs::exists(cut.out));
  EXPECT_TRUE(fs::exists(cut.folder + "/checkpoint"));
  run(cut);
  EXPECT_EQ(text_of(cut.out), text_of(wanted.out));
  // Another compression does not go on with it.
  CompressionJob other = wanted;
  other.cluster = {parse_cluster("4")};
  EXPECT_THROW(run(other), Error);
}

TEST_F(Compressed, eight_bits_cost_little_and_two_bits_much) {
  const CompressionResult eight = run(job(Precision::kInt8)), two = run(job(Precision::kInt2));
  const double before = *eight.stages[0].validation_loss;
  EXPECT_LT(std::abs(*eight.stages[1].validation_loss - before), 0.05);
  EXPECT_GT(*two.stages[1].validation_loss - before, 0.2);
  EXPECT_GT(eight.rounded_activations, 3);
  for (const CompressedLayer& layer : eight.layers) EXPECT_LT(layer.change, 1e-3);
}

TEST_F(Compressed, the_precisions_beside_the_file_are_read_as_the_same) {
  CompressionJob wanted = job(Precision::kInt4);
  wanted.out = scratch_->file("four.onnx");
  const CompressionResult result = run(wanted);
  EXPECT_EQ(result.precision_file, scratch_->file("four.precisions"));
  network::ImportOptions options;
  options.layers = network::read_layer_precisions(result.precision_file);
  const network::Graph read = network::import_network(wanted.out, options);
  const network::Graph as_it_says = network::import_network(wanted.out);
  for (const network::Graph* graph : {&read, &as_it_says}) {
    for (const network::Tensor& tensor : graph->tensors()) {
      if (tensor.elements() > 12) {
        EXPECT_EQ(tensor.precision, Precision::kInt4) << tensor.name;
      }
    }
  }
}

TEST_F(Compressed, each_layer_alone_loses_less_with_eight_bits_than_with_four) {
  const Sensitivity all = measure_sensitivity(job(), *data_, 60, {});
  EXPECT_EQ(all.images, 60);
  double eight = 0, four = 0;
  std::set<std::string> forms;
  for (const LayerSensitivity& layer : all.layers) {
    forms.insert(layer.form);
    if (layer.form == "int8") eight += std::abs(layer.loss - all.loss);
    if (layer.form == "int4") four += std::abs(layer.loss - all.loss);
  }
  EXPECT_LT(eight, four);
  EXPECT_EQ(forms, (std::set<std::string>{"int8", "int4", "2:4", "0.5", "16 clusters"}));
}

TEST_F(Compressed, a_layer_that_is_not_there_is_refused) {
  CompressionJob wanted = job();
  wanted.prune = {parse_prune("nowhere=2:4")};
  EXPECT_THROW(run(wanted), Error);
}

TEST(Gradients, of_weights_that_share_a_value_are_averaged_and_pruned_ones_get_none) {
  const network::Graph graph = tiny_network("r-s4-c4");
  GraphModule module(graph);
  CompressionPlan plan = make_plan(graph, false, {parse_prune("0.5")}, {parse_cluster("3")});
  Compression compression(graph, plan, {});
  compression.attach(module, {});
  module.train();
  const std::vector<torch::Tensor> images = {torch::rand({4, 1, 8, 8})};
  module.forward(images)[0].square().sum().backward();
  int seen = 0;
  for (const auto& [id, planned] : plan.weights) {
    if (planned.form.density == 1) continue;
    const torch::Tensor weight = module.weight(id).detach().flatten(), grad = module.weight(id).grad().flatten();
    std::map<float, std::set<float>> gradients;
    for (std::int64_t i = 0; i < weight.numel(); ++i) gradients[weight[i].item<float>()].insert(grad[i].item<float>());
    EXPECT_EQ(gradients.at(0), std::set<float>{0});
    for (const auto& [value, of_value] : gradients) EXPECT_EQ(of_value.size(), 1u) << value;
    ++seen;
  }
  EXPECT_GT(seen, 1);
}

}  // namespace
}  // namespace lanewise::accuracy::testing
