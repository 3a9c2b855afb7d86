// SPDX-License-Identifier: Apache-2.0
// Bytes of activations alive at once, worked out by hand: what is done to a tensor where it lies makes no second one.
#include <gtest/gtest.h>

#include "core/network/graph.hpp"

namespace lanewise::network {
namespace {

// Tensors of one byte an element, [1, channels, 4, 4] or [1, channels, 1, 1].
class Network {
 public:
  TensorId input(std::int64_t channels) {
    const TensorId id = tensor(channels, 4, TensorRole::kGraphInput);
    builder_.mark_input(id);
    return id;
  }
  TensorId convolution(TensorId from, std::int64_t channels, std::int64_t side = 4) {
    return step(OperatorKind::kConvolution, {from}, channels, side, 1);
  }
  TensorId pooled(TensorId from, std::int64_t channels) {
    return step(OperatorKind::kGlobalAveragePool, {from}, channels, 1);
  }
  TensorId normalized(TensorId from, std::int64_t channels) {
    return step(OperatorKind::kBatchNormalization, {from}, channels, 4, 1);
  }
  TensorId activated(TensorId from, std::int64_t channels, ActivationFunction function = ActivationFunction::kRelu,
                     std::int64_t side = 4) {
    const TensorId out = step(OperatorKind::kActivation, {from}, channels, side);
    last_.activation = function;
    return out;
  }
  TensorId elementwise(ElementwiseFunction function, TensorId a, TensorId b, std::int64_t channels) {
    const TensorId out = step(OperatorKind::kElementwise, {a, b}, channels, 4);
    last_.elementwise = function;
    return out;
  }
  TensorId shifted(TensorId from, std::int64_t channels) {
    return step(OperatorKind::kElementwise, {from}, channels, 4, 1);
  }
  TensorId reshaped(TensorId from, std::int64_t channels) { return step(OperatorKind::kReshape, {from}, channels, 4); }
  std::int64_t peak(TensorId output) {
    flush();
    builder_.mark_output(output);
    return peak_activation_bytes(std::move(builder_).build()).count();
  }

 private:
  TensorId tensor(std::int64_t channels, std::int64_t side, TensorRole role = TensorRole::kActivation) {
    Tensor t;
    t.name = "t" + std::to_string(number_++);
    t.shape = {1, channels, side, side};
    t.role = role;
    t.precision = Precision::kInt8;
    return builder_.add_tensor(t);
  }
  TensorId step(OperatorKind kind, std::vector<TensorId> inputs, std::int64_t channels, std::int64_t side,
                int weights = 0) {
    flush();
    last_ = Operator();
    last_.kind = kind;
    last_.name = "op" + std::to_string(number_++);
    last_.inputs = std::move(inputs);
    for (int i = 0; i < weights; ++i) last_.weights.push_back(tensor(channels, 1, TensorRole::kWeight));
    last_.outputs = {tensor(channels, side)};
    pending_ = true;
    return last_.outputs[0];
  }
  void flush() {
    if (pending_) builder_.add_operator(last_);
    pending_ = false;
  }

  GraphBuilder builder_{"by_hand"};
  Operator last_;
  bool pending_ = false;
  int number_ = 0;
};

TEST(LiveActivations, a_chain_of_fused_operators_has_one_tensor) {
  Network n;
  const TensorId x = n.input(2);                                                           // 32 B
  const TensorId a = n.activated(n.shifted(n.normalized(n.convolution(x, 4), 4), 4), 4);   // 64 B, once
  const TensorId b = n.activated(n.convolution(a, 1), 1, ActivationFunction::kHardSwish);  // 16 B, once
  EXPECT_EQ(n.peak(b), 32 + 64);
}

TEST(LiveActivations, a_reshape_on_the_way_moves_nothing) {
  Network n;
  const TensorId x = n.input(2);
  const TensorId a = n.activated(n.reshaped(n.convolution(x, 4), 4), 4);
  EXPECT_EQ(n.peak(n.reshaped(n.convolution(a, 1), 1)), 32 + 64);
}

// x -> 8 channels -> 4 channels + x -> relu: the sum takes the place of what the second convolution writes.
TEST(LiveActivations, a_residual_sum_takes_the_place_of_its_convolution) {
  Network n;
  const TensorId x = n.activated(n.convolution(n.input(1), 4), 4);
  const TensorId wide = n.activated(n.convolution(x, 8), 8);
  const TensorId sum = n.elementwise(ElementwiseFunction::kAdd, n.convolution(wide, 4), x, 4);
  EXPECT_EQ(n.peak(n.activated(sum, 4)), 64 + 128 + 64);
}

// Two blocks in a row: the second starts from the first one's sum, with nothing left of the first.
TEST(LiveActivations, a_chain_of_residual_blocks_needs_no_more_than_one) {
  Network n;
  TensorId x = n.activated(n.convolution(n.input(1), 4), 4);
  for (int block = 0; block < 3; ++block) {
    const TensorId wide = n.activated(n.convolution(x, 8), 8);
    x = n.activated(n.elementwise(ElementwiseFunction::kAdd, n.convolution(wide, 4), x, 4), 4);
  }
  EXPECT_EQ(n.peak(x), 64 + 128 + 64);
}

// Where the shortcut has a convolution of its own, the later one of the two takes the sum in.
TEST(LiveActivations, the_later_branch_takes_the_sum) {
  Network n;
  const TensorId x = n.input(2);           // 32 B, read by both
  const TensorId a = n.convolution(x, 4);  // 64 B
  const TensorId b = n.convolution(x, 4);  // with the sum: 64 B
  EXPECT_EQ(n.peak(n.elementwise(ElementwiseFunction::kAdd, a, b, 4)), 32 + 64 + 64);
}

// conv -> 4 channels; a pool, two small layers and a sigmoid make a factor of 4 B; the scaling is a pass of its own,
// since the map was needed before: map, factors and scaled map are there at once.
TEST(LiveActivations, squeeze_excite_scales_in_a_pass_of_its_own) {
  Network n;
  const TensorId map = n.activated(n.convolution(n.input(1), 4), 4);
  const TensorId small = n.activated(n.convolution(n.pooled(map, 4), 1, 1), 1, ActivationFunction::kRelu, 1);
  const TensorId factor = n.activated(n.convolution(small, 4, 1), 4, ActivationFunction::kSigmoid, 1);
  const TensorId scaled = n.elementwise(ElementwiseFunction::kMultiply, map, factor, 4);
  EXPECT_EQ(n.peak(n.convolution(scaled, 1)), 64 + 4 + 64);
}

// As one operator, a hard-swish works where its input lies; spelt out as x times sigmoid(x) it reads x twice, and no
// engine here runs that as one pass: x, the sigmoid and the product are three tensors.
TEST(LiveActivations, a_swish_counts_once_as_one_operator) {
  Network one;
  const TensorId x = one.convolution(one.input(1), 4);
  EXPECT_EQ(one.peak(one.convolution(one.activated(x, 4, ActivationFunction::kHardSwish), 1)), 64 + 16);
  Network spelt_out;
  const TensorId y = spelt_out.convolution(spelt_out.input(1), 4);
  const TensorId gate = spelt_out.activated(y, 4, ActivationFunction::kSigmoid);
  const TensorId product = spelt_out.elementwise(ElementwiseFunction::kMultiply, y, gate, 4);
  EXPECT_EQ(spelt_out.peak(spelt_out.convolution(product, 1)), 3 * 64);
}

// What is read again later, or leaves the network, has to stay beside what is made of it.
TEST(LiveActivations, a_tensor_with_other_readers_is_not_written_over) {
  Network read_again;
  const TensorId a = read_again.convolution(read_again.input(1), 4);
  read_again.convolution(read_again.activated(a, 4), 1);
  EXPECT_EQ(read_again.peak(read_again.convolution(a, 1)), 64 + 64 + 16);
  // An activation of the network's input has no operator to be part of.
  Network of_input;
  EXPECT_EQ(of_input.peak(of_input.activated(of_input.input(4), 4)), 64 + 64);
}

}  // namespace
}  // namespace lanewise::network
