// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const char* const kSpace =
    "name: small\n"
    "network:\n"
    "  input: {channels: 3, height: 16, width: 16}\n"
    "  stem: {channels: 8, kernel: 3, stride: 2}\n"
    "  stages:\n"
    "    a: {type: [ibn, fused_ibn], expansion: [2, 3], channels: {from: 8, to: 40, step: 4}, repeats: [1, 2, 3]}\n"
    "  head: {type: classification, classes: 10}\n"
    "engine: {vary: none}\n"
    "capacity: {parameters: 0.9, macs: 0.9}\n";

Arguments landscape_of(const std::string& what, const Arguments& more = {}) {
  Arguments words = {"landscape",    what, "--hw",       kEngine, "--designs", "6", "--walks",   "2",
                     "--walk-steps", "8",  "--descents", "2",     "--seeds",   "3", "--samples", "8"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Landscape, a_point_is_what_simulate_says_of_its_subgraphs) {
  const ScratchFolder folder;
  const std::string space = folder.write("small.yaml", kSpace);
  const Json all = run_json(landscape_of(space, {"--jobs", "1"}));
  EXPECT_EQ(all.at("source"), "simulated");
  EXPECT_EQ(all.at("x").at("gene"), "a.channels");
  EXPECT_EQ(all.at("y").at("gene"), "a.repeats");
  ASSERT_EQ(all.at("points").size(), 9u * 3u);
  const Json& point = all.at("points")[13];
  const Json answer = run_json({"simulate", "--space", space, "--encoding", point.at("encoding"), "--hw", kEngine});
  std::int64_t cycles = 0;
  for (const Json& subgraph : answer.at("subgraphs")) cycles += subgraph.at("latency_cycles").get<std::int64_t>();
  EXPECT_EQ(point.at("latency_cycles"), cycles);
  EXPECT_EQ(point.at("macs"), answer.at("total").at("macs"));
  EXPECT_EQ(point.at("parameters"), answer.at("total").at("parameters"));
}

TEST(Landscape, shares_are_those_of_the_points) {
  const ScratchFolder folder;
  const Json all = run_json(landscape_of(folder.write("small.yaml", kSpace)));
  const Json& points = all.at("points");
  int steps = 0, rising = 0;
  const auto look = [&](std::size_t a, std::size_t b) {
    const bool first = points[a].at("macs") > points[b].at("macs");
    const Json &more = points[first ? a : b], &fewer = points[first ? b : a];
    if (more.at("macs") == fewer.at("macs")) return;
    ++steps;
    if (fewer.at("latency_cycles") > more.at("latency_cycles")) ++rising;
  };
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 9; ++column) {
      if (column + 1 < 9) look(row * 9 + column, row * 9 + column + 1);
      if (row + 1 < 3) look(row * 9 + column, (row + 1) * 9 + column);
    }
  }
  const Json& found = all.at("figure").at("raw").at("rising_steps");
  EXPECT_EQ(found.at("steps"), steps);
  EXPECT_EQ(found.at("rising"), rising);
  const Json& search = all.at("searches").at(0);
  EXPECT_EQ(search.at("raw").at("samples_to_target").size(), 3u);
  EXPECT_LE(all.at("curated").at("genotypes"), all.at("raw").at("genotypes"));
}

TEST(Landscape, files_hold_the_same_for_any_number_of_processes) {
  const ScratchFolder folder;
  const std::string space = folder.write("small.yaml", kSpace);
  const std::string one = folder.file("one"), three = folder.file("three/deep");
  const Finished finished = run(landscape_of(space, {"--jobs", "1", "--out", one}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("wrote " + one + "/landscape.svg"), std::string::npos);
  EXPECT_NE(finished.out.find("steps that raise the cost while FLOPs fall"), std::string::npos);
  EXPECT_EQ(run(landscape_of(space, {"--jobs", "3", "--out", three})).status, 0);
  for (const char* name : {"/landscape.svg", "/landscape.csv", "/landscape.json"}) {
    EXPECT_FALSE(text_of(one + name).empty()) << name;
    EXPECT_EQ(text_of(one + name), text_of(three + name)) << name;
  }
  EXPECT_EQ(text_of(one + "/landscape.svg").rfind("<svg", 0), 0u);
  const std::string csv = text_of(one + "/landscape.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 9 * 3);
}

TEST(Landscape, a_network_is_shown_channel_by_channel) {
  const Json all = run_json({"landscape", kMobileNet, "--hw", kEngine, "--x", "depth_multiplier.stage4", "--step", "16",
                             "--designs", "0", "--walks", "0", "--descents", "0", "--seeds", "0"});
  const Json& numbers = all.at("x").at("numbers");
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    EXPECT_EQ(numbers[i].get<double>() - numbers[i - 1].get<double>(), 16);
  }
  EXPECT_EQ(all.at("x").at("unit"), "channels");
  EXPECT_EQ(all.at("searches"), Json::array());
}

TEST(Landscape, mistakes_are_named) {
  const ScratchFolder folder;
  const std::string space = folder.write("small.yaml", kSpace);
  expect_refused(landscape_of(space, {"--x", "b.channels"}), 1, {"--x", "b.channels", "a.repeats"});
  expect_refused(landscape_of(space, {"--x", "a.type"}), 1, {"--x", "a.type", "numbers"});
  expect_refused(landscape_of(space, {"--x", "a.repeats"}), 1, {"a.repeats", "both"});
  expect_refused(landscape_of(space, {"--step", "2"}), 1, {"--step", "MODEL"});
  expect_refused(landscape_of(space, {"--algorithm", "luck"}), 1, {"luck"});
  expect_refused(landscape_of(space, {"--estimator", "none.lwm"}), 1, {"--estimator", "--by estimate"});
  expect_refused(landscape_of(space, {"--out", space}), 1, {"--out", "no folder"});
  expect_refused(landscape_of("no-such-thing"), 1, {"no-such-thing"});
  expect_refused(landscape_of(kMobileNet, {"--x", "depth_multiplier.stage99"}), 1, {"stage99", "stage1"});
  expect_refused({"landscape", space}, 2, {"--hw"});
  expect_refused(landscape_of(space, {"--capacity", "2"}), 2, {"--capacity"});
}

}  // namespace
}  // namespace lanewise::cli::testing
