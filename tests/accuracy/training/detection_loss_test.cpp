// SPDX-License-Identifier: Apache-2.0
// Losses of detectors against values worked out by hand, and their gradients against finite differences.
#include "accuracy/training/detection_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "accuracy/training/detection_boxes.hpp"

namespace lanewise::accuracy {
namespace {

using torch::Tensor;

// The largest difference between the gradient of `loss` at `at` and its central differences.
double gradient_error(const std::function<Tensor(const Tensor&)>& loss, const Tensor& at) {
  const Tensor value = at.clone().set_requires_grad(true);
  loss(value).backward();
  const Tensor gradient = value.grad();
  constexpr double kStep = 1e-5;
  double largest = 0;
  for (std::int64_t i = 0; i < at.numel(); ++i) {
    const auto moved = [&](double step) {
      const Tensor copy = at.clone();
      copy.view(-1)[i] += step;
      return loss(copy).item<double>();
    };
    const double expected = (moved(kStep) - moved(-kStep)) / (2 * kStep);
    largest = std::max(largest, std::abs(expected - gradient.view(-1)[i].item<double>()));
  }
  return largest;
}

TEST(FocalLoss, is_that_of_its_definition) {
  const Tensor logits = torch::tensor({0.0, 0.0, 2.0, -3.0}, torch::kFloat64);
  const Tensor targets = torch::tensor({1.0, 0.0, 1.0, 0.0}, torch::kFloat64);
  const Tensor loss = focal_loss(logits, targets);
  EXPECT_NEAR(loss[0].item<double>(), 0.25 * 0.25 * std::log(2), 1e-12);
  EXPECT_NEAR(loss[1].item<double>(), 0.75 * 0.25 * std::log(2), 1e-12);
  const double p = 1 / (1 + std::exp(-2.0)), q = 1 / (1 + std::exp(-3.0));
  EXPECT_NEAR(loss[2].item<double>(), -0.25 * (1 - p) * (1 - p) * std::log(p), 1e-12);
  EXPECT_NEAR(loss[3].item<double>(), -0.75 * (1 - q) * (1 - q) * std::log(q), 1e-12);
  EXPECT_LT(gradient_error([&](const Tensor& x) { return focal_loss(x, targets).sum(); }, logits), 1e-8);
  EXPECT_LT(gradient_error([&](const Tensor& x) { return focal_loss(x, targets, 0.4, 1.5).sum(); }, logits), 1e-8);
  // Far from what is true it is neither infinite nor no number.
  const Tensor far = focal_loss(torch::tensor({-200.0, 200.0}), torch::tensor({1.0, 0.0}));
  EXPECT_TRUE(torch::isfinite(far).all().item<bool>());
}

TEST(GeneralisedIou, of_tensors_is_that_of_boxes) {
  const Tensor a = torch::tensor({{0.0, 0.0, 4.0, 4.0}, {0.0, 0.0, 4.0, 4.0}, {1.0, 2.0, 5.0, 9.0}}, torch::kFloat64);
  const Tensor b = torch::tensor({{2.0, 2.0, 6.0, 6.0}, {8.0, 0.0, 12.0, 4.0}, {2.0, 1.0, 4.0, 11.0}}, torch::kFloat64);
  const Tensor found = generalised_iou(a, b);
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto box = [&](const Tensor& of) {
      Box made;
      made.left = of[i][0].item<float>();
      made.top = of[i][1].item<float>();
      made.right = of[i][2].item<float>();
      made.bottom = of[i][3].item<float>();
      return made;
    };
    EXPECT_NEAR(found[i].item<double>(), generalised_overlap(box(a), box(b)), 1e-12);
  }
  EXPECT_LT(gradient_error([&](const Tensor& x) { return generalised_iou(x, b).sum(); }, a), 1e-8);
  const Tensor empty = torch::zeros({1, 4});
  EXPECT_TRUE(torch::isfinite(generalised_iou(empty, empty)).all().item<bool>());
}

TEST(HardNegatives, are_so_many_times_the_objects_of_each_image) {
  // Two classes: with equal logits each position costs ln 2; a background of logit x costs ln(1 + exp(−x)).
  const auto cost = [](double x) { return std::log1p(std::exp(-x)); };
  const Tensor logits = torch::zeros({2, 5, 2}, torch::kFloat64);
  const std::vector<double> background = {0.0, 3.0, 1.0, 2.0, -5.0};
  for (std::int64_t i = 0; i < 5; ++i) logits[0][i][0] = logits[1][i][0] = background[static_cast<std::size_t>(i)];
  // In the first image position 0 has the object and 4 is ignored; the second has none.
  const Tensor labels = torch::tensor({{0, -1, -1, -1, -2}, {-1, -1, -1, -1, -1}}, torch::kInt64);
  const double first = std::log(2.0) + cost(1) + cost(2);
  const double second = cost(-5) + cost(0);
  EXPECT_NEAR(hard_negative_loss(logits, labels, 2).item<double>(), first + second, 1e-12);
  EXPECT_LT(gradient_error([&](const Tensor& x) { return hard_negative_loss(x, labels, 2); }, logits), 1e-8);
}

}  // namespace
}  // namespace lanewise::accuracy
