// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/network_score.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

std::unique_ptr<NetworkSpace> shipped(const std::string& name) {
  return make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/" + name + ".yaml"), nullptr);
}

network::Graph network_of(const std::string& space, const std::string& encoding) {
  const auto networks = shipped(space);
  return networks->build(networks->decode(encoding), {});
}

double score(const std::string& name, const network::Graph& graph) { return network_score(name).of(graph); }

TEST(NetworkScores, have_each_a_name_of_its_own_and_refuse_others) {
  std::set<std::string> names;
  for (const NetworkScore& one : network_scores()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_NE(std::string(one.meaning), "");
  }
  try {
    network_score("mac");
    FAIL() << "a score that is not there was given";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'mac' is unknown"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("nn_mass"), std::string::npos) << error.what();
  }
}

TEST(NetworkScores, count_macs_and_parameters_as_the_published_table_does) {
  const network::Graph graph = network_of("nas-bench-macro", "22212202");
  EXPECT_EQ(score("macs", graph), 85164544);
  EXPECT_EQ(score("parameters", graph), 1985514);
}

// Stem 16x28x28, s1: expansion 16 -> 64 at 28x28 and depthwise at 14x14, and so on, counted by hand.
TEST(ActivatedOutputs, are_what_activation_functions_write) {
  const network::Graph graph = network_of("fm28", "A-r-1-s16/c3e1c16r1/i3e4c24r1/f3e2c40r1/x/h64");
  EXPECT_EQ(score("activated_outputs", graph), 16 * 784 + 16 * 196 + 64 * (196 + 49) + 48 * 16 + 64 * 16);
}

TEST(ActivatedOutputs, count_per_image) {
  const std::string file = LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx";
  network::ImportOptions two;
  two.batch = 2;
  const network::Graph one = network::import_network(file, {}), pair = network::import_network(file, two);
  for (const NetworkScore& each : network_scores()) EXPECT_DOUBLE_EQ(each.of(one), each.of(pair)) << each.name;
}

TEST(NnMass, of_mobilenet_v2_is_1287) {
  EXPECT_DOUBLE_EQ(nn_mass(network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx", {})), 1287.0);
}

TEST(NnMass, is_the_formula_for_residual_bottlenecks_and_nothing_else) {
  const auto ibn = [](double c, double h) { return (c + 2 * h) * c / (2 * c + h); };
  // s1: 16 -> 16 without expansion, twice, of which both keep their shape; s2 and s3 change it.
  EXPECT_DOUBLE_EQ(nn_mass(network_of("fm28", "B-h-1-s16/i3e1c16r2/i5e6c24r1/c3e1c40r1/x/h0")), 2 * ibn(16, 16));
  EXPECT_DOUBLE_EQ(nn_mass(network_of("fm28", "B-h-1-s16/c3e1c16r2/i5e6c24r2/i3e3c24r1/x/h0")), ibn(24, 144));
  EXPECT_DOUBLE_EQ(nn_mass(network_of("fm28", "B-h-1-s16/c3e1c16r2/c5e1c24r2/d3e1c24r1/x/h0")), 0);
  // Squeeze-excites do not change what is linked.
  const double large = nn_mass(network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v3_large.onnx", {}));
  EXPECT_DOUBLE_EQ(large, ibn(16, 16) + ibn(24, 72) + 2 * ibn(40, 120) + ibn(80, 200) + 2 * ibn(80, 184) +
                              ibn(112, 672) + 2 * ibn(160, 960));
}

}  // namespace
}  // namespace lanewise::nas
