// SPDX-License-Identifier: Apache-2.0
// Files that are no files, that never end, that spell out more than they hold, or whose sizes nothing could work
// through: one line each, in bounded memory.
#include <sys/stat.h>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kHostile = "tests/cli/hostile/";
constexpr std::int64_t kMostMemory = std::int64_t{1} << 30;
const std::vector<std::string> kEngines = {"ne-64",       "ne-256",      "ne-4096",          "neureka",
                                           "neureka-4x4", "nvdla-small", "nvdla-medium-512", "nvdla-large"};

bool is_one_line(const std::string& text) { return !text.empty() && text.find('\n') == text.size() - 1; }

// An answer, or one line that is no fault of the program; never a crash, never more memory than a small machine has.
Finished expect_bounded(const Arguments& arguments) {
  std::string command;
  for (const std::string& argument : arguments) command += argument + " ";
  SCOPED_TRACE(command);
  const Finished finished = run(arguments);
  EXPECT_LE(finished.peak_bytes, kMostMemory);
  EXPECT_TRUE(finished.status == 0 || finished.status == 1) << finished.status;
  if (finished.status != 0) {
    EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0u) << finished.err;
    EXPECT_TRUE(is_one_line(finished.err)) << finished.err;
    for (const char* raw :
         {"bad_alloc", "fault of this program", "more memory than", "unordered_map", "json.exception"}) {
      EXPECT_EQ(finished.err.find(raw), std::string::npos) << finished.err;
    }
  }
  return finished;
}

// Every way in which a verb takes a file.
std::vector<Arguments> readers(const std::string& path, const ScratchFolder& folder) {
  return {{"simulate", path, "--hw", "ne-256"},
          {"simulate", kSqueezeNet, "--hw", path},
          {"simulate", kSqueezeNet, "--hw", "ne-256", "--layer-precision", path},
          {"network", "show", kSqueezeNet, "--compression", path},
          {"estimate", kSqueezeNet, "--hw", "ne-256", "--estimator", path},
          {"network", "show", path},
          {"engine", "show", path},
          {"validate", path},
          {"measure", "--campaign", path, "--out", folder.file("store")},
          {"codesign", kSqueezeNet, "--hw", "ne-256", "--space", path, "--out", folder.file("folder")},
          {"store", "show", path},
          {"store", "export", path, "--out", folder.file("folder")},
          {"train", path, "--out", folder.file("model")},
          {"evaluate", path},
          {"estimator", "show", path}};
}

TEST(HostileFiles, what_is_no_regular_file_is_refused_by_every_reader) {
  const ScratchFolder folder;
  const std::string pipe = folder.file("pipe.onnx");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {std::string("/dev/zero"), pipe}) {
    for (const Arguments& arguments : readers(path, folder)) {
      const Finished finished = expect_bounded(arguments);
      EXPECT_EQ(finished.status, 1) << arguments[0];
      EXPECT_NE(finished.err.find(path), std::string::npos) << finished.err;
    }
  }
}

TEST(HostileFiles, what_is_too_large_is_refused_before_it_is_read) {
  const ScratchFolder folder;
  const std::string path = folder.write("large", "");
  std::filesystem::resize_file(path, std::uintmax_t{3} << 30);  // takes no room
  for (const Arguments& arguments : readers(path, folder)) {
    const Finished finished = expect_bounded(arguments);
    EXPECT_EQ(finished.status, 1) << arguments[0];
    EXPECT_LE(finished.peak_bytes, kMostMemory / 4) << arguments[0];
  }
}

TEST(HostileFiles, aliases_spell_out_no_more_than_a_file_could_hold) {
  const ScratchFolder folder;
  const std::string deep = folder.write("deep.yaml", std::string(100000, '[') + std::string(100000, ']'));
  std::string chain = "a0: &a0 {x: 1}\n";
  for (int i = 1; i < 100; ++i) {
    const std::string number = std::to_string(i);
    chain += "a" + number + ": &a" + number + " {x: *a" + std::to_string(i - 1) + "}\n";
  }
  const std::string chained = folder.write("chain.yaml", chain);
  for (const std::string& path :
       {kHostile + "space_self_alias_map.yaml", kHostile + "space_bomb_map.yaml", deep, chained}) {
    for (const Arguments& arguments :
         {Arguments{"simulate", kSqueezeNet, "--hw", path},
          Arguments{"codesign", kSqueezeNet, "--hw", "ne-256", "--space", path, "--out", folder.file("out")},
          Arguments{"measure", "--campaign", path, "--out", folder.file("store")}}) {
      const Finished finished = expect_bounded(arguments);
      EXPECT_EQ(finished.status, 1);
      EXPECT_NE(finished.err.find(path + ":"), std::string::npos) << finished.err;
      EXPECT_LE(finished.peak_bytes, kMostMemory / 4);
    }
  }
}

TEST(HostileFiles, sizes_that_no_plan_could_go_through_are_refused) {
  for (const char* model : {"matmul_10000000.onnx", "upsample_2e31.onnx", "gap_262144.onnx", "gemm_65536x65536.onnx"}) {
    for (const std::string& engine : kEngines) expect_bounded({"simulate", kHostile + model, "--hw", engine});
    for (const char* verb : {"show", "memory"}) {
      Arguments arguments = {"network", verb, kHostile + model};
      if (std::string(verb) == "memory") arguments.insert(arguments.end(), {"--hw", "ne-256"});
      expect_bounded(arguments);
    }
    expect_bounded({"sweep", kHostile + model, "--hw", "ne-256", "--vary", "engine.parallelism_factor=8,16"});
  }
  for (const std::string& engine : kEngines) {
    const Finished finished =
        expect_bounded({"simulate", kHostile + "any_batch.onnx", "--hw", engine, "--batch", "1000000"});
    EXPECT_EQ(finished.status, 1) << engine;
    EXPECT_NE(finished.err.find("at most"), std::string::npos) << finished.err;
  }
}

TEST(HostileFiles, the_limit_of_steps_is_named) {
  expect_refused({"simulate", kHostile + "matmul_10000000.onnx", "--hw", "neureka"}, 1,
                 {"too large to be planned", "500000"});
  expect_refused({"simulate", kHostile + "upsample_2e31.onnx", "--hw", "neureka"}, 1,
                 {"too large to be planned", "4194304"});
}

TEST(HostileFiles, a_tensor_without_a_name_is_refused) {
  expect_refused({"network", "show", kHostile + "emptyname.onnx"}, 1, {"emptyname.onnx", "has no name"});
}

TEST(HostileFiles, a_space_of_small_memories_has_a_result) {
  const ScratchFolder folder;
  const Finished finished = run({"codesign",
                                 kSqueezeNet,
                                 "--hw",
                                 "ne-256",
                                 "--space",
                                 kHostile + "space_small_memories.yaml",
                                 "--rows",
                                 "300",
                                 "--engines",
                                 "6",
                                 "--generations",
                                 "3",
                                 "--population",
                                 "8",
                                 "--trees",
                                 "20",
                                 "--interval-folds",
                                 "0",
                                 "--json",
                                 "--out",
                                 folder.file("out")});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(Json::accept(finished.out)) << finished.out;
}

}  // namespace
}  // namespace lanewise::cli::testing
