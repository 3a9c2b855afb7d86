// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/scale_capacity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/network/import.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

network::Graph network_of(const std::string& space, const std::string& encoding) {
  const auto networks = make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/" + space + ".yaml"), nullptr);
  return networks->build(networks->decode(encoding), {});
}

// Layers by hand: the stem at 28x28, s1 at 14x14 (an expansion to 48 at 28x28 before it), s2 at 7x7, s3 at 4x4, the
// head there; the classifier is none of them.
TEST(ScaleCapacity, is_the_formula) {
  const network::Graph graph = network_of("fm28", "A-r-1-s12/i3e4c16r1/c5e1c24r1/f3e2c40r1/x/h64");
  const double pixels = 28.0 * 28;
  const double stem = pixels * 12 * 9, expand = pixels * 12 * 48;
  const double depthwise = 196 * 48 * 9, project = 196 * 48 * 16;
  const double plain = 49 * 16 * 24 * 25;
  const double fused = 16 * 24 * 48 * 9, out = 16 * 48 * 40, head = 16 * 40 * 64;
  const auto root = [&](double macs) { return std::sqrt(macs / (4 * pixels)); };
  const double first = std::log1p(root(stem) + root(expand)) + std::log1p(root(depthwise) + root(project)) +
                       std::log1p(root(plain)) + std::log1p(root(fused) + root(out) + root(head));
  const double second =
      (std::log(stem) + std::log(expand) + std::log(depthwise) + std::log(plain) + std::log(fused) + std::log(head)) /
      6;
  EXPECT_NEAR(scale_capacity(graph), first + second, 1e-9);
  EXPECT_NEAR(scale_capacity(graph, {0.5, 4, 0}), first, 1e-9);
}

TEST(ScaleCapacity, is_the_score_that_is_taken_where_none_is_named) {
  EXPECT_EQ(std::string(network_scores().front().name), kDefaultScore);
}

// A squeeze-excite works on a vector behind a mean, as a classifier does.
TEST(ScaleCapacity, leaves_out_layers_behind_a_mean) {
  const network::Graph large = network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v3_large.onnx", {});
  double least = 1e9;
  for (const network::Operator& op : large.operators()) {
    if (op.kind != network::OperatorKind::kConvolution) continue;
    const auto& shape = large.tensor(op.outputs[0]).shape;
    if (shape[2] > 1) least = std::min(least, std::log(static_cast<double>(network::macs(large, op))));
  }
  const double mean = scale_capacity(large, {0.5, 4, 1}) - scale_capacity(large, {0.5, 4, 0});
  EXPECT_GT(mean, least);
}

TEST(ScaleCapacity, of_a_deeper_network_of_equal_work_is_higher) {
  const network::Graph one = network_of("nas-bench-macro", "10020000"), two = network_of("nas-bench-macro", "11111111");
  EXPECT_GT(scale_capacity(two, {0.5, 4, 0}), scale_capacity(one, {0.5, 4, 0}));
}

TEST(ScaleCapacity, is_finite_for_every_network_of_a_file) {
  for (const char* name : {"mobilenet_v2", "resnet50", "squeezenet1_1", "deeplabv3_mobilenet_v3_large"}) {
    const double score =
        scale_capacity(network::import_network(LANEWISE_SOURCE_DIR "/models/" + std::string(name) + ".onnx", {}));
    EXPECT_TRUE(std::isfinite(score) && score > 0) << name << " " << score;
  }
}

}  // namespace
}  // namespace lanewise::nas
