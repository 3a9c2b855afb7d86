// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments simulate(const std::string& model, const std::string& hw = kEngine, const Arguments& more = {}) {
  Arguments arguments = {"simulate", model, "--hw", hw};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(BadInput, engine_keys_and_values) {
  expect_refused(simulate(kMobileNet, kEngine, {"--set", "engine.paralelism_factor=8"}), 1,
                 {"engine.paralelism_factor"});
  expect_refused(simulate(kMobileNet, kEngine, {"--set", "dram.bandwidth=12.8 GHz"}), 1,
                 {"dram.bandwidth", "12.8 GHz"});
  expect_refused(simulate(kMobileNet, kEngine, {"--set", "dram.bandwidth=12.8"}), 1, {"dram.bandwidth", "12.8"});
  expect_refused(simulate(kMobileNet, kEngine, {"--set", "engine.parallelism_factor=-4"}), 1,
                 {"engine.parallelism_factor", "-4"});
  expect_refused(simulate(kMobileNet, kEngine, {"--set", "engine.parallelism_factor"}), 1, {"KEY=VALUE"});
  expect_refused({"engine", "show", kEngine, "--set", "nothing.at_all=1"}, 1, {"nothing.at_all"});
}

TEST(BadInput, engine_files) {
  const ScratchFolder folder;
  expect_refused(simulate(kMobileNet, folder.file("none.yaml")), 1, {"none.yaml"});
  expect_refused(simulate(kMobileNet, folder.write("broken.yaml", "engine: [1, 2\n")), 1, {"broken.yaml"});
  expect_refused(simulate(kMobileNet, folder.write("empty.yaml", "")), 1, {"empty.yaml"});
  std::string text = text_of(kEngine);
  expect_refused(simulate(kMobileNet, folder.write("unknown.yaml", text + "\ncolour: blue\n")), 1,
                 {"unknown.yaml:", "colour"});
  expect_refused(simulate(kMobileNet, kMobileNet), 1, {kMobileNet});
}

TEST(BadInput, network_files) {
  const ScratchFolder folder;
  const std::string whole = text_of(kMobileNet);
  ASSERT_GT(whole.size(), 1000u);
  expect_refused(simulate(folder.file("none.onnx")), 1, {"none.onnx"});
  expect_refused(simulate(folder.write("empty.onnx", "")), 1, {"empty.onnx"});
  expect_refused(simulate(folder.write("cut.onnx", whole.substr(0, whole.size() / 2))), 1, {"cut.onnx"});
  expect_refused(simulate(folder.write("text.onnx", "this is no network\n")), 1, {"text.onnx"});
  // The first convolution becomes an operator that nobody knows; the name has the same length.
  std::string strange = whole;
  const std::size_t at = strange.find(
      "\"\x04"
      "Conv");
  ASSERT_NE(at, std::string::npos);
  strange.replace(at + 2, 4, "Cnvo");
  expect_refused(simulate(folder.write("strange.onnx", strange)), 1, {"strange.onnx", "Cnvo"});
  expect_refused({"network", "show", folder.file("none.onnx")}, 1, {"none.onnx"});
  expect_refused({"network", "show", kMobileNet, "--precision", "int7"}, 1, {"int7"});
}

TEST(BadInput, nothing_of_the_good_network_is_printed_beside_a_bad_one) {
  expect_refused({"simulate", kMobileNet, "missing.onnx", "--hw", kEngine}, 1, {"missing.onnx"});
  expect_refused({"sweep", kMobileNet, "missing.onnx", "--hw", kEngine}, 1, {"missing.onnx"});
}

TEST(BadInput, unwritable_output) {
  const ScratchFolder folder;
  const std::string nowhere = folder.file("no/such/folder/out");
  expect_refused(simulate(kSqueezeNet, kEngine, {"--out", nowhere}), 1, {nowhere});
  expect_refused({"network", "show", kSqueezeNet, "--out", nowhere}, 1, {nowhere});
  expect_refused({"measure", kSqueezeNet, "--hw", kEngine, "--rows", "1", "--out", nowhere}, 1, {nowhere});
  const std::string file = folder.write("file", "not a folder");
  expect_refused({"codesign", kSqueezeNet, "--hw", kEngine, "--rows", "1", "--engines", "1", "--out", file}, 1, {file});
}

TEST(BadInput, stores_and_models) {
  const ScratchFolder folder;
  const std::string text = folder.write("text", "neither a store nor a model");
  expect_refused({"train", folder.file("none.sqlite"), "--out", folder.file("m.lwm")}, 1, {"none.sqlite"});
  EXPECT_FALSE(std::filesystem::exists(folder.file("none.sqlite")));
  expect_refused({"train", text, "--out", folder.file("m.lwm")}, 1, {text});
  expect_refused({"evaluate", text}, 1, {text});
  expect_refused({"evaluate", folder.file("none")}, 1, {"none"});
  expect_refused({"estimate", kSqueezeNet, "--hw", kEngine, "--estimator", text}, 1, {text});
  expect_refused({"measure", kSqueezeNet, "--hw", kEngine, "--rows", "1", "--out", text}, 1, {text});
}

TEST(BadInput, studies_that_make_no_sense) {
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "engine.lanes=8"}, 1, {"engine.lanes"});
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "dram.bandwidth=3.2 GB/s,fast"}, 1, {"fast"});
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "dram.bandwidth="}, 1, {"dram.bandwidth"});
  // A family that no script makes an estimator for: those of others may be there.
  expect_refused({"sweep", kSqueezeNet, "--hw", "hwconfigs/neureka.yaml", "--by", "estimate"}, 1, {"--estimator"});
  expect_refused({"compare", kSqueezeNet, kEngine, "--hw", kEngine}, 1, {"compare"});
  expect_refused({"compare", kSqueezeNet, kMobileNet}, 1, {"--hw"});
  expect_refused({"compare", kEngine, "hwconfigs/ne-512.yaml"}, 1, {"--model"});
  expect_refused({"explain", kSqueezeNet, "--hw", kEngine, "--layer", "nowhere"}, 1, {"nowhere"});
  expect_refused({"explain", kSqueezeNet, "--hw", kEngine, "--layer", "Conv"}, 1, {"Conv", "operators"});
  const ScratchFolder folder;
  expect_refused({"codesign", kSqueezeNet, "--hw", kEngine, "--objectives", "speed", "--out", folder.file("out")}, 1,
                 {"speed", "latency"});
  expect_refused({"codesign", kSqueezeNet, "--hw", kEngine, "--space", "none.yaml", "--out", folder.file("out")}, 1,
                 {"none.yaml"});
}

}  // namespace
}  // namespace lanewise::cli::testing
