// SPDX-License-Identifier: Apache-2.0
// The engine in Verilog of examples/, run as the truth of `measure --with`. Needs Verilator.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

bool has_verilator() { return std::system("command -v verilator >/dev/null 2>&1") == 0; }

class VerilogEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_verilator()) GTEST_SKIP() << "NOT TESTED: verilator is missing; scripts/install-packages --verilator";
  }

  // Builds the engine once for each set of Verilator's options.
  static std::string engine(const std::string& options = "") {
    static ScratchFolder folder;
    static std::map<std::string, std::string> built;
    const auto [place, is_new] = built.try_emplace(options, folder.file("engine" + std::to_string(built.size())));
    if (is_new) {
      const std::string command = "examples/verilog_engine/build " + place->second + " " + options;
      EXPECT_EQ(std::system(command.c_str()), 0) << command;
    }
    return place->second + "/verilog_engine";
  }
  // Measures a network's subgraphs and returns cycles by subgraph.
  std::map<std::string, std::int64_t> cycles(const std::string& command, const std::string& store) const {
    const Finished finished = run({"measure",
                                   "models/ds_cnn_kws.tflite",
                                   "--hw",
                                   "examples/verilog_engine/engine.yaml",
                                   "--rows",
                                   "12",
                                   "--engines",
                                   "1",
                                   "--seed",
                                   "2",
                                   "--out",
                                   folder_.file(store),
                                   "--with",
                                   command,
                                   "--source",
                                   "rtl",
                                   "--allow-commands",
                                   "--retries",
                                   "0",
                                   "--keep-files",
                                   folder_.file("kept")});
    EXPECT_EQ(finished.status, 0) << finished.err << finished.out;
    std::map<std::string, std::int64_t> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.file("kept"))) {
      const std::string said = folder_.file("said");
      const std::string asked = (entry.path() / "subgraph.json").string();
      EXPECT_EQ(std::system((command.substr(0, command.find(' ')) + " " + asked + " --check > " + said).c_str()), 0);
      const Json answer = Json::parse(text_of(said));
      const Json shape = Json::parse(text_of(asked)).at("subgraph");
      if (!answer.contains("cycles")) {
        EXPECT_TRUE(answer.contains("failure")) << answer;  // a softmax, for which it has no unit
        continue;
      }
      out[shape.at("subgraph_key")] = answer.at("cycles");
      // The array makes at least the network's products, and no more than it has multipliers in a cycle.
      EXPECT_GE(answer.at("multiplied"), shape.at("macs")) << shape.at("subgraph_key");
      EXPECT_LE(answer.at("multiplied").get<std::int64_t>(), 128 * answer.at("cycles").get<std::int64_t>());
    }
    EXPECT_EQ(out.size(), 11u);
    return out;
  }

  ScratchFolder folder_;
};

// A unit that is fast and wrong is no truth: --check compares every output with what C++ computes.
TEST_F(VerilogEngine, measures_a_network_with_right_results_in_every_subgraph) {
  const std::map<std::string, std::int64_t> found = cycles(engine() + " {json} --check", "s");
  const Json summary = run_json({"store", "show", folder_.file("s")});
  EXPECT_EQ(summary.at("measured"), 11);
  EXPECT_EQ(summary.at("failed"), 1);
  EXPECT_EQ(summary.at("measured_by"), "rtl");
  EXPECT_GE(summary.at("pass_families").size(), 3u) << "convolutions, depthwise ones and others";
  for (const auto& [key, count] : found) EXPECT_GT(count, 0) << key;
}

// Only the RTL's parameters change: a formula around it would not notice.
TEST_F(VerilogEngine, cycles_are_those_of_the_rtl) {
  const std::map<std::string, std::int64_t> plain = cycles(engine() + " {json}", "plain"),
                                            slow = cycles(engine("-GLATENCY=200") + " {json}", "slow"),
                                            single = cycles(engine("-GDOUBLE=0") + " {json}", "single");
  std::int64_t all = 0, all_single = 0;
  for (const auto& [key, count] : plain) {
    EXPECT_GT(slow.at(key), count) << key << ": the first answer comes later";
    all += count;
    all_single += single.at(key);
  }
  EXPECT_GT(all_single, all) << "with buffers of one half loading, computing and draining take turns";
}

}  // namespace
}  // namespace lanewise::cli::testing
