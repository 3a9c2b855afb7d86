// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/moves_file.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "core/record/file.hpp"

namespace lanewise::nas {
namespace {

std::string error_of(const std::string& text) {
  try {
    parse_moves("moves.yaml", text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

constexpr const char* kFile = R"(
name: by hand
notes: {network: mobilenet_v2}
moves:
  early: {move: fuse, where: {block: [ibn, residual], at_stride: [4, 8], stride: 2, kernel: 3, channels_from: 8, channels_to: 40, depth_from: 0, depth_to: 0.5}}
  wide: {move: depth_multiplier, place: [stage3, stage4], value: 1.25, take: false, notes: {latency_saved_ms: -0.1, source: simulated}}
  never: {move: kernel, place: all, value: 7, veto: true}
  rounded: {move: channels, value: aligned}
  lanes: {move: engine, place: dram.bandwidth, value: 6.4 GB/s}
)";

TEST(MovesFile, says_what_it_holds_in_order) {
  const MovesFile file = parse_moves("moves.yaml", kFile);
  EXPECT_EQ(file.name, "by hand");
  ASSERT_EQ(file.entries.size(), 5U);
  const MoveEntry& early = file.entries[0];
  EXPECT_EQ(early.name, "early");
  EXPECT_TRUE(early.is_pattern());
  EXPECT_EQ(early.value, "fused_ibn");
  EXPECT_EQ(early.where.at_strides, (std::vector<double>{4, 8}));
  EXPECT_EQ(early.where.channels_to, 40);
  const MoveEntry& wide = file.entries[1];
  EXPECT_FALSE(wide.take);
  EXPECT_EQ(wide.places, (std::vector<std::string>{"stage3", "stage4"}));
  ASSERT_NE(wide.note("source"), nullptr);
  EXPECT_EQ(*wide.note("source"), "simulated");
  EXPECT_TRUE(file.entries[2].veto);
  EXPECT_TRUE(file.entries[2].is_pattern());
}

TEST(MovesFile, reads_back_what_it_writes) {
  MovesFile file = parse_moves("moves.yaml", kFile);
  file.entries[1].notes.emplace_back("odd", "a \"quoted\" {text}: with, marks # and \\");
  const std::string text = moves_text(file, {"A head.", ""});
  const MovesFile again = parse_moves("moves.yaml", text);
  EXPECT_EQ(moves_text(again, {"A head.", ""}), text);
  ASSERT_EQ(again.entries.size(), file.entries.size());
  EXPECT_EQ(again.entries[1].notes, file.entries[1].notes);
  EXPECT_EQ(parse_moves("empty.yaml", moves_text({})).entries.size(), 0U);
}

TEST(MovesFile, refuses_what_breaks_its_rules_by_line_key_and_rule) {
  EXPECT_EQ(
      error_of("moves:\n  a: {move: fuze, place: ibn1}\n"),
      "moves.yaml:2: key 'moves.a.move': 'fuze' must be one of: fuse, depth_multiplier, channels, kernel, groups, "
      "drop, input_resolution, output_resolution, engine");
  EXPECT_EQ(error_of("moves:\n  a: {move: kernel, place: conv1, value: 4}\n"),
            "moves.yaml:2: key 'moves.a.value': '4' must be 3, 5 or 7");
  EXPECT_NE(error_of("moves:\n  a: {move: kernel, place: conv1}\n").find("'value' is missing"), std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: fuse}\n").find("neither 'place' nor 'where'"), std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: fuse, place: ibn1, where: {kernel: 3}}\n").find("both"), std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: channels, place: stage1, value: even}\n").find("whole network"),
            std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: engine, place: engine.parallelism, value: 8}\n")
                .find("did you mean 'engine.parallelism_factor'"),
            std::string::npos);
  EXPECT_NE(
      error_of("moves:\n  a: {move: fuse, where: {channels_from: 9, channels_to: 8}}\n").find("below channels_from"),
      std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: fuse, where: {at_stide: 8}}\n").find("unknown key"), std::string::npos);
  EXPECT_NE(error_of("moves:\n  a.b: {move: fuse, place: ibn1}\n").find("unknown key"), std::string::npos);
  EXPECT_NE(error_of("moves:\n  a: {move: fuse, place: [ibn1, ibn1]}\n").find("given twice"), std::string::npos);
  EXPECT_NE(error_of("move:\n  a: 1\n").find("unknown key"), std::string::npos);
}

TEST(MovesFile, every_key_is_in_the_reference) {
  const std::string reference = record::read_file(LANEWISE_SOURCE_DIR "/docs/advice.md");
  for (const std::string& key : moves_file_keys()) {
    // In full, or by its last name in a row that begins with another of its group: `where.map_from`, `map_to`.
    const std::size_t dot = key.rfind('.');
    const std::string row = "| `" + key.substr(0, dot + 1), last = "`" + key.substr(dot + 1) + "`";
    bool there = reference.find("`" + key + "`") != std::string::npos;
    std::istringstream lines(reference);
    for (std::string line; std::getline(lines, line) && !there;) {
      there = dot != std::string::npos && line.rfind(row, 0) == 0 && line.find(last) != std::string::npos;
    }
    EXPECT_TRUE(there) << key;
  }
}

TEST(MovesFile, the_keys_of_an_entry_are_never_more_than_counted) {
  const MovesFile file = parse_moves("m.yaml", kFile);
  std::size_t most = 0;
  for (const MoveEntry& entry : file.entries) most += keys_of(entry);
  const std::size_t written = engine::parse_raw_config("m.yaml", moves_text(file)).entries.size();
  EXPECT_LE(written, most + 3);  // format, name and a note of the file
  EXPECT_LE(most, most_entry_keys());
}

TEST(MovesFile, genes_and_entries_name_each_other) {
  for (const char* gene : {"fuse.ibn3", "depth_multiplier.stage0", "channels", "kernel.conv7", "drop.residual1",
                           "engine.parallelism_factor", "memory.bank_size"}) {
    const MoveEntry entry = entry_of(gene, "5");
    EXPECT_EQ(gene_of(entry.move, entry.places.empty() ? "" : entry.places.front()), gene);
  }
}

}  // namespace
}  // namespace lanewise::nas
