// SPDX-License-Identifier: Apache-2.0
// What networks of a space share, and how one runs on its share.
#include "accuracy/supernet/shared_weights.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "accuracy/supernet/recalibration.hpp"
#include "accuracy/supernet/shared_optimizer.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "core/base/error.hpp"
#include "tests/accuracy/supernet/small_space.hpp"
#include "tests/accuracy/training/tiny.hpp"

namespace lanewise::accuracy {
namespace {

using testing::kSmallSpace;
using Shape = std::vector<std::int64_t>;

class Shared : public ::testing::Test {
 protected:
  SupernetSpace space_{"small.yaml", kSmallSpace};
  SharedWeights weights_{space_, 7};

  static std::set<std::string> places(const SharedNetwork& network) {
    std::set<std::string> out;
    for (const SharedNetwork::Weight& weight : network.weights) out.insert(weight.place);
    return out;
  }
  SharedNetwork network(const std::string& encoding) { return weights_.network(space_.decode(encoding)); }
};

TEST_F(Shared, a_slice_is_the_first_channels_and_the_centre_of_the_kernel) {
  const torch::Tensor whole = torch::arange(4 * 3 * 5 * 5, torch::kFloat).view({4, 3, 5, 5});
  const torch::Tensor part = slice_of(whole, {2, 3, 3, 3});
  ASSERT_EQ(part.sizes(), Shape({2, 3, 3, 3}));
  for (std::int64_t o = 0; o < 2; ++o) {
    for (std::int64_t i = 0; i < 3; ++i) {
      for (std::int64_t y = 0; y < 3; ++y) {
        for (std::int64_t x = 0; x < 3; ++x) {
          EXPECT_EQ(part[o][i][y][x].item<float>(), static_cast<float>(((o * 3 + i) * 5 + y + 1) * 5 + x + 1));
        }
      }
    }
  }
}

TEST_F(Shared, genes_are_sizes_or_choices) {
  for (std::size_t i = 0; i < space_.genes().size(); ++i) {
    const std::string& name = space_.genes()[i].name;
    const std::string role = to_string(space_.roles()[i]);
    if (name == "act" || name == "t1") {
      EXPECT_EQ(role, "choice") << name;
    } else if (name == "s1.kernel") {
      EXPECT_EQ(role, "kernel");
    } else if (name == "s1.repeats") {
      EXPECT_EQ(role, "depth");
    } else if (name.find("expansion") != std::string::npos) {
      EXPECT_EQ(role, "expansion") << name;
    } else {
      EXPECT_EQ(role, "width") << name;
    }
    if (name == "head.channels") {
      EXPECT_EQ(space_.genes()[i].values[static_cast<std::size_t>(space_.ascending(i).front())], "0");
    }
  }
}

// The same numbers put into a network of its own, element by element, answer alike.
TEST_F(Shared, a_network_answers_as_its_own_with_these_weights) {
  for (const char* encoding : {"r-s4/i3e2c4r1/h0", "h-s8/f3e2c6r2/h8", "r-s8/i5e3c8r2/h8", "h-s4/f5e1c4r1/h0"}) {
    SharedNetwork shared = network(encoding);
    GraphModule own(space_.graph(space_.decode(encoding)));
    const torch::NoGradGuard no_gradients;
    std::size_t next = 0;
    for (const GraphModule::Weight& weight : own.weights()) {
      if (weight.is_statistic) continue;
      const torch::Tensor whole = weights_.whole(shared.weights[next++].place);
      torch::Tensor to = weight.tensor;
      const Shape sizes = to.sizes().vec();
      for (std::int64_t at = 0; at < to.numel(); ++at) {
        std::int64_t rest = at;
        torch::Tensor from = whole, into = to;
        Shape index(sizes.size());
        for (std::size_t axis = sizes.size(); axis-- > 0; rest /= sizes[axis]) index[axis] = rest % sizes[axis];
        for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
          const std::int64_t shift = axis < 2 ? 0 : (whole.size(static_cast<std::int64_t>(axis)) - sizes[axis]) / 2;
          from = from[index[axis] + shift];
          into = into[index[axis]];
        }
        into.copy_(from);
      }
    }
    own.train();
    shared.module->train();
    const Dataset images = testing::tiny_images(16, 3);
    const torch::Tensor input = image_tensor(images, {{0.5F}, {0.25F}});
    EXPECT_TRUE(torch::equal(own.forward({input})[0], shared.module->forward({input})[0])) << encoding;
  }
}

TEST_F(Shared, a_shallower_network_has_the_first_blocks_of_a_deeper_one) {
  const std::set<std::string> shallow = places(network("r-s4/i3e2c4r1/h8")), deep = places(network("r-s8/i5e3c8r2/h8"));
  EXPECT_TRUE(std::includes(deep.begin(), deep.end(), shallow.begin(), shallow.end()));
  EXPECT_LT(shallow.size(), deep.size());
}

TEST_F(Shared, types_of_blocks_share_nothing_inside_their_stage) {
  const std::set<std::string> ibn = places(network("r-s4/i3e2c4r1/h8")), fused = places(network("r-s4/f3e2c4r1/h8"));
  for (const std::string& place : ibn) {
    EXPECT_EQ(fused.count(place), place.rfind("s1.", 0) == 0 ? 0u : 1u) << place;
  }
}

TEST_F(Shared, a_classifier_shares_only_with_those_that_read_the_same) {
  EXPECT_EQ(places(network("r-s4/i3e2c4r1/h0")).count("classifier.weight<s1"), 1u);
  EXPECT_EQ(places(network("r-s4/i3e2c4r1/h8")).count("classifier.weight<head"), 1u);
}

TEST_F(Shared, genes_that_are_apart_have_weights_of_their_own) {
  const SupernetSpace apart("small.yaml", kSmallSpace, {{}, {"act"}});
  SharedWeights weights(apart, 7);
  const std::set<std::string> r = places(weights.network(apart.decode("r-s4/i3e2c4r1/h8")));
  const std::set<std::string> h = places(weights.network(apart.decode("h-s4/i3e2c4r1/h8")));
  for (const std::string& place : r) {
    const bool is_normalization = place.find(".bn.") != std::string::npos || place.find("|act=r") != std::string::npos;
    EXPECT_EQ(h.count(place), is_normalization ? 0u : 1u) << place;
  }
  EXPECT_THROW(SupernetSpace("small.yaml", kSmallSpace, {{"acts"}, {}}), Error);
}

TEST_F(Shared, a_step_moves_what_networks_have_along_their_mean_gradient_and_nothing_else) {
  Recipe recipe;
  recipe.momentum = 0;
  recipe.weight_decay = 0;
  recipe.clip = 0;
  SharedOptimizer optimizer(weights_, recipe);
  const SharedNetwork narrow = network("r-s4/i3e2c4r1/h8"), wide = network("r-s8/i3e2c4r1/h8");
  const std::string stem = narrow.weights.front().place;
  ASSERT_EQ(wide.weights.front().place, stem);
  const torch::Tensor before = weights_.whole(stem).clone();
  for (const SharedNetwork* each : {&narrow, &wide}) {
    torch::Tensor weight = each->weights.front().tensor;
    weight.mutable_grad() = torch::full_like(weight, each == &narrow ? 2 : 4);
    optimizer.collect(*each);
  }
  optimizer.step(0.5, 2);
  const torch::Tensor moved = before - weights_.whole(stem);
  ASSERT_EQ(moved.size(0), 8);
  for (std::int64_t channel = 0; channel < 8; ++channel) {
    const float wanted = channel < 4 ? 0.5F * (2 + 4) / 2 : 0.5F * 4 / 2;
    EXPECT_NEAR(moved[channel].min().item<float>(), wanted, 1e-6);
    EXPECT_NEAR(moved[channel].max().item<float>(), wanted, 1e-6);
  }
}

TEST_F(Shared, recalibration_sets_the_statistics_of_the_batch) {
  SharedNetwork shared = network("h-s8/f5e2c8r2/h8");
  GraphModule& module = *shared.module;
  const Dataset images = testing::tiny_images(24, 5);
  const Normalisation normalisation{{0.5F}, {0.25F}};
  const std::int64_t statistics = recalibrate(module, images, 24, normalisation);
  EXPECT_FALSE(module.is_training());
  std::map<network::TensorId, torch::Tensor> found, values;
  for (const GraphModule::Weight& weight : module.weights()) {
    if (weight.is_statistic) found[weight.id] = weight.tensor.clone().to(torch::kDouble);
  }
  // By hand, of what each normalization reads when the whole batch goes through with its own statistics.
  module.train();
  module.observe([&](const network::Operator&, network::TensorId id, torch::Tensor value) {
    values[id] = value.detach().clone();
    return value;
  });
  module.forward({image_tensor(images, normalisation)});
  std::int64_t seen = 0;
  for (const network::Operator& op : module.graph().operators()) {
    if (op.kind != network::OperatorKind::kBatchNormalization) continue;
    const torch::Tensor read = values.at(op.inputs.front()).to(torch::kDouble).transpose(0, 1).flatten(1);
    const torch::Tensor mean = read.mean(1), variance = (read - mean.unsqueeze(1)).square().sum(1) / (read.size(1) - 1);
    EXPECT_TRUE(torch::allclose(found.at(op.weights[2]), mean, 1e-6, 1e-6)) << op.name;
    EXPECT_TRUE(torch::allclose(found.at(op.weights[3]), variance, 1e-6, 1e-6)) << op.name;
    seen += 2;
  }
  EXPECT_EQ(seen, statistics);
}

}  // namespace
}  // namespace lanewise::accuracy
