// SPDX-License-Identifier: Apache-2.0
// Networks of a space's own: that they are the networks that their papers describe, and that every shipped space writes
// and reads them.
#include "nas/space/block_space.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/partition.hpp"
#include "nas/space/space.hpp"
#include "tests/core/network/graph_consistency.hpp"

namespace lanewise::nas {
namespace {

namespace fs = std::filesystem;

const engine::EngineConfig& ne256() {
  static const engine::EngineConfig engine = engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config;
  return engine;
}

class BlockSpaceFile : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = (fs::temp_directory_path() / ("lanewise_blocks_" + name + ".yaml")).string();
  }
  void TearDown() override { fs::remove(path_); }

  std::unique_ptr<NetworkSpace> load(const std::string& network) {
    std::ofstream(path_) << "name: mine\nnetwork:\n" << network;
    return make_network_space(load_space(path_), nullptr);
  }
  network::Graph build(const std::string& network, const std::string& encoding = "default") {
    const auto space = load(network);
    return space->build(space->decode(encoding), ne256());
  }
  // The message without the folder of the file.
  std::string message(const std::string& network, const std::string& encoding = "default") {
    try {
      build(network, encoding);
    } catch (const Error& error) {
      const std::string what = error.what();
      return what.rfind(path_, 0) == 0 ? "FILE" + what.substr(path_.size()) : what;
    }
    return "";
  }

  std::string path_;
};

constexpr const char* kSmall = "  input: {channels: 3, height: 32, width: 32}\n  stem: {channels: 8}\n";

const network::Operator& op(const network::Graph& graph, const std::string& name) {
  for (const network::Operator& candidate : graph.operators()) {
    if (candidate.name == name) return candidate;
  }
  throw Error("no operator " + name);
}
std::vector<std::int64_t> shape_of(const network::Graph& graph, const std::string& name) {
  return graph.tensor(op(graph, name).outputs[0]).shape;
}

// Sandler et al., 2018, as torchvision builds it: 3,504,872 parameters, 300.8 M MACs.
TEST_F(BlockSpaceFile, mobilenet_v2_counts_as_published) {
  const network::Graph graph = build(R"(  input: {channels: 3, height: 224, width: 224}
  activation: relu6
  stem: {channels: 32}
  stages:
    a: {type: ibn, expansion: 1, channels: 16}
    b: {type: ibn, channels: 24, repeats: 2, stride: 2}
    c: {type: ibn, channels: 32, repeats: 3, stride: 2}
    d: {type: ibn, channels: 64, repeats: 4, stride: 2}
    e: {type: ibn, channels: 96, repeats: 3}
    f: {type: ibn, channels: 160, repeats: 3, stride: 2}
    g: {type: ibn, channels: 320}
  head: {type: classification, channels: 1280}
)");
  EXPECT_EQ(network::parameters(graph), 3504872);
  EXPECT_EQ(network::macs(graph), 300774272);
  EXPECT_EQ(std::count_if(graph.blocks().begin(), graph.blocks().end(),
                          [](const network::Block& b) { return b.kind == network::BlockKind::kInvertedBottleneck; }),
            16);
}

// The same network with its normalizations folded runs as the same commands.
TEST_F(BlockSpaceFile, a_normalization_costs_an_engine_nothing) {
  const std::string text = std::string(kSmall) + "  stages: {a: {type: ibn, channels: 8, squeeze_excite: 0.25}}\n";
  const auto subgraphs = [&](const std::string& normalization) {
    std::vector<std::string> keys;
    const network::Graph graph = build("  normalization: " + normalization + "\n" + text);
    for (const mapping::Subgraph& s : mapping::partition_with_memory(graph, ne256()).subgraphs) {
      keys.push_back(mapping::subgraph_key(s));
    }
    return keys;
  };
  EXPECT_EQ(subgraphs("batch"), subgraphs("folded"));
}

TEST_F(BlockSpaceFile, every_type_of_block_is_what_it_says) {
  const auto text = [&](const std::string& stage) {
    return std::string(kSmall) + "  stages: {a: {channels: 16, kernel: 5, stride: 2, " + stage + "}}\n";
  };
  // Weights and scales and shifts of the stage alone: the stem has 8 x 27 + 16.
  const auto parameters = [&](const std::string& stage) { return network::parameters(build(text(stage))) - 232; };
  EXPECT_EQ(parameters("type: ibn, expansion: 3"), 8 * 24 + 48 + 24 * 25 + 48 + 24 * 16 + 32);
  EXPECT_EQ(parameters("type: ibn, expansion: 1"), 8 * 25 + 16 + 8 * 16 + 32);
  EXPECT_EQ(parameters("type: fused_ibn, expansion: 3"), 8 * 24 * 25 + 48 + 24 * 16 + 32);
  EXPECT_EQ(parameters("type: grouped_ibn, expansion: 3, groups: 4"), 2 * 24 * 25 + 48 + 24 * 16 + 32);
  EXPECT_EQ(parameters("type: convolution"), 8 * 16 * 25 + 32);
  EXPECT_EQ(parameters("type: convolution, groups: 8"), 16 * 25 + 32);
  EXPECT_EQ(parameters("type: depthwise_separable"), 8 * 25 + 16 + 8 * 16 + 32);
  EXPECT_EQ(parameters("type: tucker, input_ratio: 0.5, output_ratio: 0.75"),
            8 * 4 + 8 + 4 * 12 * 25 + 24 + 12 * 16 + 32);
  EXPECT_EQ(parameters("type: identity"), 8 * 16 + 32);
  EXPECT_EQ(parameters("type: fused_ibn, expansion: 3, squeeze_excite: 0.25"),
            8 * 24 * 25 + 48 + (24 * 6 + 6) + (6 * 24 + 24) + 24 * 16 + 32);
}

TEST_F(BlockSpaceFile, residuals_stand_where_the_rule_says) {
  const auto additions = [&](const std::string& stage) {
    const network::Graph graph =
        build(std::string(kSmall) + "  stages: {a: {channels: 8, repeats: 2, " + stage + "}}\n");
    return std::count_if(graph.operators().begin(), graph.operators().end(),
                         [](const network::Operator& o) { return o.kind == network::OperatorKind::kElementwise; });
  };
  EXPECT_EQ(additions("type: ibn"), 2);
  EXPECT_EQ(additions("type: ibn, stride: 2"), 1);
  EXPECT_EQ(additions("type: ibn, residual: none"), 0);
  EXPECT_EQ(additions("type: convolution"), 0);
  EXPECT_EQ(additions("type: convolution, residual: where_equal"), 2);
  EXPECT_EQ(additions("type: identity"), 0);
}

TEST_F(BlockSpaceFile, causal_convolutions_wait_for_nothing) {
  const network::Graph graph = build(R"(  input: {channels: 40, height: 1, width: 98}
  stages:
    a: {type: convolution, kernel: 1x9, channels: 16, dilation: 1x2, padding: causal}
    b: {type: convolution, kernel: 1x9, channels: 16, padding: valid}
)");
  const network::Window& window = op(graph, "a.0.conv").window;
  EXPECT_EQ(window.pad_begin[1], 16);
  EXPECT_EQ(window.pad_end[1], 0);
  EXPECT_EQ(window.pad_begin[0], 0);
  EXPECT_EQ(shape_of(graph, "a.0.conv"), (std::vector<std::int64_t>{1, 16, 1, 98}));
  EXPECT_EQ(shape_of(graph, "b.0.conv"), (std::vector<std::int64_t>{1, 16, 1, 90}));
}

TEST_F(BlockSpaceFile, multipliers_scale_channels_and_repeats) {
  const std::string text = R"(  input: {channels: 3, height: 32, width: 32}
  depth_multiplier: [1, 0.5]
  repeat_multiplier: [1, 1.5]
  channel_multiple: {formula: engine.parallelism_factor}
  stem: {channels: 32}
  stages:
    a: {type: convolution, channels: 40, repeats: 1, depth_multiplier: [1, 2]}
)";
  EXPECT_EQ(shape_of(build(text), "stem")[1], 32);
  EXPECT_EQ(shape_of(build(text), "a.0.conv")[1], 48);  // 40 to a multiple of 16
  EXPECT_EQ(shape_of(build(text, "depth_multiplier=0.5"), "stem")[1], 16);
  EXPECT_EQ(shape_of(build(text, "depth_multiplier=0.5"), "a.0.conv")[1], 16);
  EXPECT_EQ(shape_of(build(text, "depth_multiplier=0.5/a.depth_multiplier=2"), "a.0.conv")[1], 48);
  EXPECT_EQ(build(text, "repeat_multiplier=1.5").operators().size(), build(text).operators().size() + 3);
  EXPECT_EQ(load(text)->engine_keys(), std::vector<std::string>{"engine.parallelism_factor"});
}

TEST_F(BlockSpaceFile, heads_give_what_their_tasks_need) {
  const std::string stages = std::string(kSmall) +
                             "  stages:\n    a: {type: ibn, channels: 16, stride: 2}\n"
                             "    b: {type: ibn, channels: 24, stride: 2}\n";
  const auto outputs = [&](const std::string& head) {
    const network::Graph graph = build(stages + "  head: {" + head + "}\n");
    std::vector<std::vector<std::int64_t>> shapes;
    for (const network::TensorId id : graph.outputs()) shapes.push_back(graph.tensor(id).shape);
    EXPECT_EQ(network::ConsistencyCheck::faults(graph), std::vector<std::string>{}) << head;
    return shapes;
  };
  using Shapes = std::vector<std::vector<std::int64_t>>;
  EXPECT_EQ(outputs("type: classification, classes: 10, hidden: 32"), (Shapes{{1, 10}}));
  // 8x8, 4x4, 2x2 positions with 3 boxes each
  EXPECT_EQ(outputs("type: detection, from: [a, b], extra: [32], classes: 21, boxes: 3"),
            (Shapes{{1, 252, 21}, {1, 252, 4}}));
  EXPECT_EQ(outputs("type: lraspp, low: a, classes: 21"), (Shapes{{1, 21, 32, 32}}));
  EXPECT_EQ(outputs("type: deeplab, low: a, classes: 21, output_height: 16, output_width: 8"),
            (Shapes{{1, 21, 16, 8}}));
  EXPECT_EQ(outputs("type: deeplab, low: b, classes: 5, rates: [2, 4]"), (Shapes{{1, 5, 32, 32}}));
  EXPECT_EQ(outputs("type: anchor_free, from: [a, b], extra: [32], layers: 1, channels: 16, classes: 3"),
            (Shapes{{1, 84, 3}, {1, 84, 4}}));
  EXPECT_EQ(outputs("type: anchor_free, layers: 0, classes: 3"), (Shapes{{1, 16, 3}, {1, 16, 4}}));
  EXPECT_EQ(outputs("type: none"), (Shapes{{1, 24, 4, 4}}));
}

TEST_F(BlockSpaceFile, a_gene_may_decide_which_map_a_segmenter_joins_in) {
  const std::string stages = std::string(kSmall) +
                             "  stages:\n    a: {type: ibn, channels: 16, stride: 2}\n"
                             "    b: {type: ibn, channels: 24, stride: 2}\n    c: {type: ibn, channels: 24, stride: 2}\n";
  const std::string head = "  head: {type: lraspp, classes: 5, low: ";
  const auto low_map = [](const network::Graph& graph) { return shape_of(graph, "low.classes"); };
  EXPECT_EQ(low_map(build(stages + head + "b}\n")), (std::vector<std::int64_t>{1, 5, 4, 4}));
  const std::string own = stages + head + "[b, a]}\n";
  EXPECT_EQ(low_map(build(own, "head.low=a")), (std::vector<std::int64_t>{1, 5, 8, 8}));
  EXPECT_EQ(low_map(build(own)), (std::vector<std::int64_t>{1, 5, 4, 4}));
}

TEST_F(BlockSpaceFile, an_unused_gene_is_read_and_says_nothing) {
  const auto space = load(std::string(kSmall) + R"(  genes: {h: {values: [0, 64], unused: true}}
  stages:
    a: {type: convolution, channels: [8, 16]}
  encoding: "c{a.channels}/h{h}"
)");
  EXPECT_EQ(space->decode("c16/h64"), space->decode("c16/h0"));
  EXPECT_EQ(space->encode(space->decode("c16/h64")), "c16/h0");
  EXPECT_THROW(space->decode("c16/h32"), Error);
}

TEST_F(BlockSpaceFile, genes_that_do_not_matter_take_their_default) {
  const auto space = load(std::string(kSmall) + R"(  genes:
    t: [i, c, x]
    deep: {values: [3, 5], when: {t: [i, c]}}
  stages:
    a:
      when: {t: [i, c]}
      type: {gene: t, i: ibn, else: convolution}
      expansion: [6, 3]
      kernel: {gene: deep}
      channels: [8, 16]
)");
  ASSERT_EQ(space->genes().size(), 4u);  // t, deep, a.expansion, a.channels
  EXPECT_EQ(space->canonical({0, 1, 1, 1}), (Genotype{0, 1, 1, 1}));
  EXPECT_EQ(space->canonical({1, 1, 1, 1}), (Genotype{1, 1, 0, 1}));
  EXPECT_EQ(space->canonical({2, 1, 1, 1}), (Genotype{2, 0, 0, 0}));
  EXPECT_EQ(space->encode({2, 1, 1, 1}), "t=x");
  EXPECT_EQ(space->decode("t=c/a.expansion=3"), (Genotype{1, 0, 0, 0}));
}

TEST_F(BlockSpaceFile, ranges_and_formulas_give_values) {
  const auto space = load(R"(  genes:
    width: {from: 1, to: 4, step: 1}
  input: {channels: 3, height: {from: 32, to: 128, factor: 2, default: 64}, width: 32}
  stages:
    a: {type: convolution, channels: {formula: 8 * width + engine.dot_product_lanes}}
    b: {type: convolution, channels: {values: [1, 2], times: engine.parallelism_factor}}
)");
  EXPECT_EQ(space->genes()[0].values, (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(space->genes()[1].values, (std::vector<std::string>{"64", "32", "128"}));
  const network::Graph graph = space->build(space->decode("width=3/b.channels=2"), ne256());
  EXPECT_EQ(shape_of(graph, "a.0.conv")[1], 40);
  EXPECT_EQ(shape_of(graph, "b.0.conv")[1], 32);
}

TEST_F(BlockSpaceFile, errors_name_file_line_key_value_and_rule) {
  const std::string input = "  input: {channels: 3, height: 32, width: 32}\n";
  const std::string stages = "  stages:\n    a: {type: ibn, channels: 8";
  EXPECT_EQ(message(input + stages + ", kernal: 3}\n"),
            "FILE:5: key 'network.stages.a.kernal': unknown key (did you mean 'network.stages.a.kernel'?)");
  EXPECT_EQ(message(input + stages + ", kernel: big}\n"),
            "FILE:5: key 'network.stages.a.kernel': 'big' must be a whole number from 1 to 255, or HEIGHTxWIDTH of "
            "two of them");
  EXPECT_EQ(message(input + stages + ", expansion: [6, 99]}\n"),
            "FILE:5: key 'network.stages.a.expansion': '99' must be a number from 0.1 to 32");
  EXPECT_EQ(message(input + stages + ", kernel: [3, 5, 3]}\n"),
            "FILE:5: key 'network.stages.a.kernel': '3' is given twice");
  EXPECT_EQ(message(input + stages + ", repeats: {from: 1, to: 4}}\n"),
            "FILE:5: key 'network.stages.a.repeats.from': a range needs 'step' or 'factor', and one of them");
  EXPECT_EQ(message(input + stages + ", repeats: {gene: deep, 1: 2}}\n"),
            "FILE:5: key 'network.stages.a.repeats.gene': 'deep' is no gene that stands before");
  EXPECT_EQ(message(input + stages + ", activation: rellu}\n").rfind("FILE:5: key 'network.stages.a.activation': ", 0),
            0u);
  EXPECT_EQ(message(input + "  stages: {a: {type: ibn}}\n"), "FILE:4: key 'network.stages.a.channels': missing");
  EXPECT_EQ(message(input), "FILE: key 'network.stages': missing");
  EXPECT_EQ(message(input + "  fuse_ibn: true\n" + stages + "}\n"),
            "FILE:4: key 'network.fuse_ibn': is a move on a given network, and the file has networks of its own");
  EXPECT_EQ(message("  genes: {p: [1, 2]}\n" + input + stages + ", stride: {gene: p, 1: 1}}\n"),
            "FILE:6: key 'network.stages.a.stride.gene': says nothing for value '2' of the gene");
  EXPECT_EQ(message("  genes: {p: [1, 2]}\n" + input + stages + ", stride: {gene: p, 1: 1, 3: 2}}\n"),
            "FILE:6: key 'network.stages.a.stride.3': '3' is no value of gene 'p': must be one of: 1, 2");
  EXPECT_EQ(message(input + "  stages:\n    a: {type: ibn, channels: {formula: 8 * wide}}\n"),
            "FILE:5: key 'network.stages.a.channels.formula': 'wide' is no gene that stands before");
  EXPECT_EQ(message(input + "  stages:\n    a: {type: ibn, channels: {formula: 8 * engine.lanes}}\n")
                .rfind("FILE:5: key 'network.stages.a.channels.formula': ", 0),
            0u);
  EXPECT_EQ(message(input + "  stages:\n    a: {type: ibn, channels: {formula: engine.parallelism_factor - 16}}\n"),
            "FILE:5: key 'network.stages.a.channels': formula 'engine.parallelism_factor - 16' gives 0: must be a "
            "whole number from 1 to 65536");
  EXPECT_EQ(message(input + "  stages:\n    a: {type: convolution, channels: 8, groups: 5}\n"),
            "space 'mine': network 'default': layer 'a.0.conv': 5 groups do not divide 3 and 8 channels");
  EXPECT_EQ(message(input + "  stages:\n    a: {type: convolution, channels: 8, kernel: 33, padding: valid}\n"),
            "space 'mine': network 'default': layer 'a.0.conv': a kernel that spans 33 does not fit a map of 32");
}

TEST_F(BlockSpaceFile, encodings_that_cannot_be_read_are_refused) {
  const std::string stages = std::string(kSmall) + "  stages:\n    a: {type: ibn, channels: [8, 80], kernel: [3, 5]}\n";
  EXPECT_EQ(message(stages + "  encoding: \"{a.channels}-{a.kernel}\"\n", "80-5"), "");
  EXPECT_EQ(message(stages + "  encoding: \"{a.channels}{a.kernel}\"\n"),
            "FILE:7: key 'network.encoding': '{a.channels}' must be followed by a character that none of its values "
            "has: where it ends is not clear otherwise");
  EXPECT_EQ(message(stages + "  encoding: \"{a.channels}\"\n"),
            "FILE:7: key 'network.encoding': gene 'a.kernel' is never written");
  EXPECT_EQ(message(stages + "  encoding: \"{a.channels}-{a.kernal}\"\n"),
            "FILE:7: key 'network.encoding': '{a.kernal}' is no gene, no property and no stage (did you mean "
            "'a.kernel'?)");
  EXPECT_EQ(message(stages + "  encoding: \"{a.channels}, {a.kernel}\"\n"),
            "FILE:7: key 'network.encoding': '{a.channels}, {a.kernel}' must not hold ','");
  const std::string good = stages + "  encoding: \"c{a.channels}k{a.kernel}\"\n";
  EXPECT_EQ(message(good, "c8k4"), "encoding 'c8k4': 'a.kernel' must be one of 3, 5 at '4'");
  EXPECT_EQ(message(good, "c8k3x"), "encoding 'c8k3x': ends with 'x', which belongs to nothing");
  EXPECT_EQ(message(good, "8k3"), "encoding '8k3': must have 'c' at '8k3'");
  EXPECT_EQ(message(good, ""), "encoding '': must have 'c' at its end");
  EXPECT_EQ(message(stages, "a.kernel=7"), "encoding 'a.kernel=7': gene 'a.kernel': '7' must be one of: 3, 5");
}

// Every shipped space of its own networks: random genotypes are written and read, texts differ where canonical
// genotypes do, networks build and map.
TEST(ShippedBlockSpaces, random_networks_are_written_and_read) {
  int spaces = 0;
  for (const auto& file : fs::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
    const SpaceDescription description = load_space(file.path().string());
    if (description.blocks == nullptr) continue;
    ++spaces;
    const auto space = make_network_space(description, nullptr);
    Random random(7);
    std::map<std::string, Genotype> seen;
    constexpr int kDrawn = 300, kBuilt = 12;
    for (int i = 0; i < kDrawn; ++i) {
      Genotype genotype;
      for (const Gene& gene : space->genes()) {
        genotype.push_back(i == 0 ? 0 : static_cast<int>(random.below(gene.values.size())));
      }
      const Genotype canonical = space->canonical(genotype);
      ASSERT_EQ(space->canonical(canonical), canonical) << description.name;
      const std::string text = space->encode(genotype);
      ASSERT_EQ(text, space->encode(canonical)) << description.name;
      ASSERT_EQ(space->decode(text), canonical) << description.name << ": " << text;
      ASSERT_EQ(text.find_first_of(" ,\"'\\@"), std::string::npos) << text;
      const auto [known, is_new] = seen.emplace(text, canonical);
      ASSERT_EQ(known->second, canonical) << text;
      if (i >= kBuilt) continue;
      const network::Graph graph = space->build(genotype, ne256());
      EXPECT_EQ(network::ConsistencyCheck::faults(graph), std::vector<std::string>{}) << text;
      EXPECT_EQ(network::graph_hash(graph), network::graph_hash(space->build(canonical, ne256()))) << text;
      EXPECT_FALSE(mapping::partition_with_memory(graph, ne256()).subgraphs.empty()) << text;
    }
  }
  EXPECT_GE(spaces, 7);
}

TEST(ShippedBlockSpaces, one_has_more_than_a_trillion_designs) {
  double largest = 0;
  for (const auto& file : fs::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
    const SpaceDescription description = load_space(file.path().string());
    if (description.blocks == nullptr) continue;
    const std::string hwconfig = LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml";
    const Space space(description, make_network_space(description, nullptr), ne256(), engine::load_family(hwconfig));
    if (space.genes().size() == space.network_genes()) continue;
    double designs = 1;
    for (const Gene& gene : space.genes()) designs *= static_cast<double>(gene.values.size());
    largest = std::max(largest, designs);
  }
  EXPECT_GE(largest, 1e12);
}

}  // namespace
}  // namespace lanewise::nas
