// SPDX-License-Identifier: Apache-2.0
// --dim, --batch, --input and --custom as a person gives them.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kCases = "tests/core/network/cases/";

TEST(NetworkSizes, an_answer_says_what_was_set) {
  const Json answer = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--batch", "2", "--dim", "image.2=96"});
  EXPECT_EQ(answer.at("batch"), 2);
  EXPECT_EQ(answer.at("dims"), (Json{{"image.2", 96}}));
  EXPECT_EQ(run_json({"simulate", kSqueezeNet, "--hw", kEngine}).count("batch"), 0U);
}

TEST(NetworkSizes, are_swept) {
  const Json table = run_json({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "batch=1,2", "--vary",
                               "dim.image.3=96,128", "--vary", "engine.parallelism_factor=8,16"});
  const Json& rows = table.at("rows");
  ASSERT_EQ(rows.size(), 8U);
  EXPECT_EQ(rows[5].at("settings"), (Json{{"batch", "2"}, {"dim.image.3", "96"}, {"engine.parallelism_factor", "16"}}));
  const Json single = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--batch", "2", "--dim", "image.3=96",
                                "--set", "engine.parallelism_factor=16"});
  EXPECT_EQ(rows[5].at("latency_cycles"), single.at("total").at("latency_cycles"));
  EXPECT_EQ(table.count("over_networks"), 0U);  // one network at several sizes
}

TEST(NetworkSizes, means_over_networks_are_taken_at_equal_sizes) {
  const Json table = run_json({"sweep", kSqueezeNet, kMobileNet, "--hw", kEngine, "--vary", "batch=1,2"});
  ASSERT_EQ(table.at("rows").size(), 4U);
  const Json& means = table.at("over_networks").at("rows");
  ASSERT_EQ(means.size(), 2U);
  EXPECT_EQ(means[1].at("settings"), (Json{{"batch", "2"}}));
}

TEST(NetworkSizes, errors_are_one_line) {
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--dim", "height=96"}, 1,
                 {kSqueezeNet, "--dim height", "INPUT.AXIS", "image.0, image.1, image.2, image.3"});
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--dim", "height"}, 1, {"--dim height", "NAME=N"});
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--dim", "image.2=-1"}, 1, {"image.2=-1", "between 0 and"});
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--dim", "image.2=1", "--dim", "image.2=2"}, 1, {"twice"});
  expect_refused({"simulate", kCases + "ifdyn.onnx", "--hw", kEngine}, 1, {"input 'c'", "--input c=VALUE"});
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "batch=0,1"}, 1, {"batch", "'0'", "between 1 and"});
}

TEST(NetworkSizes, a_given_value_chooses_a_branch) {
  const Json answer = run_json({"simulate", kCases + "ifdyn.onnx", "--hw", kEngine, "--input", "c=true"});
  EXPECT_EQ(answer.at("total").at("macs"), 589824);
}

TEST(CustomFile, says_how_operators_are_timed) {
  const ScratchFolder scratch;
  const std::string file = scratch.write("custom.yaml",
                                         "format: 1\noperators:\n  custom.quant.Quant:\n    timing: free\n  SwiGate:\n"
                                         "    timing: elementwise\n    shape: input 0\n");
  const Json answer = run_json({"simulate", kCases + "custom_operators.onnx", "--hw", kEngine, "--custom", file});
  EXPECT_EQ(answer.at("total").at("macs"), 4718592);
  expect_refused({"simulate", kCases + "custom_operators.onnx", "--hw", kEngine}, 1,
                 {"custom.quant.Quant", "custom.act.SwiGate", "--custom FILE"});
}

TEST(CustomFile, errors_name_the_place) {
  const ScratchFolder scratch;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& parts) {
    const std::string file = scratch.write("custom.yaml", text);
    std::vector<std::string> all = {file};
    all.insert(all.end(), parts.begin(), parts.end());
    expect_refused({"simulate", kCases + "custom_operators.onnx", "--hw", kEngine, "--custom", file}, 1, all);
  };
  refused("operators:\n  Quant:\n    timing: fast\n", {":3:", "'fast'", "must be one of elementwise, matmul"});
  refused("operators:\n  Quant:\n    shape: input 0\n", {":3:", "operators.Quant.timing", "missing"});
  refused("operators:\n  Quant:\n    timing: free\n    shape: like input\n",
          {":4:", "'like input'", "must be 'input N'"});
  refused("operators:\n  Quant:\n    timing: matmul\n    operands: [0]\n", {":4:", "[0, 1]"});
  refused("operators:\n  Quant:\n    timing: free\n    speed: 3\n", {":4:", "unknown key"});
  refused("engines: 3\n", {":1:", "operators.TYPE.KEY"});
}

}  // namespace
}  // namespace lanewise::cli::testing
