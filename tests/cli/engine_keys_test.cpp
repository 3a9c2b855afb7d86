// SPDX-License-Identifier: Apache-2.0
// `engine keys`: the keys of a description, each as --set and the file take it.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(EngineKeys, are_those_that_engine_show_has_a_value_for) {
  std::string shown;
  const Json engine = run_json({"engine", "show", "ne-256"});
  for (const auto& [section, ignored] : engine.items()) shown += section + " ";
  int keys = 0;
  for (const Json& key : run_json({"engine", "keys"})) {
    ++keys;
    const std::string name = key["key"];
    EXPECT_NE(shown.find(name.substr(0, name.find('.'))), std::string::npos) << name;
    EXPECT_FALSE(key["meaning"].get<std::string>().empty()) << name;
    EXPECT_EQ(key["default"].is_null(), key["required"].get<bool>()) << name;
  }
  EXPECT_GT(keys, 100);
}

TEST(EngineKeys, a_key_within_its_range_is_taken_and_one_beyond_is_refused) {
  const Json keys = run_json({"engine", "keys", "dram.outstanding_requests"});
  ASSERT_EQ(keys.size(), 1u);
  const std::string high = keys[0]["high"];
  EXPECT_EQ(run({"engine", "show", "ne-256", "--set", "dram.outstanding_requests=" + high}).status, 0);
  const std::string beyond = std::to_string(std::stoi(high) + 1);
  expect_refused({"engine", "show", "ne-256", "--set", "dram.outstanding_requests=" + beyond}, 1, {beyond, high});
}

TEST(EngineKeys, are_chosen_by_how_they_begin_in_every_form_of_output) {
  const Json keys = run_json({"engine", "keys", "dram.", "engine.clock"});
  EXPECT_EQ(keys.back()["key"], "engine.clock");
  const std::string csv = run({"engine", "keys", "dram.", "engine.clock", "--csv"}).out;
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), keys.size() + 1);
  const std::string text = run({"engine", "keys", "dram.", "engine.clock"}).out;
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), keys.size() + 2);
  expect_refused({"engine", "keys", "dram.", "nothing"}, 1, {"KEY", "nothing"});
}

}  // namespace
}  // namespace lanewise::cli::testing
