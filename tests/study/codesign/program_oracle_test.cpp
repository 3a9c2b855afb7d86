// SPDX-License-Identifier: Apache-2.0
// Programs stand here as scripts of the shell, and as the example in Python.
#include "study/codesign/program_oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "core/base/error.hpp"
#include "core/network/graph.hpp"
#include "core/record/file.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

using testing::ScratchFolder;
using Answers = std::vector<nas::AccuracyAnswer>;

const network::Graph& graph() {
  static const network::Graph all = testing::squeezenet();
  return all;
}

std::vector<nas::AccuracyQuery> queries(const std::vector<std::string>& encodings) {
  std::vector<nas::AccuracyQuery> out;
  for (const std::string& encoding : encodings) {
    nas::AccuracyQuery query;
    query.encoding = encoding;
    query.facts = {network::macs(graph()), network::parameters(graph())};
    query.graph = &graph();
    query.genes = {{"width", encoding}};
    out.push_back(query);
  }
  return out;
}

nas::AccuracySettings settings_of(const std::vector<std::string>& words, const std::string& folder) {
  nas::AccuracySettings settings;
  settings.oracle = "command";
  settings.words["command"] = words;
  settings.folder = folder;
  settings.numbers = {{"timeout", 30}, {"retries", 0}, {"jobs", 4}};
  settings.places["command"] = "space.yaml:3: key 'accuracy.command': ";
  return settings;
}

// A script that is kept in the folder, together with a log of the encodings that it was asked for.
struct Scripted {
  ScratchFolder folder;
  nas::AccuracySettings settings;

  explicit Scripted(const std::string& body) : settings(settings_of({"sh", "score.sh"}, "")) {
    settings.folder = folder.file("");
    record::write_file(
        folder.file("score.sh"),
        "encoding=$(sed -n 's/^ *\"encoding\": \"\\(.*\\)\",$/\\1/p')\necho \"$encoding\" >> asked\n" + body);
  }
  Answers ask(const std::vector<std::string>& encodings, const std::string& cache = "") const {
    return make_program_oracle(settings, {cache, "", {}})->measure(queries(encodings));
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    if (!std::filesystem::exists(folder.file("asked"))) return lines;
    std::istringstream text(record::read_file(folder.file("asked")));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

TEST(ProgramOracle, answers_come_in_order_whichever_program_ends_first) {
  const Scripted scripted("sleep 0.$((9 - encoding))\necho \"{\\\"accuracy\\\": 0.$encoding}\"\n");
  const Answers answers = scripted.ask({"1", "5", "8", "5", "7"});
  ASSERT_EQ(answers.size(), 5u);
  const double expected[] = {0.1, 0.5, 0.8, 0.5, 0.7};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(answers[i].score, expected[i]) << answers[i].failure;
  EXPECT_EQ(scripted.asked(), (std::vector<std::string>{"1", "5", "7", "8"}));  // each network once
}

TEST(ProgramOracle, the_candidate_is_there_as_json_and_onnx) {
  const Scripted scripted("exit 9\n");
  nas::AccuracySettings settings = scripted.settings;
  settings.words["command"] = {
      "sh", "-c",
      "cat > got; onnx=$(sed -n 's/^ *\"onnx\": \"\\(.*\\)\",$/\\1/p' got); json=$(sed -n 's/^ *\"json\": "
      "\"\\(.*\\)\",$/\\1/p' got); test -s \"$onnx\" && cmp -s \"$json\" got && echo '{\"accuracy\": 1}'"};
  const engine::EngineConfig engine = testing::small_engine();
  std::vector<nas::AccuracyQuery> query = queries({"r=8/\"x\""});
  query[0].engine = &engine;
  EXPECT_EQ(make_program_oracle(settings, {})->measure(query)[0].score, 1);
  const std::string got = record::read_file(scripted.folder.file("got"));
  for (const std::string part :
       {"\"encoding\": \"r=8/\\\"x\\\"\"", "\"macs\": ", "\"parameters\": ", "\"width\": ", "\"engine_hash\": "}) {
    EXPECT_NE(got.find(part), std::string::npos) << part << "\n" << got;
  }
}

TEST(ProgramOracle, every_kind_of_failure_is_counted_with_its_reason) {
  Scripted scripted(
      "case $encoding in\n"
      "ok) echo '{\"accuracy\": 0.5}';;\n"
      "exit) echo 'no memory' >&2; exit 7;;\n"
      "garbage) echo hello;;\n"
      "nan) echo '{\"accuracy\": NaN}';;\n"
      "says) echo '{\"failure\": \"diverged\"}';;\n"
      "slow) sleep 100;;\n"
      "signal) kill -KILL $$;;\n"
      "flood) while :; do echo 0123456789012345678901234567890123456789; done;;\n"
      "esac\n");
  scripted.settings.numbers["timeout"] = 3;
  const auto oracle = make_program_oracle(scripted.settings, {});
  const Answers answers =
      oracle->measure(queries({"ok", "exit", "garbage", "nan", "says", "slow", "signal", "flood", "exit"}));
  EXPECT_EQ(answers[0].score, 0.5);
  EXPECT_EQ(answers[1].failure, "the program exited with status 7: no memory");
  EXPECT_EQ(answers[2].failure.rfind("the program's last line is no JSON object", 0), 0u);
  EXPECT_EQ(answers[3].failure, "the program's 'accuracy' is no finite number");
  EXPECT_EQ(answers[4].failure, "the program says: diverged");
  EXPECT_EQ(answers[5].failure, "the program gave no answer within 3 s");
  EXPECT_EQ(answers[6].failure, "the program was ended by signal 9");
  EXPECT_EQ(answers[7].failure, "the program wrote more than 1 MiB");
  EXPECT_EQ(oracle->account().asked, 9);
  EXPECT_EQ(oracle->account().failed, 8);
  EXPECT_EQ(oracle->account().distinct, 8);
  EXPECT_EQ(oracle->account().runs, 8);
  EXPECT_EQ(oracle->account().failures.at(answers[1].failure), 2);
}

TEST(ProgramOracle, is_asked_again_where_that_may_help_and_no_more) {
  Scripted scripted(
      "tries=$(grep -c \"^$encoding$\" asked)\n"
      "case $encoding in\n"
      "second) if [ $tries -lt 2 ]; then exit 1; fi; echo '{\"accuracy\": 0.5}';;\n"
      "never) exit 1;;\n"
      "says) echo '{\"failure\": \"diverged\"}';;\n"
      "esac\n");
  scripted.settings.numbers["retries"] = 2;
  const auto oracle = make_program_oracle(scripted.settings, {});
  const Answers answers = oracle->measure(queries({"second", "never", "says"}));
  EXPECT_EQ(answers[0].score, 0.5);
  EXPECT_EQ(answers[1].failure, "the program exited with status 1");
  EXPECT_EQ(scripted.asked(), (std::vector<std::string>{"never", "never", "never", "says", "second", "second"}));
  EXPECT_EQ(oracle->account().retries, 3);
  EXPECT_EQ(oracle->account().runs, 6);
}

TEST(ProgramOracle, a_resumed_job_asks_again_for_nothing_and_its_cache_has_one_order) {
  const Scripted scripted("if [ $encoding = b ]; then exit 1; fi\necho '{\"accuracy\": 0.25}'\n");
  const std::string cache = scripted.folder.file("scores.jsonl");
  scripted.ask({"c", "b"}, cache);
  scripted.ask({"b", "a", "c"}, cache);
  EXPECT_EQ(scripted.asked(), (std::vector<std::string>{"a", "b", "c"}));
  const std::string whole = record::read_file(cache);

  // Killed in the middle of writing: what is whole is kept, the rest is asked for again, the file is the same.
  const std::size_t second = whole.find('\n') + 1;
  record::write_file(cache, whole.substr(second) + whole.substr(0, second - 5));
  const Answers answers = scripted.ask({"a", "b", "c"}, cache);
  EXPECT_EQ(answers[1].failure, "the program exited with status 1");
  EXPECT_EQ(scripted.asked().size(), 4u);
  EXPECT_EQ(record::read_file(cache), whole);
}

TEST(ProgramOracle, what_a_killed_job_left_of_its_candidates_goes_with_the_next) {
  const Scripted scripted("echo '{\"accuracy\": 0.25}'\n");
  const std::string cache = scripted.folder.file("scores.jsonl"), left = cache + ".candidates";
  std::filesystem::create_directories(left + "/lanewise-candidate-abcdef");
  EXPECT_EQ(scripted.ask({"a"}, cache)[0].score, 0.25);
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST(ProgramOracle, another_command_or_network_is_another_answer) {
  Scripted scripted("echo '{\"accuracy\": 0.25}'\n");
  const std::string cache = scripted.folder.file("scores.jsonl");
  scripted.ask({"a"}, cache);
  scripted.settings.words["command"].push_back("--more");
  scripted.ask({"a"}, cache);
  EXPECT_EQ(scripted.asked().size(), 2u);
  static const network::Graph other = testing::mobilenet();
  std::vector<nas::AccuracyQuery> query = queries({"a"});
  query[0].graph = &other;
  make_program_oracle(scripted.settings, {cache, "", {}})->measure(query);
  EXPECT_EQ(scripted.asked().size(), 3u);
  // An engine is part of the question only where a score is one of a design.
  const engine::EngineConfig engine = testing::small_engine();
  query[0].engine = &engine;
  make_program_oracle(scripted.settings, {cache, "", {}})->measure(query);
  EXPECT_EQ(scripted.asked().size(), 3u);
  scripted.settings.texts["per"] = "design";
  make_program_oracle(scripted.settings, {cache, "", {}})->measure(query);
  EXPECT_EQ(scripted.asked().size(), 4u);
}

TEST(ProgramOracle, a_damaged_cache_is_refused_with_its_line) {
  const Scripted scripted("exit 1\n");
  const std::string cache = scripted.folder.file("scores.jsonl");
  record::write_file(cache, "{\"key\":\"k\",\"encoding\":\"a\",\"accuracy\":1}\nhello\n");
  try {
    scripted.ask({"a"}, cache);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind(cache + ":2: must be a line {\"key\": ", 0), 0u) << error.what();
  }
}

TEST(ProgramOracle, what_cannot_be_started_ends_the_job_in_one_line) {
  const ScratchFolder folder;
  try {
    make_program_oracle(settings_of({"lanewise-no-such-program"}, folder.file("")), {})->measure(queries({"a"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "space.yaml:3: key 'accuracy.command': 'lanewise-no-such-program' cannot be started: No "
                 "such file or directory");
  }
}

TEST(ProgramOracle, a_path_from_here_is_told_apart_from_one_beside_the_space) {
  const ScratchFolder folder;
  const std::string here = std::filesystem::relative("examples/own_accuracy.py").string();
  try {
    make_program_oracle(settings_of({"python3", here}, folder.file("")), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'examples/own_accuracy.py' is no file in "), std::string::npos);
  }
}

TEST(ProgramOracle, stops_when_asked_and_leaves_no_program_behind) {
  const Scripted scripted("echo $$ > pid\nsleep 100\n");
  ProgramPlace place;
  place.progress.stopped = [&] { return std::filesystem::exists(scripted.folder.file("pid")); };
  EXPECT_THROW(make_program_oracle(scripted.settings, place)->measure(queries({"a"})), Interrupted);
}

TEST(ProgramOracle, runs_the_example_in_python) {
  if (std::system("python3 -c 'import json' > /dev/null 2>&1") != 0) GTEST_SKIP() << "python3 is not here";
  nas::AccuracySettings settings = settings_of({"python3", "own_accuracy.py"}, "examples");
  const auto oracle = make_program_oracle(settings, {});
  EXPECT_EQ(oracle->name(), "accuracy by the program python3 own_accuracy.py");
  const nas::AccuracyAnswer answer = oracle->measure(queries({"default"})).front();
  EXPECT_EQ(answer.failure, "");
  EXPECT_GT(answer.score, 0.5);
  EXPECT_LT(answer.score, 1);
}

TEST(AccuracyContext, runs_programs_only_where_they_are_allowed) {
  const nas::AccuracySettings settings = settings_of({"sh"}, ".");
  EXPECT_NE(nas::make_accuracy_oracle(settings, {}, accuracy_context(true, {})), nullptr);
  EXPECT_THROW(nas::make_accuracy_oracle(settings, {}, accuracy_context(false, {})), Error);
}

}  // namespace
}  // namespace lanewise::study
