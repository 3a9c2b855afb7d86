// SPDX-License-Identifier: Apache-2.0
// What programs say beside their answer, and how they are silenced; and the statuses that they exit with, but for 3,
// which codesign_test.cpp sees.
#include <functional>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Every verb of the help, those of groups with both words.
std::vector<Arguments> all_verbs() {
  std::vector<Arguments> verbs;
  const std::function<void(const Arguments&)> add = [&](const Arguments& words) {
    Arguments asked = words;
    asked.emplace_back("--help");
    std::istringstream help(run(asked).out);
    bool listed = false, any = false;
    for (std::string line; std::getline(help, line) && !(listed && line.empty());) {
      if (listed && line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ') {
        Arguments verb = words;
        verb.push_back(line.substr(2, line.find(' ', 2) - 2));
        add(verb);
        any = true;
      }
      listed = listed || line == "Subcommands:";
    }
    if (!any && !words.empty()) verbs.push_back(words);
  };
  add({});
  return verbs;
}

// An engine that breaks a rule of scale, of which verbs warn.
const Arguments kWarned = {"simulate", "ds_cnn_kws", "--hw", "ne-256", "--set", "engine.parallelism_factor=64"};

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

TEST(Quiet, every_verb_takes_it) {
  const std::vector<Arguments> verbs = all_verbs();
  EXPECT_GT(verbs.size(), 25u);
  for (Arguments verb : verbs) {
    verb.emplace_back("--help");
    EXPECT_NE(run(verb).out.find("--quiet"), std::string::npos) << verb.front();
  }
}

TEST(Quiet, silences_warnings_and_leaves_the_answer) {
  const Finished loud = run(kWarned);
  ASSERT_EQ(loud.status, 0) << loud.err;
  EXPECT_NE(loud.err.find("lanewise: warning: "), std::string::npos);
  Arguments words = kWarned;
  words.emplace_back("--quiet");
  const Finished quiet = run(words);
  EXPECT_EQ(quiet.status, 0);
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, loud.out);
}

TEST(Quiet, leaves_the_lines_of_files_that_were_written) {
  const ScratchFolder folder;
  const std::string out = folder.file("answer.txt");
  const Finished finished = run({"network", "show", "ds_cnn_kws", "--out", out, "--quiet"});
  EXPECT_EQ(finished.out, "wrote " + out + "\n");
  EXPECT_EQ(finished.err, "");
}

TEST(Quiet, errors_are_said_all_the_same) {
  expect_refused({"simulate", "no_such_network", "--hw", "ne-256", "--quiet"}, 1, {"no_such_network"});
  expect_refused({"simulate", "--quiet"}, 2, {"MODEL"});
}

TEST(Progress, is_lines_of_json_where_a_program_asks_for_them) {
  const Environment asked("LANEWISE_PROGRESS", "json");
  const Arguments words = {"sweep",  "ds_cnn_kws", "--hw", "ne-64", "--vary", "engine.parallelism_factor=2,4",
                           "--jobs", "1"};
  const Finished finished = run(words);
  ASSERT_EQ(finished.status, 0) << finished.err;
  std::istringstream lines(finished.err);
  const std::string mark = "lanewise: progress: ";
  int reports = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(mark, 0) != 0) continue;
    const Json report = Json::parse(line.substr(mark.size()));
    EXPECT_FALSE(report.at("phase").get<std::string>().empty());
    EXPECT_GE(report.at("done").get<int>(), 0);
    EXPECT_LE(report.at("done").get<int>(), report.at("total").get<int>());
    ++reports;
  }
  EXPECT_GT(reports, 0) << finished.err;
  Arguments quiet = words;
  quiet.emplace_back("--quiet");
  const Finished silent = run(quiet);
  EXPECT_EQ(silent.err, "");
  EXPECT_EQ(silent.out, finished.out);
}

TEST(Progress, is_neither_asked_for_nor_a_terminal_there_nothing) {
  const Finished finished = run({"sweep", "ds_cnn_kws", "--hw", "ne-64", "--vary", "engine.parallelism_factor=2,4"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err.find("progress"), std::string::npos) << finished.err;
}

TEST(Status, is_that_of_the_table_in_every_verb) {
  for (const Arguments& verb : all_verbs()) {
    Arguments help = verb, wrong = verb;
    help.emplace_back("--help");
    EXPECT_EQ(run(help).status, 0) << verb.back();
    wrong.emplace_back("--no-such-option");
    expect_refused(wrong, 2, {"--no-such-option"});
  }
  // What a verb reads is not there.
  const std::vector<Arguments> missing = {{"simulate", "no_such", "--hw", "ne-64"},
                                          {"estimate", "no_such", "--hw", "ne-64"},
                                          {"sweep", "no_such", "--hw", "ne-64", "--vary", "batch=1,2"},
                                          {"compare", "no_such", "no_such", "--hw", "ne-64"},
                                          {"explain", "no_such", "--layer", "x", "--hw", "ne-64"},
                                          {"footprint", "no_such", "--hw", "ne-64"},
                                          {"advise", "no_such", "--hw", "ne-64"},
                                          {"apply", "no_such", "--moves", "no_such.yaml"},
                                          {"patterns", "no_such"},
                                          {"curate", "no_such", "--hw", "ne-64"},
                                          {"landscape", "no_such", "--hw", "ne-64"},
                                          {"validate", "no_such.csv", "--hw", "ne-64"},
                                          {"measure", "no_such", "--hw", "ne-64", "--out", "build/no.sqlite"},
                                          {"store", "show", "no_such.sqlite"},
                                          {"train", "no_such.sqlite", "--out", "build/no.lwm"},
                                          {"evaluate", "no_such.sqlite"},
                                          {"estimator", "show", "no_such.lwm"},
                                          {"engine", "show", "no_such"},
                                          {"engine", "validate", "no_such"},
                                          {"engine", "fit", "no_such.csv", "--hw", "ne-64"},
                                          {"network", "show", "no_such"},
                                          {"network", "memory", "no_such", "--hw", "ne-64"},
                                          {"space", "show", "no_such"},
                                          {"space", "prices", "no_such", "--hw", "ne-64"},
                                          {"mcp", "--allow", "no_such"}};
  for (const Arguments& words : missing) expect_refused(words, 1, {"no_such"});
}

TEST(Status, is_130_where_work_is_interrupted) {
  const ScratchFolder folder;
  Running running(
      {"measure", "mobilenet_v2", "--hw", "ne-64", "--rows", "200000", "--out", folder.file("store.sqlite")});
  wait_for_rows(folder.file("store.sqlite"));
  running.send(SIGINT);
  EXPECT_EQ(running.wait().status, 130);
}

}  // namespace
}  // namespace lanewise::cli::testing
