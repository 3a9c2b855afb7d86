// SPDX-License-Identifier: Apache-2.0
// The networks that the benchmarks of the article's results begin with are published ones: their parameters and
// multiply-accumulates are those that their authors, or torchvision, state.
#include <gtest/gtest.h>

#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

network::Graph baseline(const std::string& name, int edge = 0) {
  SpaceDescription description = load_space(LANEWISE_SOURCE_DIR "/benchmarks/article/" + name + ".yaml");
  if (edge > 0) {
    BlockSettings sized = *description.blocks;
    for (Setting* size : {&sized.height, &sized.width}) size->option.numbers[0] = edge;
    description.blocks = std::make_shared<const BlockSettings>(std::move(sized));
  }
  const auto space = make_network_space(description, nullptr);
  EXPECT_TRUE(space->genes().empty()) << "a baseline leaves nothing open";
  return space->build({}, engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config);
}

TEST(ArticleBaselines, the_classifier_is_mobilenet_v2_as_published) {
  const network::Graph graph = baseline("classifier");
  EXPECT_EQ(network::parameters(graph), 3504872);
  EXPECT_EQ(network::macs(graph), 300774272);
}

TEST(ArticleBaselines, the_detector_is_that_backbone_with_ssdlite) {
  // 0.8 billion multiply-accumulates and 4.3 million parameters are published; what the paper leaves open (boxes of the
  // finest map, the map that it reads) is within the 2 % that rounding leaves, and the backbone is the classifier's.
  const network::Graph graph = baseline("detector"), classifier = baseline("classifier");
  EXPECT_EQ(network::macs(graph), 757165504);
  EXPECT_EQ(network::parameters(graph), 4380828);
  EXPECT_NEAR(static_cast<double>(network::parameters(graph)), 4.3e6, 0.02 * 4.3e6);
  EXPECT_NEAR(static_cast<double>(network::macs(graph)), 0.8e9, 0.05e9);
  // Tensors of the backbone are named after its stages, a to h, and the stem.
  std::int64_t backbone = 0;
  for (const network::Tensor& tensor : graph.tensors()) {
    if (tensor.role != network::TensorRole::kWeight) continue;
    if (tensor.name[1] == '.' || tensor.name.rfind("stem", 0) == 0) backbone += tensor.parameters();
  }
  constexpr std::int64_t kClassifier = 1280 * 1000 + 1000;
  EXPECT_EQ(backbone, network::parameters(classifier) - kClassifier);
}

TEST(ArticleBaselines, the_held_out_network_is_efficientnet_edgetpu_s) {
  // 5.4 million parameters are published, in seven fused blocks and eleven others.
  const network::Graph graph = baseline("efficientnet_edgetpu_s");
  EXPECT_EQ(network::parameters(graph), 5438392);
  EXPECT_NEAR(static_cast<double>(network::parameters(graph)), 5.4e6, 0.05e6);
  int fused = 0, depthwise = 0;
  for (const network::Block& block : graph.blocks()) {
    fused += block.kind == network::BlockKind::kFusedInvertedBottleneck ? 1 : 0;
    depthwise += block.kind == network::BlockKind::kInvertedBottleneck ? 1 : 0;
  }
  EXPECT_EQ(fused, 1 + 2 + 4);
  EXPECT_EQ(depthwise, 5 + 4 + 2);
}

TEST(ArticleBaselines, the_segmenter_is_lr_aspp_on_mobilenet_v3_large_as_torchvision_counts_it) {
  // Its gate has a bias for each of 128 channels here and none there.
  EXPECT_EQ(network::parameters(baseline("segmenter")), 3221538 + 128);
  const network::Graph small = baseline("segmenter", 224);
  EXPECT_EQ(network::parameters(small), 3221538 + 128);
  EXPECT_EQ(network::macs(small), 379281312);
}

}  // namespace
}  // namespace lanewise::nas
