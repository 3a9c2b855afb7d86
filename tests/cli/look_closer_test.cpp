// SPDX-License-Identifier: Apache-2.0
// compare and explain.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(Compare, an_engine_with_itself_changes_nothing) {
  const Json same = run_json({"compare", kEngine, kEngine, "--model", kMobileNet});
  EXPECT_TRUE(same.at("engine_changes").empty());
  EXPECT_EQ(same.at("a").at("total"), same.at("b").at("total"));
  for (const Json& subgraph : same.at("subgraphs")) {
    EXPECT_EQ(subgraph.at("a"), subgraph.at("b"));
    EXPECT_TRUE(subgraph.at("changes").empty()) << subgraph;
    EXPECT_EQ(subgraph.at("why"), "");
  }
}

TEST(Compare, two_engines_say_what_changed_and_why) {
  const Json result = run_json({"compare", kEngine, "hwconfigs/ne-512.yaml", "--model", kMobileNet});
  EXPECT_FALSE(result.at("engine_changes").empty());
  std::int64_t a = 0, b = 0;
  for (const Json& subgraph : result.at("subgraphs")) {
    a += subgraph.at("latency_cycles").at("a").get<std::int64_t>();
    b += subgraph.at("latency_cycles").at("b").get<std::int64_t>();
    if (subgraph.at("latency_cycles").at("a") != subgraph.at("latency_cycles").at("b")) {
      EXPECT_NE(subgraph.at("why"), "") << subgraph;
    }
  }
  EXPECT_EQ(a, result.at("a").at("total").at("latency_cycles"));
  EXPECT_EQ(b, result.at("b").at("total").at("latency_cycles"));
}

TEST(Compare, two_networks_show_what_only_one_has) {
  const Json result = run_json({"compare", "models/resnet18.onnx", "models/resnet50.onnx", "--hw", kEngine});
  std::int64_t b = 0, only_b = 0;
  for (const Json& subgraph : result.at("subgraphs")) {
    b += subgraph.at("latency_cycles").at("b").get<std::int64_t>();
    if (subgraph.at("a") == "") ++only_b;
    if (subgraph.at("a") == "/conv1/Conv") {
      EXPECT_EQ(subgraph.at("b"), "/conv1/Conv");
      EXPECT_TRUE(subgraph.at("changes").empty()) << "both begin with the same layer";
    }
  }
  EXPECT_GT(only_b, 0);
  EXPECT_EQ(b, result.at("b").at("total").at("latency_cycles"));
}

TEST(Explain, agrees_with_simulate) {
  const Json answer = run_json({"simulate", kMobileNet, "--hw", kEngine});
  const Json& subgraph = answer.at("subgraphs").at(4);
  const Json explained =
      run_json({"explain", kMobileNet, "--layer", subgraph.at("name").get<std::string>(), "--hw", kEngine});
  EXPECT_EQ(explained.at("simulated").at("latency_cycles"), subgraph.at("latency_cycles"));
  EXPECT_EQ(explained.at("simulated").at("units"), subgraph.at("units"));
  EXPECT_GE(explained.at("simulated").at("latency_cycles").get<double>(),
            explained.at("bounds").at("roofline_cycles").get<double>());
  EXPECT_EQ(explained.at("operators").size(), subgraph.at("operators").size());
  EXPECT_FALSE(explained.at("features").empty());
  EXPECT_EQ(explained.contains("predicted"), std::filesystem::exists("trained/ne.lwm"));
}

TEST(Explain, takes_a_part_of_a_name_that_only_one_operator_has) {
  const Json explained =
      run_json({"explain", kMobileNet, "--layer", "features.2/conv/conv.1/conv.1.0/Conv", "--hw", kEngine});
  EXPECT_EQ(explained.at("subgraph").at("name"), "/features/features.2/conv/conv.1/conv.1.0/Conv");
}

}  // namespace
}  // namespace lanewise::cli::testing
