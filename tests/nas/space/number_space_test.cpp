// SPDX-License-Identifier: Apache-2.0
#include "nas/space/number_space.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/network/import.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

const engine::EngineConfig& engine_of_numbers() {
  static const engine::EngineConfig config = engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config;
  return config;
}

const network::Graph& mobilenet() {
  static const network::Graph graph = network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx");
  return graph;
}

SpaceDescription description(const std::string& text) { return parse_space("spaces/mine.yaml", "name: mine\n" + text); }

std::unique_ptr<NetworkSpace> of_moves(const std::string& numbers) {
  return make_network_space(description("network: {drop_repeats: true}\nnumbers: {" + numbers + "}\n"), &mobilenet());
}

constexpr const char* kBlocks =
    "network:\n"
    "  input: {channels: 3, height: 32, width: 32}\n"
    "  stem: {channels: 8}\n"
    "  stages:\n"
    "    a: {type: [ibn, fused_ibn, depthwise_separable], expansion: [4, 1], channels: [16, 10], repeats: [1, 2, 0]}\n"
    "    b: {type: convolution, channels: 24, squeeze_excite: [0, 0.25]}\n"
    "  head: {type: classification, channels: [0, 32], hidden: [0, 16], classes: 10}\n";

std::unique_ptr<NetworkSpace> of_blocks(const std::string& numbers) {
  return make_network_space(description(std::string(kBlocks) + "numbers: {" + numbers + "}\n"), nullptr);
}

std::set<std::string> names(const NetworkSpace& space, const std::string& begin) {
  std::set<std::string> out;
  for (const Gene& gene : space.genes()) {
    if (gene.name.rfind(begin, 0) == 0) out.insert(gene.name);
  }
  return out;
}

const network::Tensor& weight(const network::Graph& graph, const std::string& layer) {
  for (const network::Operator& op : graph.operators()) {
    if (op.name == layer) return graph.tensor(op.weights.at(0));
  }
  throw Error("no layer " + layer);
}

TEST(NumberSpace, has_a_gene_for_the_network_a_stage_a_block_or_a_layer) {
  EXPECT_EQ(names(*of_blocks("all: {prune: 2:4}"), "all."), (std::set<std::string>{"all.prune"}));
  EXPECT_EQ(names(*of_blocks("all: {per: stage, prune: 2:4}"), "all."),
            (std::set<std::string>{"all.prune.a", "all.prune.b", "all.prune.head"}));
  EXPECT_EQ(names(*of_blocks("all: {per: block, weights: int4}"), "all."),
            (std::set<std::string>{"all.weights.a.0", "all.weights.a.1", "all.weights.b.0", "all.weights.head"}));
  EXPECT_EQ(
      names(*of_blocks("all: {per: layer, layers: [a.*, stem], cluster: 16}"), "all."),
      (std::set<std::string>{"all.cluster.stem", "all.cluster.a.0.expand", "all.cluster.a.0.depthwise",
                             "all.cluster.a.0.project", "all.cluster.a.0.pointwise", "all.cluster.a.1.expand",
                             "all.cluster.a.1.depthwise", "all.cluster.a.1.project", "all.cluster.a.1.pointwise"}));
  // Of mobilenet_v2's 52 convolutions 17 are depthwise and one is the first; behind them is one fully connected layer.
  EXPECT_EQ(names(*of_moves("all: {per: layer, weights: int4}"), "all.").size(), 35u);
  EXPECT_EQ(names(*of_moves("all: {per: layer, layers: '*', weights: int4}"), "all.").size(), 53u);
}

TEST(NumberSpace, spares_the_first_and_depthwise_layers_unless_a_rule_names_them) {
  const auto usual = of_blocks("all: {prune: 0.5}"), named = of_blocks("all: {layers: '*', prune: 0.5}");
  const auto build = [&](const NetworkSpace& space) {
    return space.build(space.decode("default~all.prune=0.5"), engine_of_numbers());
  };
  const network::Graph some = build(*usual), all = build(*named);
  for (const char* layer : {"a.0.expand", "a.0.project", "b.0.conv", "classifier"}) {
    EXPECT_EQ(weight(some, layer).form.density, 0.5) << layer;
    EXPECT_EQ(weight(all, layer).form.density, 0.5) << layer;
  }
  for (const char* layer : {"stem", "a.0.depthwise"}) {
    EXPECT_EQ(weight(some, layer).form.density, 1) << layer;
    EXPECT_EQ(weight(all, layer).form.density, 0.5) << layer;
  }
}

TEST(NumberSpace, a_layer_goes_by_the_last_rule_that_means_it) {
  const auto space =
      of_blocks("all: {weights: [int4, int16]}, out: {layers: [classifier, b.*], weights: int16, cluster: 16}");
  const network::Graph graph =
      space->build(space->decode("default~all.weights=int4~out.cluster=16"), engine_of_numbers());
  EXPECT_EQ(weight(graph, "a.0.expand").precision, Precision::kInt4);
  EXPECT_EQ(weight(graph, "classifier").precision, Precision::kInt8);
  EXPECT_EQ(weight(graph, "classifier").form.clusters, 16);
  EXPECT_EQ(weight(graph, "b.0.conv").form.clusters, 16);
}

TEST(NumberSpace, a_structure_leaves_weights_whose_channels_it_does_not_divide) {
  const auto space = of_blocks("all: {prune: 2:4}");
  // Ten channels behind stage a.
  const network::Graph graph = space->build(space->decode("a.channels=10~all.prune=2:4"), engine_of_numbers());
  EXPECT_FALSE(weight(graph, "b.0.conv").form.structured());
  EXPECT_TRUE(weight(graph, "a.0.project").form.structured());
  const auto moves = of_moves("first: {layers: '*features.0.0*', prune: 2:4}");
  ASSERT_FALSE(moves->left_out().empty());
  EXPECT_NE(moves->left_out().back().reason.find("3 input channels"), std::string::npos)
      << moves->left_out().back().reason;
}

// Encodings name networks: equal for equal canonical genotypes, different for others, and readable.
void expect_encodings(const NetworkSpace& space, int tries) {
  Random random(5);
  std::map<std::string, Genotype> seen;
  for (int i = 0; i < tries; ++i) {
    Genotype genotype;
    for (const Gene& gene : space.genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    const Genotype canonical = space.canonical(genotype);
    EXPECT_EQ(space.canonical(canonical), canonical);
    const std::string text = space.encode(genotype);
    EXPECT_EQ(space.encode(canonical), text);
    EXPECT_EQ(space.decode(text), canonical) << text;
    const auto [found, is_new] = seen.emplace(text, canonical);
    EXPECT_EQ(found->second, canonical) << text;
    EXPECT_EQ(network::graph_hash(space.build(genotype, engine_of_numbers())),
              network::graph_hash(space.build(canonical, engine_of_numbers())))
        << text;
  }
}

TEST(NumberSpace, every_network_has_one_encoding) {
  expect_encodings(
      *of_blocks("all: {per: layer, weights: [int4], prune: [2:4, 0.5]}, se: {layers: '*.se.*', cluster: 4}"), 300);
  expect_encodings(*of_moves("all: {per: block, weights: [int4], prune: [2:4, 0.5], cluster: [16]}"), 20);
}

TEST(NumberSpace, a_gene_matters_where_the_network_has_one_of_its_layers) {
  const auto space = of_blocks("all: {per: layer, weights: int4}");
  for (const auto& [network, gene, matters] :
       std::vector<std::tuple<std::string, std::string, bool>>{{"default", "a.0.expand", true},
                                                               {"default", "a.1.expand", false},
                                                               {"a.repeats=2", "a.1.expand", true},
                                                               {"a.repeats=0", "a.0.project", false},
                                                               {"a.expansion=1", "a.0.expand", false},
                                                               {"a.type=depthwise_separable", "a.0.project", false},
                                                               {"a.type=depthwise_separable", "a.0.pointwise", true},
                                                               {"default", "b.0.se.reduce", false},
                                                               {"b.squeeze_excite=0.25", "b.0.se.reduce", true},
                                                               {"default", "hidden", false},
                                                               {"head.hidden=16", "hidden", true}}) {
    const std::string text = network + "~all.weights." + gene + "=int4";
    EXPECT_EQ(space->encode(space->decode(text)) != network, matters) << text;
  }
  const auto moves = of_moves("all: {per: block, weights: int4}");
  EXPECT_EQ(moves->encode(moves->decode("drop.residual0=1~all.weights.ibn1=int4")), "drop.residual0=1");
}

// What the space says of layers, held against the networks that it builds.
TEST(NumberSpace, knows_the_layers_of_the_networks_that_shipped_spaces_build) {
  for (const char* name :
       {"classifier", "detector", "segmenter", "fm28", "fm28-detection", "fm28-segmentation", "speech"}) {
    const auto space =
        make_network_space(load_space(std::string(LANEWISE_SOURCE_DIR "/spaces/") + name + ".yaml"), nullptr);
    const std::vector<SpaceLayer> layers = space->layers();
    Random random(3);
    for (int i = 0; i < 20; ++i) {
      Genotype genotype;
      for (const Gene& gene : space->genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
      genotype = space->canonical(genotype);
      network::Graph graph = mobilenet();
      try {
        graph = space->build(genotype, engine_of_numbers());
      } catch (const Error&) {
        continue;  // values that contradict each other
      }
      std::set<std::string> built, said;
      for (const network::Operator& op : graph.operators()) {
        if (network::has_form(op)) built.insert(op.name);
      }
      const std::vector<bool> has = space->has_layers(genotype);
      ASSERT_EQ(has.size(), layers.size());
      for (std::size_t l = 0; l < layers.size(); ++l) {
        if (has[l]) said.insert(layers[l].name);
      }
      for (const std::string& layer : built) EXPECT_EQ(said.count(layer), 1u) << name << ": " << layer;
      // An expansion that rounds to the channels that there are, and an identity that changes nothing, have no layer.
      EXPECT_LE(said.size(), built.size() + 3) << name;
    }
  }
}

TEST(NumberSpace, refuses_rules_that_mean_nothing) {
  const auto message = [](const std::string& numbers) {
    try {
      of_blocks(numbers);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("all: {layers: nowhere, prune: 2:4}").find("nowhere"), std::string::npos);
  for (const auto& [numbers, rule] : std::vector<std::pair<std::string, std::string>>{
           {"all: {prune: 4:2}", "key 'numbers.all.prune'"},
           {"all: {cluster: 1}", "2 to 65536 clusters"},
           {"all: {weights: [int4, int4]}", "is given twice"},
           {"all: {weights: int5}", "int5"},
           {"all: {per: channel, weights: int4}", "network, stage, block, layer"},
           {"all: {per: layer}", "says none of prune"},
           {"all: {weigths: int4}", "unknown key"},
           {"a-b: {weights: int4}", "is no name of a rule"}}) {
    const std::string what = message(numbers);
    EXPECT_NE(what.find(rule), std::string::npos) << what;
    EXPECT_EQ(what.rfind("spaces/mine.yaml:", 0), 0u) << what;
  }
}

}  // namespace
}  // namespace lanewise::nas
