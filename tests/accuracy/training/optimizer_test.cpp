// SPDX-License-Identifier: Apache-2.0
// Steps of the optimisers and of the moving average, worked out by hand in double precision.
#include "accuracy/training/optimizer.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "accuracy/training/objective.hpp"

namespace lanewise::accuracy {
namespace {

torch::Tensor weight_of(double value) { return torch::full({1}, value, torch::kDouble).set_requires_grad(true); }

void set_gradient(torch::Tensor& weight, double value) {
  weight.mutable_grad() = torch::full({1}, value, torch::kDouble);
}

Recipe recipe_of(Recipe::Optimizer kind) {
  Recipe recipe;
  recipe.optimizer = kind;
  recipe.momentum = 0.9;
  recipe.second_momentum = 0.99;
  recipe.weight_decay = 0.1;
  return recipe;
}

TEST(Optimizer, nesterov_momentum_and_decay_of_those_weights_alone_that_decay) {
  torch::Tensor decayed = weight_of(2), plain = weight_of(2);
  Optimizer optimizer({{decayed, true}, {plain, false}}, recipe_of(Recipe::Optimizer::kSgd));
  double w[2] = {2, 2}, v[2] = {0, 0};
  for (const auto& [gradient, rate] : std::vector<std::pair<double, double>>{{1, 0.1}, {-0.5, 0.2}, {0.25, 0.05}}) {
    set_gradient(decayed, gradient);
    set_gradient(plain, gradient);
    optimizer.step(rate);
    for (int i = 0; i < 2; ++i) {
      const double g = gradient + (i == 0 ? 0.1 * w[i] : 0);
      v[i] = 0.9 * v[i] + g;
      w[i] -= rate * (g + 0.9 * v[i]);
    }
    EXPECT_NEAR(decayed.item<double>(), w[0], 1e-12);
    EXPECT_NEAR(plain.item<double>(), w[1], 1e-12);
  }
  EXPECT_EQ(optimizer.steps(), 3);
}

TEST(Optimizer, adamw_decays_apart_from_its_step) {
  torch::Tensor decayed = weight_of(2), plain = weight_of(2);
  Optimizer optimizer({{decayed, true}, {plain, false}}, recipe_of(Recipe::Optimizer::kAdamW));
  double w[2] = {2, 2}, a = 0, b = 0;
  int step = 0;
  for (const auto& [gradient, rate] : std::vector<std::pair<double, double>>{{1, 0.1}, {-0.5, 0.2}, {0.25, 0.05}}) {
    set_gradient(decayed, gradient);
    set_gradient(plain, gradient);
    optimizer.step(rate);
    ++step;
    a = 0.9 * a + 0.1 * gradient;
    b = 0.99 * b + 0.01 * gradient * gradient;
    w[0] *= 1 - rate * 0.1;
    for (double& each : w) {
      each -= rate * (a / (1 - std::pow(0.9, step))) / (std::sqrt(b / (1 - std::pow(0.99, step))) + 1e-8);
    }
    EXPECT_NEAR(decayed.item<double>(), w[0], 1e-12);
    EXPECT_NEAR(plain.item<double>(), w[1], 1e-12);
  }
}

TEST(Optimizer, all_gradients_together_are_clipped) {
  torch::Tensor one = weight_of(0), other = weight_of(0), unread = weight_of(5);
  Recipe recipe = recipe_of(Recipe::Optimizer::kSgd);
  recipe.momentum = 0;
  recipe.clip = 1;
  Optimizer optimizer({{one, false}, {other, false}, {unread, false}}, recipe);
  set_gradient(one, 3);
  set_gradient(other, 4);  // together 5
  optimizer.step(1);
  EXPECT_NEAR(one.item<double>(), -0.6, 1e-12);
  EXPECT_NEAR(other.item<double>(), -0.8, 1e-12);
  EXPECT_EQ(unread.item<double>(), 5);
  optimizer.clear_gradients();
  EXPECT_FALSE(one.grad().defined());
  set_gradient(one, 0.5);  // below the bound
  optimizer.step(1);
  EXPECT_NEAR(one.item<double>(), -1.1, 1e-12);
}

TEST(MovingAverage, it_forgets_the_first_weights_soon_and_then_by_its_decay) {
  const torch::Tensor value = torch::full({1}, 1.0, torch::kDouble);
  MovingAverage average({value}, 0.5);
  double expected = 1;
  for (int t = 1; t <= 20; ++t) {
    value.fill_(static_cast<double>(t));
    average.update({value}, t);
    const double decay = std::min(0.5, (1.0 + t) / (10.0 + t));
    expected = decay * expected + (1 - decay) * t;
    EXPECT_NEAR(average.averages()[0].item<double>(), expected, 1e-12) << t;
  }
}

TEST(Classification, smoothed_cross_entropy_is_that_of_the_smoothed_target) {
  network::GraphBuilder builder("head");
  network::Operator op;
  op.name = "flatten";
  op.kind = network::OperatorKind::kReshape;
  op.inputs = {builder.add_tensor({"x", {1, 3, 1, 1}, Precision::kFp32, network::TensorRole::kGraphInput})};
  op.outputs = {builder.add_tensor({"y", {1, 3}})};
  builder.mark_input(op.inputs[0]);
  builder.mark_output(op.outputs[0]);
  builder.add_operator(op);
  const network::Graph graph = std::move(builder).build();
  Dataset data;
  data.classes = {"a", "b", "c"};
  data.channels = data.height = data.width = 1;
  data.pixels = {0, 0};
  data.labels = {2, 0};
  Recipe recipe;
  recipe.label_smoothing = 0.3;
  const auto objective = make_objective(graph, data, recipe);
  const torch::Tensor logits = torch::tensor({{0.5F, -1.0F, 2.0F}, {0.25F, 0.5F, 0.0F}});
  double expected = 0;
  for (int i = 0; i < 2; ++i) {
    double sum = 0;
    for (int c = 0; c < 3; ++c) sum += std::exp(logits[i][c].item<double>());
    for (int c = 0; c < 3; ++c) {
      const double target = 0.1 + (c == data.labels[static_cast<std::size_t>(i)] ? 0.7 : 0);
      expected -= target * (logits[i][c].item<double>() - std::log(sum)) / 2;
    }
  }
  EXPECT_NEAR(objective->loss({logits}, objective->targets(data)).item<double>(), expected, 1e-6);
  const auto evaluation = objective->evaluation();
  evaluation->add({logits}, data);
  EXPECT_EQ(evaluation->metrics().front().name, objective->main_metric());
  EXPECT_EQ(evaluation->metrics().front().value, 0.5);  // the second is taken for b
  data.classes.push_back("d");
  EXPECT_THROW(make_objective(graph, data, recipe), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
