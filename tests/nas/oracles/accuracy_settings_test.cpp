// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_settings.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {
namespace {

const std::string kFile = "some/where/space.yaml";

AccuracySettings settings_of(const std::string& text) {
  return read_accuracy_settings(engine::parse_raw_config(kFile, "name: a\n" + text));
}
std::string refusal(const std::string& text) {
  try {
    settings_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(AccuracySettings, without_a_section_the_first_oracle_is_chosen) {
  const AccuracySettings settings = settings_of("");
  EXPECT_EQ(settings.oracle, accuracy_oracles().front().name);
  EXPECT_TRUE(settings.places.empty());
  EXPECT_EQ(settings_of("capacity: {macs: 0.9}\n").number("macs"), 0.9);
}

TEST(AccuracySettings, a_table_lies_beside_the_space_file) {
  const AccuracySettings settings =
      settings_of("accuracy: {table: ../t/scores.csv, key: encoding, value: test_accuracy}\n");
  EXPECT_EQ(settings.oracle, "table");
  EXPECT_EQ(settings.text("table"), "some/t/scores.csv");
  EXPECT_EQ(settings.text("key"), "encoding");
  EXPECT_EQ(settings.text("value"), "test_accuracy");
  EXPECT_EQ(settings_of("accuracy: {table: /t/scores.csv, value: v}\n").text("table"), "/t/scores.csv");
}

TEST(AccuracySettings, a_command_is_a_list_or_a_text_cut_at_its_spaces) {
  const AccuracySettings list = settings_of(
      "accuracy:\n  command: [prog, 'an arg; with \"all\"', b]\n  timeout: 60 s\n  retries: 2\n  jobs: 4\n  per: "
      "design\n");
  EXPECT_EQ(list.oracle, "command");
  EXPECT_EQ(list.words.at("command"), (std::vector<std::string>{"prog", "an arg; with \"all\"", "b"}));
  EXPECT_EQ(list.number("timeout"), 60);
  EXPECT_EQ(list.number("retries"), 2);
  EXPECT_EQ(list.number("jobs"), 4);
  EXPECT_EQ(list.text("per"), "design");
  EXPECT_EQ(list.folder, "some/where");
  EXPECT_EQ(settings_of("accuracy: {command: python3  score.py --fast}\n").words.at("command"),
            (std::vector<std::string>{"python3", "score.py", "--fast"}));
}

TEST(AccuracySettings, errors_name_file_line_key_value_and_rule) {
  EXPECT_EQ(
      refusal("accuracy: {command: prog | tee log}\n"),
      "some/where/space.yaml:2: key 'accuracy.command': 'prog | tee log' is not read by a shell: must be a program "
      "and its arguments with spaces between them, or a list of these, [prog, arg]");
  EXPECT_EQ(
      refusal("accuracy:\n  command: prog\n  timeout: 60\n"),
      "some/where/space.yaml:4: key 'accuracy.timeout': '60' has no unit: must be a number and a unit, one of ns, "
      "us, ms, s");
  EXPECT_EQ(refusal("accuracy:\n  command: prog\n  timeout: 0 s\n"),
            "some/where/space.yaml:4: key 'accuracy.timeout': '0 s' must be from 1 ms to 10000000 s");
  EXPECT_EQ(refusal("accuracy:\n  command: prog\n  retries: 1.5\n"),
            "some/where/space.yaml:4: key 'accuracy.retries': '1.5' must be a whole number from 0 to 100");
  EXPECT_EQ(refusal("accuracy:\n  command: prog\n  per: engine\n"),
            "some/where/space.yaml:4: key 'accuracy.per': 'engine' must be one of: network, design");
  EXPECT_EQ(refusal("accuracy: {table: t.csv}\n"),
            "some/where/space.yaml: key 'accuracy.value': missing beside 'accuracy.table'");
}

TEST(AccuracySettings, one_oracle_is_chosen_and_others_keys_do_not_go_with_it) {
  EXPECT_EQ(refusal("accuracy:\n  table: t.csv\n  command: prog\n  value: v\n"),
            "some/where/space.yaml:4: key 'accuracy.command': 'accuracy.table' in line 3 already says what stands for "
            "quality: must be one of the two");
  EXPECT_EQ(refusal("accuracy: {table: t.csv, value: v}\ncapacity: {macs: 0.9}\n"),
            "some/where/space.yaml:3: key 'capacity.macs': 'accuracy.table' in line 2 already says what stands for "
            "quality: must be one of the two");
  EXPECT_EQ(refusal("accuracy:\n  value: v\n"),
            "some/where/space.yaml:3: key 'accuracy.value': the section needs the key 'accuracy.table' or "
            "'accuracy.command' or 'accuracy.train' or 'accuracy.score' or 'accuracy.predictor' or 'accuracy.losses'");
  EXPECT_EQ(refusal("accuracy:\n  table: t.csv\n  value: v\n  jobs: 4\n"),
            "some/where/space.yaml:5: key 'accuracy.jobs': does not go with 'accuracy.table'");
}

TEST(AccuracySettings, a_program_needs_leave) {
  const AccuracySettings settings = settings_of("accuracy: {command: prog}\n");
  try {
    make_accuracy_oracle(settings, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "some/where/space.yaml:2: key 'accuracy.command': asks for a program of yours to be run: programs run "
                 "only where --allow-commands is given");
  }
}

}  // namespace
}  // namespace lanewise::nas
