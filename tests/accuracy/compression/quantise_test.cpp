// SPDX-License-Identifier: Apache-2.0
// Numbers rounded to few bits, against what the grid allows.
#include "accuracy/compression/quantise.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lanewise::accuracy::testing {
namespace {

torch::Tensor some_weights() {
  torch::manual_seed(7);
  return torch::randn({6, 5, 3, 3}) * torch::linspace(0.1, 4, 6).view({6, 1, 1, 1});
}

TEST(QuantisedWeights, no_weight_is_off_by_more_than_half_a_step_of_its_channel) {
  const torch::Tensor weights = some_weights();
  for (const int bits : {2, 4, 8}) {
    const torch::Tensor rounded = quantised_weights(weights, bits, 0);
    for (int channel = 0; channel < 6; ++channel) {
      const double step = weights[channel].abs().max().item<double>() / (std::exp2(bits - 1) - 1);
      const double worst = (rounded[channel] - weights[channel]).abs().max().item<double>();
      EXPECT_LE(worst, step / 2 * (1 + 1e-5)) << bits << " bits, channel " << channel;
      EXPECT_GT(worst, step / 2 * 0.5) << "some weight lies near the middle of two values";
    }
  }
}

TEST(QuantisedWeights, what_is_rounded_twice_changes_once) {
  const torch::Tensor weights = some_weights();
  for (const int bits : {2, 4, 6, 8, 16}) {
    for (const std::int64_t axis : {-1, 0, 1}) {
      const torch::Tensor once = quantised_weights(weights, bits, axis);
      EXPECT_FALSE(once.equal(weights));
      EXPECT_TRUE(quantised_weights(once, bits, axis).equal(once)) << bits << " bits, axis " << axis;
    }
  }
}

TEST(QuantisedWeights, what_eight_bits_hold_exactly_stays) {
  const torch::Tensor integers = torch::arange(-127, 128, torch::kFloat).view({1, 255, 1, 1});
  const torch::Tensor weights = torch::cat({integers * 0.5, integers * 0.25});
  EXPECT_TRUE(quantised_weights(weights, 8, 0).equal(weights));
  EXPECT_FALSE(quantised_weights(weights, 4, 0).equal(weights));
}

TEST(QuantisedWeights, zero_stays_zero_and_a_channel_of_zeros_too) {
  torch::Tensor weights = some_weights();
  weights[2].zero_();
  weights[3][1].zero_();
  const torch::Tensor rounded = quantised_weights(weights, 4, 0);
  EXPECT_EQ(rounded[2].count_nonzero().item<std::int64_t>(), 0);
  EXPECT_EQ(rounded[3][1].count_nonzero().item<std::int64_t>(), 0);
  EXPECT_FALSE(rounded.isnan().any().item<bool>());
}

TEST(QuantisedWeights, a_channel_has_no_more_values_than_its_bits_say) {
  const torch::Tensor rounded = quantised_weights(some_weights(), 4, 0);
  for (int channel = 0; channel < 6; ++channel) {
    EXPECT_LE(std::get<0>(at::_unique(rounded[channel])).numel(), 15);
  }
}

TEST(QuantisedActivations, the_grid_holds_zero_and_errors_stay_within_half_a_step) {
  const ActivationGrid grid({-0.37, 2.1}, 8);
  EXPECT_NEAR(grid.step, 2.47 / 255, 1e-12);
  const torch::Tensor values = torch::linspace(grid.low(), grid.high(), 1001);
  const torch::Tensor rounded = quantised_activations(values, grid);
  EXPECT_LE((rounded - values).abs().max().item<double>(), grid.step / 2 * (1 + 1e-4));
  EXPECT_TRUE(quantised_activations(rounded, grid).equal(rounded));
  EXPECT_EQ(quantised_activations(torch::zeros(1), grid).item<float>(), 0.0F);
  EXPECT_LE(std::get<0>(at::_unique(rounded)).numel(), 256);
}

TEST(QuantisedActivations, what_lies_outside_becomes_the_end_and_gets_no_gradient) {
  const ActivationGrid grid({0, 3}, 4);
  const torch::Tensor values = torch::tensor({-1.0F, 0.71F, 2.95F, 7.0F}).requires_grad_();
  const torch::Tensor rounded = quantised_activations(values, grid);
  EXPECT_TRUE(rounded.allclose(torch::tensor({0.0F, 0.8F, 3.0F, 3.0F})));
  rounded.sum().backward();
  EXPECT_TRUE(values.grad().equal(torch::tensor({0.0F, 1.0F, 1.0F, 0.0F})));
}

TEST(QuantisedActivations, a_range_away_from_zero_is_widened_to_it) {
  const ActivationGrid grid({2, 5}, 8);
  EXPECT_EQ(grid.low(), 0);
  EXPECT_NEAR(grid.high(), 5, 1e-9);
  EXPECT_EQ(quantised_activations(torch::zeros(3), ActivationGrid({0, 0}, 8)).count_nonzero().item<std::int64_t>(), 0);
}

TEST(StraightThrough, the_value_is_the_rounded_one_and_the_gradient_the_latent_one) {
  const torch::Tensor latent = torch::tensor({0.3F, -1.7F}).requires_grad_();
  const torch::Tensor out = straight_through(latent, torch::round(latent));
  EXPECT_TRUE(out.equal(torch::tensor({0.0F, -2.0F})));
  (out * torch::tensor({3.0F, 5.0F})).sum().backward();
  EXPECT_TRUE(latent.grad().equal(torch::tensor({3.0F, 5.0F})));
}

}  // namespace
}  // namespace lanewise::accuracy::testing
