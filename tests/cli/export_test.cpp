// SPDX-License-Identifier: Apache-2.0
// `network show` lists moves and writes networks as files.
#include "command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(Export, writes_a_network_that_the_program_reads_back) {
  const ScratchFolder folder;
  const std::string file = folder.file("copy.onnx");
  const Finished made = run({"network", "show", kMobileNet, "--export", file});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_NE(made.out.find("wrote " + file + " (weights: "), std::string::npos);
  const Json before = Json::parse(run({"network", "show", kMobileNet, "--json"}).out);
  const Json after = Json::parse(run({"network", "show", file, "--json"}).out);
  EXPECT_EQ(before["total"], after["total"]);
  EXPECT_EQ(before["moves"], after["moves"]);
  EXPECT_EQ(after["network"], "copy");
}

TEST(Export, writes_a_network_of_a_space) {
  const ScratchFolder folder;
  const std::string file = folder.file("own.onnx");
  const Arguments network{"network", "show", "--space", "nas-bench-macro", "--encoding", "22212202", "--json"};
  Arguments exporting = network;
  exporting.insert(exporting.end(), {"--export", file});
  const Finished made = run(exporting);
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out)["total"], Json::parse(run({"network", "show", file, "--json"}).out)["total"]);
}

TEST(Export, lists_moves_and_what_stands_against_others) {
  const Json shown = Json::parse(run({"network", "show", "models/vit_b_16.onnx", "--json"}).out);
  EXPECT_EQ(shown["moves"]["drop"][0]["blocks"].size(), 24U);
  bool found = false;
  for (const Json& left : shown["left_out"]) {
    found = found || (left["move"] == "kernel" && left["reason"] == "its kernel is 16, not 3, 5 or 7");
  }
  EXPECT_TRUE(found);
}

TEST(Export, leaves_nothing_half_written) {
  const ScratchFolder folder;
  const Finished made = run({"network", "show", kMobileNet, "--export", folder.file("no/such/folder.onnx")});
  EXPECT_EQ(made.status, 1);
  EXPECT_EQ(made.err.rfind("lanewise: error: cannot write '", 0), 0U) << made.err;
  EXPECT_FALSE(std::filesystem::exists(folder.file("no")));
}

}  // namespace
}  // namespace lanewise::cli::testing
