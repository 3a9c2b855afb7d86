// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/topology_features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/network/import.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

double feature(const network::Graph& graph, const std::string& name) {
  const std::vector<double> values = topology_features_of(graph);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (topology_features()[i].name == name) return values[i];
  }
  ADD_FAILURE() << "no feature " << name;
  return 0;
}

network::Graph fm28(const std::string& encoding) {
  static const auto space = make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/fm28.yaml"), nullptr);
  return space->build(space->decode(encoding), {});
}

TEST(TopologyFeatures, have_names_and_scales) {
  std::set<std::string> names;
  for (const TopologyFeature& one : topology_features()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_NE(one.meaning, "");
    EXPECT_GT(one.scale, 0);
  }
  EXPECT_EQ(topology_features()[0].name, "ln_macs");
}

TEST(TopologyFeatures, are_what_can_be_counted_by_hand) {
  // Stem 28x28, c5 to 14x14, i3e4 to 7x7 (1x1, 3x3, 1x1), f3e2 twice to 4x4, the second with a skip, head, classifier.
  const network::Graph graph = fm28("A-r-1-s16/c5e1c16r1/i3e4c24r1/f3e2c24r2/x/h64");
  EXPECT_NEAR(feature(graph, "ln_macs"), std::log(static_cast<double>(network::macs(graph))), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_depth"), std::log1p(1 + 1 + 3 + 4 + 1 + 1), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_shortest"), std::log1p(1 + 1 + 3 + 2 + 1 + 1), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_window_depth"), std::log1p(5), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_additions"), std::log1p(1), 1e-12);
  EXPECT_NEAR(feature(graph, "kernel"), (3 + 5 + 3 + 3 + 3) / 5.0, 1e-12);
  EXPECT_NEAR(feature(graph, "large_windows"), 0.2, 1e-12);
  EXPECT_NEAR(feature(graph, "smooth"), 0, 1e-12);
  EXPECT_NEAR(feature(graph, "ln_windows.octave0"), std::log1p(1), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_windows.octave3"), std::log1p(2), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_macs.octave0"), std::log1p(784 * 9 * 16 / 1e4), 1e-12);
  EXPECT_NEAR(feature(graph, "ln_fewest_channels"), std::log1p(16), 1e-12);
  // 3x3, then 5x5 of stride 2, 3x3 at step 2, 3x3 at 4 and at 8 ... each adds (kernel - 1) x step.
  EXPECT_NEAR(feature(graph, "ln_receptive_field"), std::log((1 + 2 + 4 + 2 * 2 + 2 * 4 + 2 * 8) / 28.0), 1e-12);
  EXPECT_NEAR(feature(fm28("A-h-1-s16/c5e1c16r1/i3e4c24r1/f3e2c24r2/x/h64"), "smooth"), 1, 1e-12);
}

TEST(TopologyFeatures, do_not_hang_on_batch_or_precision) {
  const std::string file = LANEWISE_SOURCE_DIR "/models/mobilenet_v3_large.onnx";
  network::ImportOptions others;
  others.batch = 4;
  others.precision = Precision::kFp16;
  const auto a = topology_features_of(network::import_network(file, {}));
  const auto b = topology_features_of(network::import_network(file, others));
  ASSERT_EQ(a.size(), topology_features().size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12) << topology_features()[i].name;
}

TEST(TopologyFeatures, are_finite_for_every_kind_of_network) {
  for (const char* name : {"swin_t", "decoder_prefill", "kws_lstm", "deeplabv3_mobilenet_v3_large",
                           "ssdlite320_mobilenet_v3_large", "shufflenet_v2_x1_0", "squeezenet1_1"}) {
    const auto graph = network::import_network(LANEWISE_SOURCE_DIR "/models/" + std::string(name) + ".onnx", {});
    for (const double value : topology_features_of(graph)) EXPECT_TRUE(std::isfinite(value)) << name;
  }
}

}  // namespace
}  // namespace lanewise::nas
