// SPDX-License-Identifier: Apache-2.0
// Mistakes that people make on the command line: each gets the line that says what to write instead.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(Messages, files_in_the_wrong_place_are_called_what_they_are) {
  const ScratchFolder folder;
  expect_refused({"simulate", kEngine, "--hw", kMobileNet}, 1,
                 {"--hw " + kMobileNet, "is a network", "networks are given as MODEL"});
  expect_refused({"simulate", kEngine, "--hw", kEngine}, 1, {"MODEL " + kEngine, "is a YAML file", "--hw"});
  expect_refused({"simulate", "ne-256", "--hw", "ne-256"}, 1, {"MODEL ne-256: is an engine", "--hw"});
  expect_refused({"simulate", "mobilenet_v2", "--hw", "mobilenet_v2"}, 1, {"--hw mobilenet_v2: is a network", "MODEL"});
  expect_refused({"simulate", kMobileNet, "--hw", "quick-ne"}, 1, {"--hw quick-ne: is a campaign", "--campaign"});
  expect_refused({"simulate", kMobileNet, "--hw", "fusion-only"}, 1, {"is a search space", "--space"});
  const std::string store = folder.write("rows.bin", "SQLite format 3\0 and more");
  expect_refused({"network", "show", store}, 1, {"MODEL " + store, "is a store of measurements"});
  expect_refused({"simulate", kMobileNet, "--hw", store}, 1, {"--hw " + store, "is a store of measurements"});
  const std::string model = folder.write("m.bin", "lanewise-estimator 2 0 0 0\n");
  expect_refused({"simulate", kMobileNet, "--hw", model}, 1, {"--hw " + model, "is an estimator", "--estimator"});
  expect_refused({"train", model, "--out", folder.file("n.lwm")}, 1, {"STORE " + model, "is an estimator"});
  expect_refused({"estimate", kMobileNet, "--hw", kEngine, "--estimator", kEngine}, 1,
                 {"--estimator " + kEngine, "is a YAML file"});
  expect_refused({"validate", kMobileNet, "--hw", kEngine}, 1, {"ROWS " + kMobileNet, "is a network"});
  expect_refused({"engine", "fit", kEngine, "--hw", kEngine}, 1, {"ROWS " + kEngine, "is a YAML file"});
  expect_refused({"engine", "validate", kMobileNet}, 1, {"FILE " + kMobileNet, "is a network"});
}

TEST(Messages, words_that_a_space_tore_apart_are_put_together) {
  const Arguments sweep = {"sweep", kSqueezeNet, "--hw", kEngine, "--vary"};
  const auto with = [&](std::initializer_list<std::string> words) {
    Arguments all = sweep;
    all.insert(all.end(), words);
    return all;
  };
  expect_refused(with({"engine.parallelism_factor=8", "16", "32"}), 1, {"'16'", "separated by commas", "8,16,32"});
  expect_refused(with({"engine.parallelism_factor=8,", "16,", "32"}), 1, {"commas", "no spaces"});
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--set", "dram.bandwidth=6.4", "GB/s"}, 1,
                 {"'6.4' has no unit", "GB/s"});
  expect_refused({"network", "show", "GB/s"}, 1, {"'GB/s'", "needs quotes"});
}

TEST(Messages, verbs_and_options_spelled_nearly_right_are_recognised) {
  expect_refused({"simluate", kMobileNet}, 2, {"unknown verb 'simluate'", "did you mean 'simulate'?"});
  expect_refused({"engine", "shw", kEngine}, 2, {"unknown verb 'shw'", "did you mean 'show'?"});
  expect_refused({"engine"}, 2, {"lanewise engine needs a verb", "show", "validate", "fit"});
  expect_refused({"engine", kEngine}, 2, {"unknown verb", "show, keys, validate, fit"});
  expect_refused({}, 2, {"needs a verb", "simulate"});
  expect_refused({"--batch", "3"}, 2, {"a verb stands before its options"});
  const auto option = [](const std::string& name, const std::string& value) {
    return Arguments{"simulate", kMobileNet, "--hw", kEngine, name, value};
  };
  expect_refused(option("--effrt", "3"), 2, {"unknown option '--effrt'", "'--effort'", "lanewise simulate --help"});
  expect_refused(option("--output", "x"), 2, {"'--output'", "did you mean '--out'?"});
  expect_refused(option("--threads", "2"), 2, {"'--threads'", "did you mean '--jobs'?"});
  expect_refused(option("--vary", "a=1"), 2, {"'--vary'", "an option of sweep"});
  expect_refused({"simulate", kMobileNet, "--hwconfig", kEngine}, 2, {"'--hwconfig'", "did you mean '--hw'?"});
  expect_refused({"explain", kMobileNet, "--hw", kEngine, "--layer", "x", "--csv"}, 2, {"'--csv'", "--json"});
}

TEST(Messages, what_is_missing_is_explained) {
  expect_refused({"simulate", "--hw", kEngine}, 2, {"MODEL is required", "models/", "lanewise simulate --help"});
  expect_refused({"simulate", kMobileNet}, 2, {"--hw FILE is required", "hwconfigs/"});
  expect_refused({"simulate", kMobileNet, "--hw"}, 2, {"--hw FILE needs a value", "hwconfigs/"});
  expect_refused({"measure", "--campaign", "quick-ne", "--csv"}, 2, {"--out STORE is required", "Store"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--batch", "1.5"}, 2,
                 {"--batch", "'1.5'", "no whole number"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--batch", "two"}, 2,
                 {"--batch: 'two' must be a whole number above 0"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--batch", "-3"}, 2,
                 {"--batch: '-3' must be a whole number above 0"});
  expect_refused({"train", "s.sqlite", "--out", "m.lwm", "--depth", "99"}, 2,
                 {"--depth: '99' must be a whole number from 1 to 16"});
  expect_refused({"train", "s.sqlite", "--out", "m.lwm", "--learning-rate", "2"}, 2,
                 {"--learning-rate: '2' must be a number from 0.001 to 1"});
}

TEST(Messages, keys_that_people_guess_point_to_the_ones_that_say_it) {
  const auto set = [](const std::string& text) { return Arguments{"engine", "show", kEngine, "--set", text}; };
  for (const char* key : {"memory.sram", "memory.sram_size", "memory.size", "sram", "memory.scratchpad"}) {
    expect_refused(set(std::string(key) + "=1 MiB"), 1,
                   {key, "memory.activation_banks", "memory.weight_banks", "memory.bank_size"});
  }
  expect_refused(set("engine.frequency=1GHz"), 1, {"engine.clock"});
  expect_refused(set("clock=1GHz"), 1, {"did you mean 'engine.clock'?"});
  expect_refused(set("engine.macs=256"), 1, {"engine.parallelism_factor", "engine.dot_product_lanes"});
  expect_refused(set("memory.bank_sise=8 KiB"), 1, {"did you mean 'memory.bank_size'?"});
  EXPECT_EQ(run({"engine", "show", kEngine, "--set", "engine.clock=1GHz"}).status, 0);  // no space needed
  const ScratchFolder folder;
  const std::string file = folder.write("e.yaml", text_of(kEngine) + "\nmemory.sram: 1 MiB\n");
  expect_refused({"engine", "show", file}, 1, {"key 'memory.sram': unknown key", "memory.bank_size"});
}

TEST(Messages, networks_of_other_tools_say_how_they_become_onnx) {
  const ScratchFolder folder;
  expect_refused({"simulate", "x.tflite", "--hw", kEngine}, 1, {"x.tflite: no such file"});
  const std::string flat("\x1c\0\0\0TFL3\0\0\0\0", 12);
  for (const char* name : {"x.tflite", "x"}) {
    const std::string file = folder.write(name, flat);
    expect_refused({"simulate", file, "--hw", kEngine}, 1, {file, "is not a complete TensorFlow Lite model"});
  }
  const std::string torch = folder.write("x.pt", "PK");
  expect_refused({"simulate", torch, "--hw", kEngine}, 1, {torch, "PyTorch", "torch.onnx.export"});
}

TEST(Messages, engine_validate_says_ok_or_what_is_wrong) {
  const ScratchFolder folder;
  const Finished good = run({"engine", "validate", kEngine, "nvdla-small"});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.err, "");
  EXPECT_NE(good.out.find(kEngine + ": OK: engine ne-256 of the family ne\n"), std::string::npos) << good.out;
  EXPECT_NE(good.out.find("nvdla-small.yaml: OK"), std::string::npos) << good.out;
  const Json json = run_json({"engine", "validate", kEngine});
  EXPECT_EQ(json.at("valid"), true);
  EXPECT_EQ(json.at("engine"), "ne-256");
  EXPECT_EQ(json.at("engine_hash").get<std::string>().size(), 16u);
  std::string text = text_of(kEngine);
  text.replace(text.find("dot_product_lanes: 16"), 21, "dot_product_lanes: -1");
  const std::string bad = folder.write("bad.yaml", text);
  expect_refused({"engine", "validate", bad}, 1, {bad + ":", "engine.dot_product_lanes", "-1"});
  // The family's file belongs to the engine.
  std::filesystem::create_directory(folder.file("families"));
  const std::string engine = folder.write("e.yaml", text_of(kEngine));
  folder.write("families/ne.yaml", "format: 1\nname: ne\nranges:\n  engine.clok:\n    values: [1 GHz]\n");
  expect_refused({"engine", "validate", engine}, 1, {"families/ne.yaml", "engine.clok"});
}

}  // namespace
}  // namespace lanewise::cli::testing
