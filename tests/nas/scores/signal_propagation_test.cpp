// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/signal_propagation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nas/scores/activation_moments.hpp"
#include "nas/space/layers.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

using network::ActivationFunction;
using network::ElementwiseFunction;
using network::TensorId;

constexpr double kPi = 3.14159265358979323846;

TEST(ActivationMoments, of_a_relu_are_those_of_half_a_gaussian) {
  const ActivationMoments& relu = unit_moments(ActivationFunction::kRelu);
  EXPECT_NEAR(relu.mean, 1 / std::sqrt(2 * kPi), 1e-10);
  EXPECT_NEAR(relu.mean_square, 0.5, 1e-10);
  EXPECT_NEAR(relu.slope_square, 0.5, 1e-10);
  // The arc-cosine kernel of Cho and Saul, 2009.
  for (const double c : {0.0, 0.3, 0.8}) {
    const double exact = (std::sqrt(1 - c * c) + (kPi - std::acos(c)) * c) / (2 * kPi);
    EXPECT_NEAR(relu.product(c), exact, 1e-6) << c;
  }
  EXPECT_NEAR(relu.product(1), 0.5, 1e-10);
  EXPECT_NEAR(relu.sensitivity(1, 0), kPi / (kPi - 1), 1e-9);
}

TEST(ActivationMoments, scale_with_a_relu_and_leave_linear_functions_alone) {
  const ActivationMoments wide = activation_moments(ActivationFunction::kRelu, 9);
  EXPECT_NEAR(wide.mean_square, 4.5, 1e-9);
  EXPECT_NEAR(wide.slope_square, 0.5, 1e-9);
  for (const double correlation : {0.0, 0.5, 0.99}) {
    EXPECT_NEAR(unit_moments(ActivationFunction::kNone).sensitivity(1, correlation), 1, 1e-9);
    EXPECT_NEAR(unit_moments(ActivationFunction::kNegate).sensitivity(1, correlation), 1, 1e-9);
  }
}

// Of a symmetric gate x g(x), with g(x) + g(-x) = 1, the mean slope is 1/2 and the slope of the odd part is linear.
TEST(ActivationMoments, hold_the_slope_against_differences) {
  for (int i = 0; i < network::kActivationFunctionCount; ++i) {
    const auto function = static_cast<ActivationFunction>(i);
    for (const double x : {-4.1, -1.3, -0.2, 0.4, 1.7, 5.2, 6.5}) {
      const double difference = (activate(function, x + 1e-6) - activate(function, x - 1e-6)) / 2e-6;
      EXPECT_NEAR(activation_slope(function, x), difference, 1e-5) << to_string(function) << " " << x;
    }
    const ActivationMoments& moments = unit_moments(function);
    EXPECT_GE(moments.mean_square + 1e-12, moments.mean * moments.mean) << to_string(function);
    EXPECT_NEAR(moments.product(0), moments.mean * moments.mean, 1e-9) << to_string(function);
  }
}

TEST(IsometryScore, is_best_for_an_isometry_and_falls_as_the_block_scales) {
  EXPECT_DOUBLE_EQ(isometry_score(1, 0), 0);
  for (const double a : {0.25, 0.5, 2.0, 3.0}) EXPECT_NEAR(isometry_score(a * a, 0), 2 - a - 1 / a, 1e-12) << a;
  EXPECT_LT(isometry_score(1, 1), 0);
  EXPECT_LT(isometry_score(1, 3), isometry_score(1, 1));
}

class Net {
 public:
  Net() : layers_("net", Precision::kInt8, Precision::kInt8, NormalizationRule::kBatch) {
    at = layers_.input("image", 1, 8, {16, 16});
  }
  Net& conv(std::int64_t channels, ActivationFunction activation, std::int64_t kernel = 1, std::int64_t groups = 1) {
    const LayerShape shape{{kernel, kernel}, {1, 1}, {1, 1}, groups, PaddingRule::kSame};
    at = layers_.convolution("c" + std::to_string(count_++), at, channels, shape, activation);
    return *this;
  }
  Net& add(TensorId other) {
    at = layers_.elementwise("a" + std::to_string(count_++), at, other, ElementwiseFunction::kAdd);
    return *this;
  }
  Net& identity() {
    at = layers_.reshape("r" + std::to_string(count_++), at, layers_.shape(at));
    return *this;
  }
  SignalProfile profile() {
    layers_.output(at, "out");
    return propagate_signal(layers_.build());
  }
  TensorId at = 0;

 private:
  Layers layers_;
  int count_ = 0;
};

constexpr auto kRelu = ActivationFunction::kRelu;
constexpr auto kNothing = ActivationFunction::kNone;

TEST(SignalPropagation, passes_linear_layers_with_a_gain_of_one_whatever_their_shape) {
  const SignalProfile profile = Net().conv(4, kNothing, 3).conv(8, kNothing).conv(8, kNothing, 5).profile();
  ASSERT_EQ(profile.blocks.size(), 3U);
  for (const BlockSignal& block : profile.blocks) EXPECT_NEAR(block.gain, 1, 1e-9);
  EXPECT_NEAR(profile.log_gain, 0, 1e-9);
}

// A 1x1 depthwise convolution behind its normalization is the identity but for signs: orthogonal.
TEST(SignalPropagation, scores_orthogonal_layers_with_zero) {
  const SignalProfile profile = Net().conv(8, kNothing, 1, 8).conv(8, kNothing, 1, 8).conv(8, kNothing, 1, 8).profile();
  EXPECT_NEAR(profile.trainability(), 0, 1e-9);
}

TEST(SignalPropagation, grows_by_the_activations_sensitivity_in_each_layer) {
  Net net;
  for (int i = 0; i < 5; ++i) net.conv(16, kRelu, 3);
  EXPECT_NEAR(net.profile().log_gain, 5 * std::log(kPi / (kPi - 1)), 1e-6);
}

TEST(SignalPropagation, is_drawn_towards_an_isometry_by_a_skip) {
  const auto block = [](bool skip) {
    Net net;
    net.conv(8, kNothing, 3);
    const TensorId from = net.at;
    net.conv(8, kRelu, 3).conv(8, kNothing, 3);
    if (skip) net.add(from);
    return net.conv(8, kNothing).profile();
  };
  const SignalProfile plain = block(false), skipped = block(true);
  // Identity and branch have half of the variance each.
  EXPECT_NEAR(plain.log_gain, std::log(kPi / (kPi - 1)), 1e-6);
  EXPECT_NEAR(skipped.log_gain, std::log(0.5 * (1 + kPi / (kPi - 1))), 1e-6);
  EXPECT_GT(skipped.trainability(), plain.trainability());
}

TEST(SignalPropagation, is_not_changed_by_what_moves_numbers) {
  Net plain, moved;
  plain.conv(8, kRelu, 3).conv(16, kRelu);
  moved.identity().conv(8, kRelu, 3).identity().conv(16, kRelu).identity();
  const SignalProfile a = plain.profile(), b = moved.profile();
  EXPECT_DOUBLE_EQ(a.trainability(), b.trainability());
  EXPECT_DOUBLE_EQ(a.log_gain, b.log_gain);
}

// Folding normalizations into the convolutions before them does not change what a network computes.
TEST(SignalPropagation, is_the_same_for_folded_normalizations) {
  const std::string text = load_space(LANEWISE_SOURCE_DIR "/spaces/fm28.yaml").source;
  std::string folded = text;
  folded.insert(folded.find("  input:"), "  normalization: folded\n");
  const auto one = make_network_space(parse_space("a.yaml", text), nullptr);
  const auto other = make_network_space(parse_space("b.yaml", folded), nullptr);
  for (const char* encoding :
       {"B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128", "A-h-2-s8/i3e6c8r2/c3e1c12r2/d3e1c16r1/x/h0"}) {
    const SignalProfile a = propagate_signal(one->build(one->decode(encoding), {}));
    const SignalProfile b = propagate_signal(other->build(other->decode(encoding), {}));
    EXPECT_NEAR(a.trainability(), b.trainability(), 1e-9) << encoding;
    EXPECT_NEAR(a.log_gain, b.log_gain, 1e-9) << encoding;
  }
}

// Without normalization, signals of two images become ever more alike behind ReLUs: the map's fixed point is 1.
TEST(SignalPropagation, tells_images_apart_less_the_deeper_an_unnormalized_network_is) {
  const auto deep = [](int count) {
    Layers layers("net", Precision::kInt8, Precision::kInt8, NormalizationRule::kFolded);
    TensorId at = layers.input("image", 1, 64, {1, 1});
    at = layers.reshape("flat", at, {1, 64});
    for (int i = 0; i < count; ++i) {
      at = layers.fully_connected("f" + std::to_string(i), at, 64);
      at = layers.activation("g" + std::to_string(i), at, kRelu);
    }
    layers.output(at, "out");
    return propagate_signal(layers.build()).correlation;
  };
  EXPECT_GT(deep(1), 0.2);
  EXPECT_LT(deep(1), deep(5));
  EXPECT_LT(deep(5), deep(20));
  EXPECT_LT(deep(20), 1);
  EXPECT_GT(deep(20), 0.9);
}

}  // namespace
}  // namespace lanewise::nas
