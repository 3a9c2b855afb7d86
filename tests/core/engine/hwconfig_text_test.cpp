// SPDX-License-Identifier: Apache-2.0
#include "core/engine/hwconfig_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(HwconfigText, shipped_descriptions_take_values_of_keys_that_they_have_and_that_they_leave_out) {
  const ScratchFolder folder;
  const std::vector<ChangedValue> changes = {
      {"dram.bandwidth", "1.7 GB/s", "slower"}, {"engine.pipeline_latency_cycles", "33", "longer"},
      {"command.cycles_per_tile", "7", "tile"}, {"unpacking.first_pair_cycles", "1.25", "word"},
      {"dma.setup_cycles", "91", "set-up"},     {"host.cycles_per_pass", "1234", "host"}};
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    SCOPED_TRACE(entry.path().string());
    const std::string original = text_of(entry.path().string());
    const std::string changed = with_changed_values(entry.path().string(), changes, {"by a test", "twice"});
    const EngineConfig written = load_engine(folder.write("changed.yaml", changed)).config;
    std::vector<Override> overrides;
    for (const ChangedValue& change : changes) overrides.push_back({change.key, change.value});
    EXPECT_EQ(engine_hash(written), engine_hash(load_engine(entry.path().string(), overrides).config));
    EXPECT_EQ(written.name, load_engine(entry.path().string()).config.name);
    EXPECT_NE(changed.find("# by a test\n# twice\nformat: 1\n"), std::string::npos);
    // Every comment of the original is still there.
    for (std::size_t at = original.find('#'); at != std::string::npos; at = original.find('#', at + 1)) {
      const std::string comment = original.substr(at + 1, original.find('\n', at) - at - 1);
      EXPECT_NE(changed.find(comment), std::string::npos) << comment;
    }
  }
  EXPECT_GE(files, 10);
}

TEST(HwconfigText, keeps_everything_else_as_it_is) {
  const ScratchFolder folder;
  std::string text = text_of("hwconfigs/ne-64.yaml");
  const std::string line = "  setup_cycles: 16\n";
  const std::size_t at = text.find(line);
  ASSERT_NE(at, std::string::npos);
  const std::string path = folder.write("a.yaml", text);
  text.replace(at, line.size(), "  setup_cycles: 17  # more\n");
  EXPECT_EQ(with_changed_values(path, {{"dma.setup_cycles", "17", "more"}}, {}), text);
}

TEST(HwconfigText, refuses_a_value_that_shares_its_line) {
  const ScratchFolder folder;
  std::string text = text_of("hwconfigs/ne-64.yaml");
  const std::string dram = text.substr(text.find("dram:\n"), text.find("command:") - text.find("dram:\n"));
  text.replace(text.find(dram), dram.size(),
               "dram: {bandwidth: 1.6 GB/s, latency: 100 ns, burst: 32 B, outstanding_requests: 64}\n\n");
  const std::string path = folder.write("flow.yaml", text);
  for (const char* key : {"dram.bandwidth", "dram.row_miss_latency"}) {
    try {
      with_changed_values(path, {{key, key == std::string("dram.bandwidth") ? "2 GB/s" : "40 ns", ""}}, {});
      FAIL() << key;
    } catch (const Error& error) {
      const std::string what = error.what();
      EXPECT_EQ(what.rfind(path + ":", 0), 0u) << what;
      EXPECT_NE(what.find("line of its own"), std::string::npos) << what;
    }
  }
}

TEST(HwconfigText, refuses_values_that_no_engine_can_have) {
  EXPECT_THROW(with_changed_values("hwconfigs/ne-64.yaml", {{"dram.bandwidth", "2", ""}}, {}), Error);
  EXPECT_THROW(with_changed_values("hwconfigs/ne-64.yaml", {{"dram.bandwidth", "10000 GB/s", ""}}, {}), Error);
}

}  // namespace
}  // namespace lanewise::engine
