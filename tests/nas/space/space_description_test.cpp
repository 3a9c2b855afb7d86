// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

namespace fs = std::filesystem;

// A space file of its own for each test.
class SpaceFile : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = (fs::temp_directory_path() / ("lanewise_space_" + name + ".yaml")).string();
  }
  void TearDown() override { fs::remove(path_); }

  SpaceDescription load(const std::string& text) {
    std::ofstream(path_) << text;
    return load_space(path_);
  }
  // The message without the folder of the file.
  std::string message(const std::string& text) {
    try {
      load(text);
    } catch (const Error& error) {
      const std::string what = error.what();
      return what.rfind(path_, 0) == 0 ? "FILE" + what.substr(path_.size()) : what;
    }
    return "";
  }

  std::string path_;
};

TEST_F(SpaceFile, every_key_is_read) {
  const SpaceDescription space = load(R"(name: mine
network:
  fuse_ibn: false
  depth_multipliers: [0.5, 1, 1.25]
  channel_alignment: none
engine:
  vary:
    engine.parallelism_factor: [8, 16]
    dram.bandwidth: [3.2 GB/s, 6.4 GB/s]
  area_budget: 1.5
capacity:
  parameters: 0.9
  macs: 0.8
)");
  EXPECT_EQ(space.name, "mine");
  EXPECT_FALSE(space.moves.fuse_ibn);
  EXPECT_EQ(space.moves.depth_multipliers, (std::vector<double>{0.5, 1, 1.25}));
  EXPECT_FALSE(space.moves.align_channels);
  EXPECT_EQ(space.engine.vary, EngineSettings::Vary::kListed);
  ASSERT_EQ(space.engine.genes.size(), 2u);
  EXPECT_EQ(space.engine.genes[1].name, "dram.bandwidth");
  EXPECT_EQ(space.engine.genes[1].keys.at(0).second, (std::vector<std::string>{"3.2 GB/s", "6.4 GB/s"}));
  EXPECT_EQ(space.engine.genes[1].origin, path_ + ":9");
  EXPECT_EQ(space.area_budget, 1.5);
  EXPECT_EQ(space.accuracy.number("parameters"), 0.9);
  EXPECT_EQ(space.accuracy.number("macs"), 0.8);
}

TEST_F(SpaceFile, defaults_are_those_of_the_reference) {
  const SpaceDescription space = load("name: mine\n");
  EXPECT_TRUE(space.moves.fuse_ibn);
  EXPECT_EQ(space.moves.depth_multipliers, (std::vector<double>{1}));
  EXPECT_TRUE(space.moves.align_channels);
  EXPECT_EQ(space.engine.vary, EngineSettings::Vary::kFamily);
  EXPECT_EQ(space.area_budget, 0);
  EXPECT_EQ(space.accuracy.number("parameters"), 0);
  EXPECT_EQ(space.accuracy.number("macs"), 0);
  EXPECT_EQ(load("name: mine\nengine:\n  vary: none\n").engine.vary, EngineSettings::Vary::kNone);
}

TEST_F(SpaceFile, errors_name_file_line_key_value_and_rule) {
  const std::string name = "name: mine\n";
  EXPECT_EQ(message(name + "network:\n  fuse_ibm: true\n"),
            "FILE:3: key 'network.fuse_ibm': unknown key (did you mean 'network.fuse_ibn'?)");
  EXPECT_EQ(message(name + "network:\n  fuse_ibn: perhaps\n"),
            "FILE:3: key 'network.fuse_ibn': 'perhaps' must be one of: false, true");
  EXPECT_EQ(message(name + "network:\n  depth_multipliers: [1, wide]\n"),
            "FILE:3: key 'network.depth_multipliers': 'wide' must be a number from 0.05 to 8");
  EXPECT_EQ(message(name + "network:\n  depth_multipliers: [1, 9]\n"),
            "FILE:3: key 'network.depth_multipliers': '9' must be a number from 0.05 to 8");
  EXPECT_EQ(message(name + "network:\n  depth_multipliers: [0.5, 2]\n"),
            "FILE:3: key 'network.depth_multipliers': '0.5, 2' must contain 1, the network as it is");
  EXPECT_EQ(message(name + "network:\n  depth_multipliers: [1, 2, 2.0]\n"),
            "FILE:3: key 'network.depth_multipliers': '2.0' is given twice");
  EXPECT_EQ(message(name + "network:\n  channel_alignment: [none]\n"),
            "FILE:3: key 'network.channel_alignment': must be a single value, not a list");
  EXPECT_EQ(message(name + "engine:\n  vary: some\n"),
            "FILE:3: key 'engine.vary': 'some' must be one of: none, family");
  EXPECT_EQ(message(name + "engine:\n  area_budget: -1\n"),
            "FILE:3: key 'engine.area_budget': '-1' must be a number from 0 to 100");
  for (const std::string text : {"nan", "1.5", "0.5x"}) {
    EXPECT_EQ(message(name + "capacity:\n  macs: " + text + "\n"),
              "FILE:3: key 'capacity.macs': '" + text + "' must be a number from 0 to 1");
  }
  EXPECT_EQ(message(name + "capacity:\n  macs:\n"), "FILE:3: key 'capacity.macs': has no value");
  EXPECT_EQ(message("name: ''\n"), "FILE:1: key 'name': '' must hold a value");
}

TEST_F(SpaceFile, engine_keys_are_those_of_the_hwconfig) {
  const std::string head = "name: mine\nengine:\n  vary:\n";
  EXPECT_EQ(
      message(head + "    engine.parallelism_facto: [8]\n"),
      "FILE:4: key 'engine.vary.engine.parallelism_facto': 'engine.parallelism_facto' is no key of an engine that "
      "may vary (did you mean 'engine.parallelism_factor'?)");
  EXPECT_NE(message(head + "    name: [a, b]\n").find("'name' is no key of an engine that may vary"),
            std::string::npos);
  EXPECT_EQ(message(head + "    engine.clock: 1 GHz\n"),
            "FILE:4: key 'engine.vary.engine.clock': must be a list of values");
  EXPECT_EQ(message(head + "    engine.clock: []\n"),
            "FILE:4: key 'engine.vary.engine.clock': must be a list of values");
  EXPECT_EQ(message(head + "    engine.clock: [1 GHz, 1 GHz]\n"),
            "FILE:4: key 'engine.vary.engine.clock': '1 GHz' is given twice");
  // Sections may also be written as in an hwconfig.
  const SpaceDescription space = load(head + "    engine:\n      clock: [1 GHz]\n");
  EXPECT_EQ(space.engine.genes.at(0).name, "engine.clock");
}

TEST_F(SpaceFile, files_that_are_no_spaces_are_refused) {
  EXPECT_EQ(message("network:\n  fuse_ibn: true\n"), "FILE: key 'name': missing");
  EXPECT_EQ(message("name: a\nengine:\n  vary: family\n  vary:\n    engine.clock: [1 GHz]\n"),
            "FILE:4: key 'engine.vary': given twice, first on line 3");
  EXPECT_EQ(message("name: a\nengine:\n  vary:\n    engine.clock: [1 GHz]\n    engine:\n      clock: [2 GHz]\n"),
            "FILE:6: key 'engine.vary.engine.clock': given twice, first on line 4");
  EXPECT_EQ(message("name: a\nnetwork: {}\n"), "FILE:2: key 'network': has no value");
}

TEST(ShippedSpaces, all_load_and_are_named_as_their_files) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
    EXPECT_EQ(load_space(entry.path().string()).name, entry.path().stem().string());
    ++files;
  }
  EXPECT_GE(files, 5);
}

TEST(SpaceReference, explains_every_key_and_lists_every_shipped_space) {
  std::ifstream file(LANEWISE_SOURCE_DIR "/docs/spaces.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (const std::string& key : space_keys()) EXPECT_NE(page.find("| `" + key + "` |"), std::string::npos) << key;
  for (const auto& entry : fs::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
    EXPECT_NE(page.find("`" + entry.path().filename().string() + "`"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace lanewise::nas
