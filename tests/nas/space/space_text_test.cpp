// SPDX-License-Identifier: Apache-2.0
// Space files written back.
#include "nas/space/space_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

std::vector<std::string> entries_of(const std::string& text) {
  std::vector<std::string> out;
  for (const engine::RawEntry& entry : engine::parse_raw_config("space.yaml", text).entries) {
    std::string line = entry.key + (entry.is_list ? " [" : " ");
    for (const std::string& value : entry.values) line += "|" + value;
    out.push_back(line);
  }
  return out;
}

const std::string kOdd = R"(name: odd
network:
  genes:
    pattern: [A, B, C]
    size: {values: [1, 1.5, 2], default: 1.5}
    late: {values: [x, y], when: {pattern: [A, B]}}
  input: {channels: 3, height: 32, width: 32}
  precision: int8
  activation: {gene: pattern, A: relu, else: [relu6, "hard_swish"]}
  repeat_multiplier: {gene: size, 1: 1, 1.5: 2, 2: {values: [1, 2], default: 2}}
  channel_multiple: {formula: "min(engine.parallelism_factor, 8)"
}
stem : {channels : {values : [ 1, 2, 3 ], times : "2 * size"}, kernel : 1x3, stride : [ 1x2, 2 ]} stages : a : {
when : {
pattern:
  [ A, C ]
}
  , type : ibn, channels : {
  from:
    16, to : 64, factor : 2, default : 32
  }
}
b : {type : convolution, channels : 24, kernel : {gene : late, x : 3, y : 5}, repeats : [1]} head
    : {type : classification, channels : {formula : "16 * size"}, classes : 10} engine : vary : {
  engine.parallelism_factor : [ 8, 16 ], memory.bank_size : {
  from:
    4 KiB, to : 16 KiB, factor : 2
  }
}
capacity: {parameters: 0.9, macs: 0.5}
)";

TEST(SpaceText, every_shipped_space_comes_back_as_it_was) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator("spaces")) {
    const std::string path = file.path().string();
    const SpaceDescription space = load_space(path);
    const std::string text = space_text(space, path, {});
    EXPECT_EQ(entries_of(text), entries_of(space.source)) << path;
    EXPECT_NO_THROW(parse_space(path, text));
    ++count;
  }
  EXPECT_GT(count, 10);
}

TEST(SpaceText, every_notation_comes_back_as_it_was) {
  const SpaceDescription space = parse_space("odd.yaml", kOdd);
  EXPECT_EQ(entries_of(space_text(space, "odd.yaml", {})), entries_of(kOdd));
}

TEST(SpaceText, values_that_go_go_from_maps_and_conditions_too) {
  const SpaceDescription space = parse_space("odd.yaml", kOdd);
  SpaceEdit edit;
  edit.genes["pattern"] = {{"A", "B"}, "A"};
  edit.genes["size"] = {{"1.5", "2"}, "1.5"};
  edit.genes["a.channels"] = {{"32", "64"}, "32"};
  const SpaceDescription read = parse_space("new.yaml", space_text(space, "odd.yaml", edit));
  ASSERT_EQ(read.blocks->genes.size(), space.blocks->genes.size());
  for (const SpaceGene& gene : read.blocks->genes) {
    if (gene.gene.name == "pattern") EXPECT_EQ(gene.gene.values, (std::vector<std::string>{"A", "B"}));
    if (gene.gene.name == "size") EXPECT_EQ(gene.gene.values, (std::vector<std::string>{"1.5", "2"}));
    if (gene.gene.name == "a.channels") EXPECT_EQ(gene.gene.values, (std::vector<std::string>{"32", "64"}));
  }
}

TEST(SpaceText, a_default_that_goes_is_written_in_every_encoding) {
  const SpaceDescription space = parse_space("odd.yaml", kOdd);
  SpaceEdit edit;
  edit.genes["a.channels"] = {{"64"}, "64"};
  const SpaceDescription read = parse_space("new.yaml", space_text(space, "odd.yaml", edit));
  const auto networks = make_network_space(read, nullptr), raw = make_network_space(space, nullptr);
  const std::string encoding = networks->encode(Genotype(networks->genes().size(), 0));
  EXPECT_EQ(encoding, "a.channels=64");
  EXPECT_EQ(raw->encode(raw->decode(encoding)), encoding);
  EXPECT_EQ(networks->encode(networks->decode(encoding)), encoding);
  EXPECT_THROW(networks->decode("default"), Error);
  // Where the stage is left out its gene does not matter, and neither space writes it.
  EXPECT_EQ(networks->encode(networks->decode("pattern=B")), "pattern=B");
}

TEST(SpaceText, least_capacity_takes_the_place_of_shares) {
  const SpaceDescription space = parse_space("odd.yaml", kOdd);
  SpaceEdit edit;
  edit.least_macs = 123456;
  const SpaceDescription read = parse_space("new.yaml", space_text(space, "odd.yaml", edit));
  EXPECT_EQ(read.accuracy.number("least_macs"), 123456);
  EXPECT_EQ(read.accuracy.number("macs"), 0);
}

TEST(SpaceText, a_condition_cannot_lose_its_last_value) {
  const SpaceDescription space = parse_space("odd.yaml", kOdd);
  SpaceEdit edit;
  edit.genes["pattern"] = {{"C"}, "C"};
  EXPECT_THROW(space_text(space, "odd.yaml", edit), Error);
}

}  // namespace
}  // namespace lanewise::nas
