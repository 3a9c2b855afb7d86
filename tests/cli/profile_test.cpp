// SPDX-License-Identifier: Apache-2.0
// simulate --profile and --roofline.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// ne-256 with 1 GHz and 8 GB/s: 256 MACs and 8 DRAM bytes a cycle, the ridge at 32 MACs a byte.
const Arguments kRound = {"--hw", kEngine, "--set", "engine.clock=1 GHz", "--set", "dram.bandwidth=8 GB/s"};

Arguments simulate(const std::string& model, const Arguments& more) {
  Arguments out = {"simulate", model};
  out.insert(out.end(), kRound.begin(), kRound.end());
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(Profile, follows_from_the_answer_by_the_roofline) {
  const Json answer = run_json(simulate(kMobileNet, {"--profile"}));
  const Json& profile = answer.at("profile");
  EXPECT_DOUBLE_EQ(profile.at("dram_bytes_per_cycle").get<double>(), 8);
  EXPECT_DOUBLE_EQ(profile.at("peak_macs_per_cycle").get<double>(), 256);
  EXPECT_DOUBLE_EQ(profile.at("ridge_macs_per_dram_byte").get<double>(), 32);
  const Json& subgraphs = answer.at("subgraphs");
  ASSERT_EQ(profile.at("subgraphs").size(), subgraphs.size());
  for (std::size_t i = 0; i < subgraphs.size(); ++i) {
    const Json& subgraph = profile.at("subgraphs")[i];
    SCOPED_TRACE(subgraph.at("name").get<std::string>());
    EXPECT_EQ(subgraph.at("name"), subgraphs[i].at("name"));
    EXPECT_EQ(subgraph.at("bound_by"), subgraphs[i].at("bound_by"));
    const double macs = subgraphs[i].at("macs"), bytes = subgraphs[i].at("dram_bytes");
    const double cycles = subgraphs[i].at("latency_cycles");
    if (bytes == 0) {
      EXPECT_TRUE(subgraph.at("macs_per_dram_byte").is_null());
    } else {
      EXPECT_DOUBLE_EQ(subgraph.at("macs_per_dram_byte").get<double>(), macs / bytes);
      if (macs > 0) {
        EXPECT_DOUBLE_EQ(subgraph.at("attainable_macs_per_cycle").get<double>(), std::min(256.0, 8 * macs / bytes));
      }
    }
    EXPECT_DOUBLE_EQ(subgraph.at("macs_per_cycle").get<double>(), macs / cycles);
    EXPECT_DOUBLE_EQ(subgraph.at("percent_of_roofline").get<double>(), 100 * std::max(macs / 256, bytes / 8) / cycles);
    for (const auto& [unit, causes] : subgraph.at("stalled_percent").items()) {
      for (const auto& [cause, percent] : causes.items()) {
        const double stalled = subgraphs[i].at("units").at(unit).at("stalled_cycles").at(cause);
        EXPECT_DOUBLE_EQ(percent.get<double>(), 100 * stalled / cycles);
      }
    }
  }
  const double whole = profile.at("total").at("percent_of_roofline");
  EXPECT_GT(whole, 0);
  EXPECT_LE(whole, 100);
}

TEST(Profile, stalls_of_the_network_are_those_of_its_subgraphs) {
  const Json answer = run_json(simulate(kSqueezeNet, {"--profile"}));
  const Json& stalls = answer.at("profile").at("stalls");
  ASSERT_FALSE(stalls.empty());
  std::int64_t listed = 0, found = 0, last = stalls[0].at("cycles");
  for (const Json& stall : stalls) {
    EXPECT_LE(stall.at("cycles"), last) << "the most expensive first";
    last = stall.at("cycles");
    listed += last;
  }
  for (const Json& subgraph : answer.at("subgraphs")) {
    for (const auto& [unit, times] : subgraph.at("units").items()) {
      for (const auto& [cause, cycles] : times.at("stalled_cycles").items()) found += cycles.get<std::int64_t>();
    }
  }
  EXPECT_EQ(listed, found);
}

TEST(Profile, only_where_asked_for_and_changes_nothing_else) {
  const Json plain = run_json(simulate(kSqueezeNet, {}));
  EXPECT_FALSE(plain.contains("profile"));
  Json profiled = run_json(simulate(kSqueezeNet, {"--profile"}));
  profiled.erase("profile");
  EXPECT_EQ(profiled, plain);
  const Finished text = run(simulate(kSqueezeNet, {"--profile"}));
  EXPECT_NE(text.out.find("ridge at 32.0 MACs/byte"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("Stalled, whole network"), std::string::npos);
}

TEST(Profile, rows_of_csv_have_its_columns) {
  const Finished plain = run(simulate(kSqueezeNet, {"--csv"}));
  const Finished profiled = run(simulate(kSqueezeNet, {"--csv", "--profile"}));
  std::istringstream a(plain.out), b(profiled.out);
  std::string narrow, wide;
  while (std::getline(a, narrow)) {
    ASSERT_TRUE(std::getline(b, wide));
    EXPECT_EQ(wide.rfind(narrow + ",", 0), 0u) << wide;
    EXPECT_EQ(std::count(wide.begin(), wide.end(), ','), std::count(narrow.begin(), narrow.end(), ',') + 6) << wide;
  }
  EXPECT_FALSE(std::getline(b, wide));
}

TEST(Profile, many_networks_have_one_each) {
  Arguments arguments = simulate(kSqueezeNet, {"--profile"});
  arguments.insert(arguments.begin() + 1, kMobileNet);
  const Json answers = run_json(arguments);
  ASSERT_EQ(answers.size(), 2u);
  for (const Json& answer : answers) EXPECT_TRUE(answer.contains("profile"));
}

TEST(Roofline, is_drawn_to_a_file) {
  const ScratchFolder folder;
  const Finished finished = run(simulate(kSqueezeNet, {"--roofline", folder.file("roof.svg")}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  const std::string svg = text_of(folder.file("roof.svg"));
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  EXPECT_NE(svg.find("ridge 32.0 MACs/B, 256 MACs/cycle"), std::string::npos);
  expect_refused({"simulate", kSqueezeNet, kMobileNet, "--hw", kEngine, "--roofline", folder.file("two.svg")}, 2,
                 {"--roofline", "one MODEL"});
  EXPECT_FALSE(std::filesystem::exists(folder.file("two.svg")));
}

}  // namespace
}  // namespace lanewise::cli::testing
