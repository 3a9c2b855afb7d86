// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/job_settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::study::testing {
namespace {

namespace fs = std::filesystem;

class Jobs : public ::testing::Test {
 protected:
  Jobs() {
    std::string pattern = (fs::temp_directory_path() / "lanewise-job-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Jobs() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  static Settings settings(const std::string& seed, const std::string& generations) {
    return {{"job.hw", {"ne-256"}, false, Bearing::kNote},
            {"job.limit", {"latency_ms<=5", "macs>=0.9*baseline"}, true, Bearing::kChanged},
            {"job.generations", {generations}, false, Bearing::kChanged},
            {"job.seed", {seed}, false, Bearing::kKept},
            {"made_from.engine", {"ne-256 with a \"key\": value # 0123"}, false, Bearing::kKept}};
  }
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::string folder_;
};

TEST_F(Jobs, settings_read_back_as_they_were_written) {
  const Settings written = settings("1", "40");
  const Settings read = read_settings(write("settings.yaml", settings_text(written)));
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].key, written[i].key);
    EXPECT_EQ(read[i].values, written[i].values);
    EXPECT_EQ(read[i].is_list, written[i].is_list);
    EXPECT_EQ(read[i].bearing, written[i].bearing) << read[i].key;
  }
}

TEST_F(Jobs, what_may_change_is_named_and_what_may_not_is_refused_with_both_values) {
  EXPECT_EQ(changes_of(settings("1", "40"), settings("1", "60"), "file"),
            std::vector<std::string>{"generations: 60, was 40"});
  Settings elsewhere = settings("1", "40");
  elsewhere[0].values = {"../ne-256.yaml"};
  EXPECT_TRUE(changes_of(settings("1", "40"), elsewhere, "file").empty());
  const std::string text = refusal([] { changes_of(settings("1", "40"), settings("2", "40"), "FILE"); });
  for (const char* part : {"FILE", "job.seed", "'1'", "'2'"}) EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(Jobs, a_setting_that_goes_or_comes_is_a_change_as_well) {
  Settings without = settings("1", "40");
  without.erase(without.begin() + 1);
  EXPECT_EQ(changes_of(settings("1", "40"), without, "file"),
            std::vector<std::string>{"limit: none, was latency_ms<=5, macs>=0.9*baseline"});
  without.pop_back();
  EXPECT_NE(refusal([&] { changes_of(settings("1", "40"), without, "file"); }).find("made_from.engine"),
            std::string::npos);
}

TEST_F(Jobs, paths_of_a_job_file_are_from_its_own_folder_where_there_is_such_a_file) {
  write("net.onnx", "x");
  const auto entries = read_job_file(write("job.yaml", "job:\n  model: net.onnx\n  hw: ne-256\n  interval_folds: 3\n"));
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].values.front(), folder_ + "/net.onnx");
  EXPECT_EQ(entries[1].values.front(), "ne-256");
  EXPECT_EQ(entries[2].option, "interval-folds");
}

TEST_F(Jobs, mistakes_in_a_job_file_are_named_by_line_and_key) {
  for (const auto& [text, parts] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"job:\n  modle: x\n", {":2:", "job.modle", "unknown key"}},
           {"jobs:\n  model: x\n", {":2:", "jobs.model"}},
           {"job:\n  seed: [1, 2]\n", {":2:", "job.seed", "single value"}},
           {"job:\n  allow_commands: true\n", {"job.allow_commands"}},
           {"format: 2\njob:\n  seed: 1\n", {":1:", "format"}}}) {
    const std::string path = write("job.yaml", text);
    const std::string refused = refusal([&] { read_job_file(path); });
    for (const std::string& part : parts) EXPECT_NE(refused.find(part), std::string::npos) << refused;
  }
}

TEST_F(Jobs, one_job_at_a_time_works_in_a_folder) {
  const JobFolder first(folder_ + "/out");
  EXPECT_NE(refusal([&] { JobFolder second(folder_ + "/out"); }).find("another job"), std::string::npos);
}

TEST_F(Jobs, a_folder_is_done_for_the_settings_it_was_done_for_while_its_files_are_there) {
  {
    JobFolder folder(folder_ + "/out");
    folder.claim(settings("1", "40"));
    EXPECT_FALSE(folder.finished());
    write("out/result.json", "{}");
    folder.finish({"result.json"});
    EXPECT_TRUE(folder.finished());
  }
  {
    JobFolder folder(folder_ + "/out");
    EXPECT_TRUE(folder.claim(settings("1", "40")).empty());
    EXPECT_TRUE(folder.finished());
    write("out/result.json", "[]");
    EXPECT_FALSE(folder.finished());
  }
  JobFolder folder(folder_ + "/out");
  EXPECT_EQ(folder.claim(settings("1", "60")).size(), 1u);
  EXPECT_FALSE(folder.finished());
}

TEST_F(Jobs, rounds_and_leftovers_of_a_kill_are_found_again) {
  TrustRound round;
  round.simulated = 6;
  round.beyond = 2;
  round.mean_error_percent = 1.25;
  round.change = "trained again";
  {
    JobFolder folder(folder_ + "/out");
    folder.claim(settings("1", "40"));
    folder.keep_round(round);
    write("out/result.json.partial-123", "half");
  }
  JobFolder folder(folder_ + "/out");
  folder.claim(settings("1", "40"));
  ASSERT_EQ(folder.rounds().size(), 1u);
  EXPECT_EQ(folder.rounds().front().beyond, 2);
  EXPECT_EQ(folder.rounds().front().mean_error_percent, 1.25);
  EXPECT_FALSE(fs::exists(folder_ + "/out/result.json.partial-123"));
}

}  // namespace
}  // namespace lanewise::study::testing
