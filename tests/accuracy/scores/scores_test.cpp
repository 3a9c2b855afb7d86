// SPDX-License-Identifier: Apache-2.0
// Scores of untrained networks against closed forms, on networks whose weights are chosen here.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "accuracy/network/graph_module.hpp"
#include "accuracy/network/initialisation.hpp"
#include "accuracy/scores/az_nas.hpp"
#include "accuracy/scores/block_spans.hpp"
#include "accuracy/scores/forward_scores.hpp"
#include "accuracy/scores/gradient_scores.hpp"
#include "accuracy/scores/zero_shot.hpp"
#include "core/base/error.hpp"
#include "nas/space/space.hpp"

namespace lanewise::accuracy {
namespace {

using network::GraphBuilder;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;
using Shape = std::vector<std::int64_t>;

// A chain of layers; `at` is what the last one wrote.
class Chain {
 public:
  explicit Chain(const Shape& input) : shape_(input) {
    at = builder_.add_tensor({"x", input, Precision::kFp32, TensorRole::kGraphInput});
    builder_.mark_input(at);
  }
  Chain& convolution(std::int64_t outputs, std::int64_t kernel = 1) {
    Operator op;
    op.kind = OperatorKind::kConvolution;
    for (int axis : {0, 1}) {
      op.window.kernel[axis] = kernel;
      op.window.pad_begin[axis] = op.window.pad_end[axis] = kernel / 2;
    }
    op.weights = {weight({outputs, shape_[1], kernel, kernel})};
    shape_[1] = outputs;
    return append(op);
  }
  Chain& linear(std::int64_t outputs) {
    Operator op;
    op.kind = OperatorKind::kFullyConnected;
    op.weights = {weight({outputs, shape_[1]})};
    shape_[1] = outputs;
    return append(op);
  }
  Chain& normalization() {
    Operator op;
    op.kind = OperatorKind::kBatchNormalization;
    for (int i = 0; i < 4; ++i) op.weights.push_back(weight({shape_[1]}));
    return append(op);
  }
  Chain& relu() {
    Operator op;
    op.kind = OperatorKind::kActivation;
    op.activation = network::ActivationFunction::kRelu;
    return append(op);
  }
  Chain& add(TensorId other) {
    Operator op;
    op.kind = OperatorKind::kElementwise;
    op.inputs = {other};
    return append(op);
  }
  Chain& pooled() {
    Operator op;
    op.kind = OperatorKind::kGlobalAveragePool;
    shape_[2] = shape_[3] = 1;
    append(op);
    Operator flat;
    flat.kind = OperatorKind::kReshape;
    shape_.resize(2);
    return append(flat);
  }
  network::Graph graph() {
    builder_.mark_output(at);
    return std::move(builder_).build();
  }
  TensorId at;

 private:
  TensorId weight(const Shape& shape) {
    return builder_.add_tensor({"w" + std::to_string(tensors_++), shape, Precision::kFp32, TensorRole::kWeight});
  }
  Chain& append(Operator op) {
    op.name = "op" + std::to_string(tensors_);
    op.inputs.push_back(at);
    at = builder_.add_tensor({"t" + std::to_string(tensors_++), shape_, Precision::kFp32, TensorRole::kActivation});
    op.outputs = {at};
    builder_.add_operator(op);
    return *this;
  }
  GraphBuilder builder_{"chain"};
  Shape shape_;
  int tensors_ = 0;
};

void set(const GraphModule& module, std::size_t layer, const torch::Tensor& value) {
  const torch::NoGradGuard no_grad;
  layer_weights(module).at(layer).copy_(value.reshape(layer_weights(module).at(layer).sizes()));
}

// Rows of ±1 that are orthogonal to each other.
torch::Tensor hadamard() {
  return torch::tensor({{1.F, 1.F, 1.F, 1.F}, {1.F, -1.F, 1.F, -1.F}, {1.F, 1.F, -1.F, -1.F}, {1.F, -1.F, -1.F, 1.F}});
}

double of_gain(double a) { return 2 - a - 1 / a; }

network::Graph fm28(const std::string& encoding) {
  const auto networks = nas::make_network_space(nas::load_space(LANEWISE_SOURCE_DIR "/spaces/fm28.yaml"), nullptr);
  return networks->build(networks->decode(encoding), {});
}

TEST(IsometryScore, of_an_orthogonal_block_is_0_and_of_a_scaled_one_2_minus_a_minus_1_over_a) {
  const torch::Tensor g_out = hadamard().reshape({1, 4, 2, 2}), q = hadamard() / 2;
  for (const double a : {1.0, 2.0, 0.25}) {
    const torch::Tensor g_in = (q.t().matmul(g_out.reshape({4, 4})) * a).reshape({1, 4, 2, 2});
    EXPECT_NEAR(isometry_score(g_in, g_out), of_gain(a), 1e-4) << a;
  }
}

TEST(IsometryScore, pads_a_map_of_7_before_it_is_unshuffled_to_4) {
  Random random(3);
  const torch::Tensor g_in = normal_tensor({2, 3, 7, 7}, random), g_out = sign_tensor({2, 5, 4, 4}, random);
  const double score = isometry_score(g_in, g_out);
  EXPECT_TRUE(std::isfinite(score));
  EXPECT_EQ(score, isometry_score(torch::constant_pad_nd(g_in, {0, 1, 0, 1}, 0), g_out));
}

TEST(AzScores, see_an_orthogonal_block_and_leave_out_pure_skips) {
  for (const double a : {1.0, 2.0}) {
    const network::Graph graph = Chain({1, 4, 16, 16}).convolution(4).convolution(4).graph();
    GraphModule module(graph);
    set(module, 1, hadamard() * (a / 2));
    Random random(1), signs(2);
    const AzScores scores = az_scores(module, normal_inputs(graph, 64, random), signs);
    EXPECT_NEAR(scores.trainability, of_gain(a), 0.06) << a;
    EXPECT_LE(scores.trainability, 1e-5);
  }
  // Stem, three projections of layers 1, 3 and 6, head: five; identities are no blocks.
  const auto networks =
      nas::make_network_space(nas::load_space(LANEWISE_SOURCE_DIR "/spaces/nas-bench-macro.yaml"), nullptr);
  EXPECT_EQ(block_spans(networks->build(networks->decode("00000000"), {})).size(), 5U);
  EXPECT_EQ(block_spans(networks->build(networks->decode("01000020"), {})).size(), 7U);
}

TEST(BlockSpans, join_the_layers_of_a_block_with_what_follows_them) {
  const network::Graph graph = fm28("B-r-1-s16/i3e4c16r1/f3e2c24r1/c3e1c40r1/d3e1c64r1/h64");
  const std::vector<BlockSpan> spans = block_spans(graph);
  ASSERT_EQ(spans.size(), 6U);
  for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_EQ(spans[i].input, spans[i - 1].output) << i;
  EXPECT_EQ(graph.op(graph.producer(spans[1].output)).kind, OperatorKind::kElementwise) << "the residual sum";
  EXPECT_EQ(graph.op(graph.producer(spans[4].output)).kind, OperatorKind::kActivation);
  EXPECT_EQ(pooled_features(graph), spans[5].output);
}

TEST(CovarianceEntropy, is_that_of_the_eigenvalues) {
  const torch::Tensor independent = hadamard().narrow(1, 1, 3);  // three columns of equal variance
  EXPECT_NEAR(covariance_entropy(independent), std::log(3.0), 1e-5);
  const torch::Tensor alike = torch::cat({independent.narrow(1, 0, 1), independent.narrow(1, 0, 1)}, 1);
  EXPECT_NEAR(covariance_entropy(alike), 0, 1e-5);
  EXPECT_EQ(covariance_entropy(torch::ones({4, 3})), 0);
}

TEST(Naswot, is_the_determinant_of_shared_codes) {
  GraphModule module(Chain({1, 4}).relu().graph());
  const torch::Tensor x = torch::tensor({{1.F, 1.F, -1.F, -1.F}, {1.F, -1.F, 1.F, -1.F}});
  EXPECT_NEAR(naswot(module, {x}), std::log(12.0), 1e-9);  // [[4, 2], [2, 4]]
  EXPECT_EQ(naswot(module, {torch::cat({x, x.narrow(0, 0, 1)})}), -std::numeric_limits<double>::infinity())
      << "two equal images";
  GraphModule linear(Chain({1, 4}).linear(2).graph());
  EXPECT_THROW(naswot(linear, {x}), Error);
}

TEST(Jacov, is_the_formula_of_the_correlations) {
  const auto term = [](double eigenvalue) { return std::log(eigenvalue + 1e-5) + 1 / (eigenvalue + 1e-5); };
  const torch::Tensor apart = torch::tensor({{1.F, -1.F, 1.F, -1.F}, {1.F, 1.F, -1.F, -1.F}});
  EXPECT_NEAR(jacobian_score(apart), -2 * term(1), 1e-6);
  const torch::Tensor alike = torch::cat({apart.narrow(0, 0, 1), apart.narrow(0, 0, 1) * 3});
  EXPECT_NEAR(jacobian_score(alike) / -(term(2) + term(0)), 1, 1e-6);
  // A linear network has one gradient for all images.
  GraphModule linear(Chain({1, 4}).linear(2).graph());
  Random random(1);
  const double score = jacov(linear, {normal_tensor({3, 4}, random)});
  EXPECT_NEAR(score / -(term(3) + 2 * term(0)), 1, 1e-5);
}

TEST(SynapticFlow, is_conserved_from_layer_to_layer) {
  GraphModule module(
      Chain({1, 3, 8, 8}).convolution(8, 3).normalization().relu().convolution(6).relu().pooled().linear(5).graph());
  initialise(module, Initialisation::kKaiming, 7);
  const SynapticFlow flow = synaptic_flow(module);
  ASSERT_EQ(flow.per_weight.size(), 3U);
  EXPECT_GT(flow.output, 0);
  for (const double layer : flow.per_weight) EXPECT_NEAR(layer / flow.output, 1, 1e-12);
}

TEST(NeuralTangentKernel, of_a_linear_network_is_its_closed_form) {
  GraphModule module(Chain({1, 3}).linear(4).linear(2).graph());
  initialise(module, Initialisation::kKaiming, 5);
  Random random(4);
  const torch::Tensor x = normal_tensor({4, 3}, random);
  const torch::Tensor first = layer_weights(module)[0].detach(), second = layer_weights(module)[1].detach();
  const torch::Tensor pulled = second.sum(0), hidden = x.matmul(first.t());
  // d(sum of outputs)/dW1 = (W2^T 1) x^T, d/dW2 = 1 (W1 x)^T.
  const torch::Tensor expected = pulled.dot(pulled) * x.matmul(x.t()) + 2 * hidden.matmul(hidden.t());
  const torch::Tensor found = neural_tangent_kernel(module, {x});
  EXPECT_LT((found - expected.to(torch::kDouble)).abs().max().item<double>(), 1e-4);
  EXPECT_NEAR(condition_number(torch::diag(torch::tensor({8.0, 2.0, 4.0}))), 4, 1e-12);
}

// In training mode the sum over images of what a normalization writes depends on nothing, and neither would the kernel.
TEST(NeuralTangentKernel, freezes_batch_normalizations) {
  GraphModule module(Chain({1, 2, 4, 4}).convolution(3).normalization().pooled().linear(2).graph());
  initialise(module, Initialisation::kKaiming, 5);
  Random random(4);
  const torch::Tensor kernel = neural_tangent_kernel(module, {normal_tensor({4, 2, 4, 4}, random)});
  EXPECT_GT(kernel.diagonal().min().item<double>(), 1e-3);
}

TEST(Zen, grows_by_ln_a_with_weights_scaled_by_a_and_removes_links) {
  Random random(9);
  const Tensors x = {normal_tensor({8, 3, 6, 6}, random)}, y = {normal_tensor({8, 3, 6, 6}, random)};
  GraphModule plain(Chain({1, 3, 6, 6}).convolution(5, 3).pooled().linear(4).graph());
  initialise(plain, Initialisation::kStandardNormal, 1);
  const double one = zen(plain, x, y);
  const double expected =
      std::log(torch::conv2d(y[0], layer_weights(plain)[0].detach(), {}, 1, 1).abs().sum().item<double>() * 1e-2 / 8);
  EXPECT_NEAR(one, expected, 1e-3) << "a linear map moves by gamma times what it makes of y";
  set(plain, 0, layer_weights(plain)[0].detach() * 4);
  EXPECT_NEAR(zen(plain, x, y), one + std::log(4.0), 1e-3);

  Chain straight({1, 3, 6, 6}), linked({1, 3, 6, 6});
  straight.convolution(5, 3).normalization().relu().convolution(5, 3).normalization().pooled().linear(4);
  linked.convolution(5, 3).normalization().relu();
  const TensorId before = linked.at;
  linked.convolution(5, 3).normalization().add(before).pooled().linear(4);
  GraphModule without(straight.graph()), with(linked.graph());
  for (GraphModule* module : {&without, &with}) initialise(*module, Initialisation::kStandardNormal, 2);
  EXPECT_EQ(zen(without, x, y), zen(with, x, y));
}

TEST(Zico, counts_gradients_that_vary_and_needs_classes) {
  const network::Graph graph = Chain({1, 3, 4, 4}).convolution(4).relu().pooled().linear(3).graph();
  GraphModule module(graph);
  Random random(2);
  const Tensors first = normal_inputs(graph, 8, random), second = normal_inputs(graph, 8, random);
  const torch::Tensor labels = torch::arange(8, torch::kLong).remainder(3);
  EXPECT_EQ(zico(module, {first, first}, {labels, labels}), 0) << "no weight's gradient varies";
  EXPECT_TRUE(std::isfinite(zico(module, {first, second}, {labels, labels})));
  GraphModule map(Chain({1, 3, 4, 4}).convolution(4).graph());
  EXPECT_THROW(zico(map, {first, second}, {labels, labels}), Error);
}

TEST(AggregateRanks, sums_logarithms_of_ranks_over_their_number) {
  const std::vector<double> sums = aggregate_ranks({{1, 2, 3, 4}, {5, 5, 7, 1}});
  EXPECT_DOUBLE_EQ(sums[0], std::log(1.0 / 4) + std::log(2.5 / 4));
  EXPECT_DOUBLE_EQ(sums[2], std::log(3.0 / 4) + std::log(4.0 / 4));
  EXPECT_DOUBLE_EQ(sums[3], std::log(4.0 / 4) + std::log(1.0 / 4));
}

TEST(ScoreNetworks, gives_the_same_numbers_in_any_order_and_company_on_any_number_of_threads) {
  const std::vector<std::string> encodings = {"C-r-1-s8/c3e1c8r1/d3e1c12r1/i3e2c16r1/x/h0",
                                              "C-h-1-s8/i3e1c8r1/f3e2c12r1/c3e1c16r1/x/h0"};
  std::vector<NetworkToScore> networks;
  for (const std::string& encoding : encodings) {
    networks.push_back({encoding, [encoding] { return ScorableNetwork{fm28(encoding), nullptr}; }});
  }
  std::vector<std::string> names;
  for (const ZeroShotScore& score : zero_shot_scores()) {
    if (!score.of_list) names.emplace_back(score.name);
  }
  ScoreSettings settings;
  settings.batch = 8;
  const ScoredNetworks one = score_networks(networks, names, settings, 1);
  const ScoredNetworks two = score_networks({networks[1], networks[0], networks[1]}, names, settings, 2);
  EXPECT_EQ(one.values[0], two.values[1]);
  EXPECT_EQ(one.values[1], two.values[0]);
  EXPECT_EQ(one.values[1], two.values[2]);
  const std::vector<std::string> last = {names.back()};
  EXPECT_EQ(score_networks({networks[1]}, last, settings, 1).values[0][0], one.values[1].back());
  settings.seed = 1;
  EXPECT_NE(score_networks({networks[1]}, last, settings, 1).values[0][0], one.values[1].back());
}

}  // namespace
}  // namespace lanewise::accuracy
