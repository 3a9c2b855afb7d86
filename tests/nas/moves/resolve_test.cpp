// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/resolve.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "nas/moves/places.hpp"
#include "nas/space/move_space.hpp"

namespace lanewise::nas {
namespace {

network::Graph model(const std::string& name) {
  return network::import_network(LANEWISE_SOURCE_DIR "/models/" + name + ".onnx");
}
const network::Graph& mobilenet() {
  static const network::Graph graph = model("mobilenet_v2");
  return graph;
}

ResolvedMoves resolved(const std::string& entries, const network::Graph& graph) {
  return resolve_moves(parse_moves("m.yaml", "moves:\n" + entries), graph);
}
std::string error_of(const std::string& entries) {
  try {
    resolved(entries, mobilenet());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
std::vector<std::string> places_in(const ResolvedMoves& moves) {
  std::vector<std::string> out;
  for (const PlacedMove& move : moves.moves) out.push_back(move.place);
  return out;
}

TEST(ResolveMoves, an_empty_file_leaves_the_network_as_it_is) {
  const ResolvedMoves moves = resolve_moves(parse_moves("m.yaml", "moves: []\n"), mobilenet());
  EXPECT_EQ(graph_hash(network::apply(mobilenet(), moves.moves_for(16))), graph_hash(mobilenet()));
}

TEST(ResolveMoves, entries_make_the_network_that_a_space_builds_of_the_same_genes) {
  MoveSettings settings;
  settings.depth_multipliers = {1, 0.75, 1.25};
  settings.even_channels = true;
  settings.kernels = {3, 5, 7};
  settings.depthwise_groups = {8, MoveSettings::kLanes, network::Moves::kStandard};
  settings.drop_repeats = true;
  settings.input_resolutions = {1, 0.75};
  const MoveSpace space(settings, mobilenet());
  const engine::EngineConfig engine = engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config;
  std::mt19937 random(7);
  for (int i = 0; i < 6; ++i) {
    Genotype genotype(space.genes().size(), 0);
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      if (random() % 3 == 0) genotype[g] = static_cast<int>(random() % space.genes()[g].values.size());
    }
    genotype = space.canonical(genotype);
    MovesFile file;
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      if (genotype[g] == 0) continue;
      const Gene& gene = space.genes()[g];
      file.entries.push_back(entry_of(gene.name, gene.values[static_cast<std::size_t>(genotype[g])]));
    }
    // The file as written and read back.
    const ResolvedMoves moves = resolve_moves(parse_moves("m.yaml", moves_text(file)), mobilenet());
    EXPECT_TRUE(moves.skipped.empty());
    const network::Graph made = network::apply(mobilenet(), moves.moves_for(engine.array.parallelism_factor));
    EXPECT_EQ(graph_hash(made), graph_hash(space.build(genotype, engine))) << moves_text(file);
  }
}

TEST(ResolveMoves, places_outside_of_what_a_pattern_is_known_for_are_skipped_and_listed) {
  const ResolvedMoves all = resolved("  a: {move: fuse, where: {at_stride: [4, 8, 16]}}\n", mobilenet());
  const ResolvedMoves some = resolved(
      "  a: {move: fuse, where: {at_stride: [4, 8, 16]}, within: {map_from: 28, channels_to: 24}}\n", mobilenet());
  EXPECT_EQ(some.moves.size() + some.skipped.size(), all.moves.size());
  const std::vector<MovePlace> places = places_of(mobilenet(), network::find_move_sites(mobilenet()));
  const auto place = [&](const std::string& name) {
    return *std::find_if(places.begin(), places.end(),
                         [&](const MovePlace& p) { return p.move == "fuse" && p.place == name; });
  };
  ASSERT_FALSE(some.moves.empty());
  ASSERT_FALSE(some.skipped.empty());
  // 224 pixels are maps of 56, 28 and 14 at these strides.
  for (const PlacedMove& move : some.moves) {
    EXPECT_GE(place(move.place).map, 28);
    EXPECT_LE(place(move.place).channels, 24);
  }
  for (const SkippedMove& skipped : some.skipped) {
    const bool small = place(skipped.place).map == 14;
    EXPECT_EQ(skipped.reason, small ? "map 14, where at least 28 is known" : "channels 32, where at most 24 is known");
  }
  // The file reads back equal, and conditions on maps choose places, too.
  const MovesFile file = parse_moves(
      "m.yaml", "moves:\n  a: {move: kernel, where: {map_from: 14, map_to: 28}, within: {kernel: [3, 5]}, value: 5}\n");
  EXPECT_EQ(moves_text(parse_moves("m.yaml", moves_text(file))), moves_text(file));
  EXPECT_NE(moves_text(file).find("within: {kernel: [3, 5]}"), std::string::npos);
  EXPECT_NE(error_of("  a: {move: fuse, place: ibn3, within: {map_from: 28}}\n").find("does not name"),
            std::string::npos);
  EXPECT_NE(error_of("  a: {move: fuse, place: all, within: {map_from: 28, map_to: 14}}\n").find("is below map_from"),
            std::string::npos);
  EXPECT_NE(error_of("  a: {move: fuse, place: all, within: {at_stride: 4}}\n").find("within.at_stride"),
            std::string::npos);
}

TEST(ResolveMoves, patterns_choose_places_by_what_they_are) {
  // MobileNetV2's blocks of stride 2 write maps at 4, 8, 16 and 32 of the image.
  const ResolvedMoves early = resolved("  a: {move: fuse, where: {at_stride: [4, 8], stride: 2}}\n", mobilenet());
  EXPECT_EQ(places_in(early), (std::vector<std::string>{"ibn0", "ibn2"}));
  const ResolvedMoves narrow = resolved("  a: {move: fuse, where: {block: residual, channels_to: 24}}\n", mobilenet());
  EXPECT_EQ(places_in(narrow), (std::vector<std::string>{"ibn1"}));
  EXPECT_EQ(resolved("  a: {move: fuse, place: all}\n", mobilenet()).moves.size(), 16U);
  // The first and the second half are all, each once.
  const auto first = resolved("  a: {move: fuse, where: {depth_to: 0.5}}\n", mobilenet()).moves.size();
  const auto second = resolved("  a: {move: fuse, where: {depth_from: 0.5}}\n", mobilenet()).moves.size();
  EXPECT_EQ(first, 8U);
  EXPECT_EQ(second, 8U);
  const ResolvedMoves coarse =
      resolved("  a: {move: depth_multiplier, where: {at_stride: 32}, value: 0.5}\n", mobilenet());
  EXPECT_EQ(places_in(coarse), (std::vector<std::string>{"stage4"}));
}

TEST(ResolveMoves, the_same_patterns_fit_another_network) {
  const network::Graph other = model("mnasnet1_0");
  const ResolvedMoves moves = resolved(
      "  a: {move: fuse, where: {at_stride: [4, 8], stride: 2}}\n"
      "  b: {move: kernel, where: {kernel: 5, at_stride: 16}, value: 3}\n",
      other);
  EXPECT_GE(moves.moves.size(), 3U);
  EXPECT_NE(graph_hash(network::apply(other, moves.moves_for(1))), graph_hash(other));
}

TEST(ResolveMoves, every_place_has_the_facts_of_its_layer) {
  const network::MoveSites sites = network::find_move_sites(mobilenet());
  std::size_t fusions = 0;
  for (const MovePlace& place : places_of(mobilenet(), sites)) {
    if (place.move != "fuse") continue;
    ++fusions;
    EXPECT_EQ(place.kernel, 3);
    EXPECT_GT(place.channels, 0);
    EXPECT_TRUE(place.at_stride == 4 || place.at_stride == 8 || place.at_stride == 16 || place.at_stride == 32);
    EXPECT_GT(place.depth, 0);
    EXPECT_LT(place.depth, 1);
  }
  EXPECT_EQ(fusions, sites.fusions.size());
}

TEST(ResolveMoves, what_names_a_place_must_fit) {
  EXPECT_EQ(error_of("  a: {move: fuse, place: ibn77}\n").rfind("m.yaml:2: entry 'moves.a': place 'ibn77': ", 0), 0U);
  EXPECT_NE(error_of("  a: {move: fuse, place: ibn77}\n").find("must be one of ibn0, ibn1"), std::string::npos);
  EXPECT_NE(error_of("  a: {move: drop, place: residual3, value: 9}\n").find("9 of 3 blocks cannot go"),
            std::string::npos);
  EXPECT_NE(error_of("  a: {move: groups, place: conv1, value: 7}\n").find("does not divide"), std::string::npos);
  EXPECT_NE(
      error_of("  a: {move: output_resolution, value: 0.5}\n").find("does not allow 'output_resolution': no output"),
      std::string::npos);
}

TEST(ResolveMoves, entries_that_contradict_each_other_are_refused_where_both_name_the_place) {
  const std::string two =
      error_of("  a: {move: kernel, place: conv1, value: 5}\n  b: {move: kernel, place: conv1, value: 7}\n");
  EXPECT_EQ(two, "m.yaml:3: entry 'moves.b': kernel conv1: entry 'a' sets it to 5");
  EXPECT_NE(error_of("  a: {move: fuse, place: ibn0}\n  b: {move: kernel, place: conv4, value: 5}\n"
                     "  c: {move: groups, place: conv4, value: 8}\n")
                .find("fused block has no groups"),
            std::string::npos);
  EXPECT_NE(error_of("  a: {move: fuse, place: ibn1}\n  b: {move: fuse, place: ibn1, veto: true}\n").find("vetoed"),
            std::string::npos);
  // The same twice is no contradiction.
  const ResolvedMoves same = resolved("  a: {move: fuse, place: ibn1}\n  b: {move: fuse, place: ibn1}\n", mobilenet());
  EXPECT_EQ(same.moves.size(), 1U);
  EXPECT_EQ(same.skipped.size(), 1U);
}

TEST(ResolveMoves, patterns_yield_to_named_places_and_say_what_they_skip) {
  const ResolvedMoves moves = resolved(
      "  all: {move: kernel, place: all, value: 5}\n"
      "  one: {move: kernel, place: conv1, value: 7}\n"
      "  no: {move: kernel, place: conv4, veto: true}\n"
      "  none: {move: fuse, where: {kernel: 7}}\n",
      mobilenet());
  for (const PlacedMove& move : moves.moves) {
    EXPECT_EQ(move.value, move.place == "conv1" ? "7" : "5");
    EXPECT_NE(move.place, "conv4");
  }
  std::vector<std::string> reasons;
  for (const SkippedMove& skipped : moves.skipped) reasons.push_back(skipped.place + "|" + skipped.reason);
  EXPECT_EQ(reasons, (std::vector<std::string>{"conv1|entry 'one' sets it to 7", "conv4|is vetoed by entry 'no'",
                                               "|matches nothing of mobilenet_v2"}));
  EXPECT_TRUE(moves.is_vetoed("kernel", "conv4", "7"));
  EXPECT_FALSE(moves.is_vetoed("kernel", "conv1", "7"));
}

}  // namespace
}  // namespace lanewise::nas
