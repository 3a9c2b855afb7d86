// SPDX-License-Identifier: Apache-2.0
// Two shipped spaces describe networks that others trained and counted: parameters as they are trained (scale and shift
// of batch normalizations included), MACs of convolutions and linear layers. A few rows of both tables stand here; the
// whole tables are not shipped: LANEWISE_NAS_BENCH_MACRO and LANEWISE_FM28 name them, or they lie beside the repository
// in ../shared/data.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "nas/space/block_space.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

struct Counts {
  std::int64_t parameters = 0, macs = 0;
  bool operator==(const Counts& other) const { return parameters == other.parameters && macs == other.macs; }
};

std::unique_ptr<NetworkSpace> shipped(const std::string& name) {
  return make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/" + name + ".yaml"), nullptr);
}

const engine::EngineConfig& any_engine() {
  static const engine::EngineConfig engine = engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config;
  return engine;
}

Counts counts(const NetworkSpace& space, const std::string& encoding) {
  const network::Graph graph = space.build(space.decode(encoding), any_engine());
  return {network::parameters(graph), network::macs(graph)};
}

void expect_counts(const NetworkSpace& space, const std::map<std::string, Counts>& table) {
  for (const auto& [encoding, expected] : table) {
    const Counts found = counts(space, encoding);
    EXPECT_EQ(found.parameters, expected.parameters) << encoding;
    EXPECT_EQ(found.macs, expected.macs) << encoding;
    EXPECT_EQ(space.encode(space.decode(encoding)), encoding);
  }
}

// Columns by name; a line of the head first.
std::map<std::string, Counts> read_table(std::istream& file, const std::string& encoding, const std::string& parameters,
                                         const std::string& macs) {
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
  };
  std::string line;
  std::getline(file, line);
  std::map<std::string, std::size_t> columns;
  for (const std::string& name : cells_of(line)) columns.emplace(name, columns.size());
  std::map<std::string, Counts> table;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = cells_of(line);
    table[cells.at(columns.at(encoding))] = {std::stoll(cells.at(columns.at(parameters))),
                                             std::stoll(cells.at(columns.at(macs)))};
  }
  return table;
}

std::string path_of(const char* variable, const std::string& fallback) {
  const char* given = std::getenv(variable);
  return given != nullptr ? given : LANEWISE_SOURCE_DIR "/../shared/data/" + fallback;
}

TEST(PublishedCounts, a_few_of_nas_bench_macro) {
  expect_counts(*shipped("nas-bench-macro"), {{"00000000", {387882, 7713280}},
                                              {"00000012", {1623082, 27312640}},
                                              {"00000222", {2335274, 43328000}},
                                              {"00001001", {895146, 20627968}},
                                              {"22212202", {1985514, 85164544}}});
}

TEST(PublishedCounts, a_few_of_fm28) {
  expect_counts(*shipped("fm28"), {{"B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128", {93170, 2669216}},
                                   {"C-r-2-s20/d5e1c28r1/d5e1c20r1/f3e3c40r2/i3e6c24r1/h0", {191278, 3121584}}});
}

// What the encodings say of a head convolution is read, and these networks have none.
TEST(PublishedCounts, a_few_of_fm28s_dense_networks) {
  const std::string row = "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h";
  const auto detection = shipped("fm28-detection"), segmentation = shipped("fm28-segmentation");
  EXPECT_TRUE((counts(*detection, row + "128") == Counts{96318, 12919296}));
  EXPECT_TRUE((counts(*segmentation, row + "128") == Counts{92674, 12764672}));
  EXPECT_EQ(detection->encode(detection->decode(row + "128")), row + "0");
  // Pattern C reaches its last size in the second stage, so the finer map is the first stage's.
  expect_counts(*detection, {{"C-r-2-s20/d5e1c28r1/d5e1c20r1/f3e3c40r2/i3e6c24r1/h0", {198794, 13149696}}});
  expect_counts(*segmentation, {{"C-r-2-s20/d5e1c28r1/d5e1c20r1/f3e3c40r2/i3e6c24r1/h0", {195326, 13040128}}});
}

TEST(PublishedCounts, all_of_nas_bench_macro) {
  const std::string path = path_of("LANEWISE_NAS_BENCH_MACRO", "nas_bench_macro_cifar10.csv");
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no table of NAS-Bench-Macro at " << path << " (set LANEWISE_NAS_BENCH_MACRO)";
  const std::map<std::string, Counts> table = read_table(file, "arch", "params", "flops");
  ASSERT_EQ(table.size(), 6561u);
  expect_counts(*shipped("nas-bench-macro"), table);
}

TEST(PublishedCounts, all_of_fm28) {
  const std::string path = path_of("LANEWISE_FM28", "fm28/classification.csv");
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no table of FM28 at " << path << " (set LANEWISE_FM28)";
  const std::map<std::string, Counts> table = read_table(file, "encoding", "parameters", "macs");
  ASSERT_GE(table.size(), 100u);
  expect_counts(*shipped("fm28"), table);
}

}  // namespace
}  // namespace lanewise::nas
