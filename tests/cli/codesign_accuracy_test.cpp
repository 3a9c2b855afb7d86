// SPDX-License-Identifier: Apache-2.0
// Codesign with measured accuracy: from a table, and from a person's own program in Python.
#include <cstdlib>
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// An estimator that the tests below search under, made once.
const std::string& trained() {
  static const ScratchFolder folder;
  static const std::string model = [] {
    EXPECT_EQ(run({"measure", kMobileNet, "--hw", kEngine, "--rows", "300", "--engines", "8", "--seed", "3", "--out",
                   folder.file("a")})
                  .status,
              0);
    const Finished train = run({"train", folder.file("a"), "--out", folder.file("ne.lwm"), "--trees", "20", "--depth",
                                "4", "--interval-folds", "0", "--quick"});
    EXPECT_EQ(train.status, 0) << train.err;
    return folder.file("ne.lwm");
  }();
  return model;
}

// NAS-Bench-Macro's space, whose encodings are eight digits, with an accuracy of its own.
std::string space(const ScratchFolder& folder, const std::string& accuracy) {
  return folder.write("space.yaml", text_of("spaces/nas-bench-macro.yaml") + "\naccuracy: " + accuracy + "\n");
}

Arguments codesign(const std::string& space, const std::string& out, const Arguments& more = {}) {
  Arguments arguments = {"codesign",
                         "--space",
                         space,
                         "--hw",
                         kEngine,
                         "--estimator",
                         trained(),
                         "--out",
                         out,
                         "--objectives",
                         "latency_ms,accuracy",
                         "--population",
                         "8",
                         "--generations",
                         "2",
                         "--finalists",
                         "2",
                         "--rounds",
                         "0",
                         "--simulations",
                         "2",
                         "--seed",
                         "5"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A made-up accuracy: larger layers are better, later ones more so.
double accuracy_of(const std::string& encoding) {
  double sum = 50;
  for (std::size_t i = 0; i < encoding.size(); ++i) sum += (encoding[i] - '0') * (1.0 + 0.25 * static_cast<double>(i));
  return sum;
}

std::vector<std::string> all_encodings() {
  std::vector<std::string> all = {""};
  for (int digit = 0; digit < 8; ++digit) {
    std::vector<std::string> longer;
    for (const std::string& text : all) {
      for (const char* value : {"0", "1", "2"}) longer.push_back(text + value);
    }
    all = std::move(longer);
  }
  return all;
}

// Rows of several seeds for the encodings that `has` keeps.
std::string table(bool (*has)(const std::string&)) {
  std::string text = "arch;seed;mean acc\n";
  for (const std::string& encoding : all_encodings()) {
    if (!has(encoding)) continue;
    for (int seed = -1; seed <= 1; ++seed) {
      text += encoding + ";" + std::to_string(seed) + ";" + std::to_string(accuracy_of(encoding) + 0.5 * seed) + "\n";
    }
  }
  return text;
}

// Every design of history.csv by its encoding: the accuracy, "" where there is none.
std::map<std::string, std::string> accuracies(const std::string& folder) {
  std::istringstream text(text_of(folder + "/history.csv"));
  const auto cells = [](const std::string& line) {
    std::vector<std::string> out(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == ',' && !quoted) {
        out.emplace_back();
      } else if (c != '"') {
        out.back() += c;
      }
    }
    return out;
  };
  std::string line;
  std::getline(text, line);
  const std::vector<std::string> header = cells(line);
  const auto column = [&](const char* name) {
    const auto found = std::find(header.begin(), header.end(), name);
    EXPECT_NE(found, header.end()) << name << " in " << line;
    return static_cast<std::size_t>(found - header.begin());
  };
  const std::size_t encoding = column("encoding"), accuracy = column("accuracy");
  std::map<std::string, std::string> out;
  while (std::getline(text, line)) {
    const std::vector<std::string> row = cells(line);
    out[row.at(encoding)] = row.at(accuracy);
  }
  return out;
}

TEST(CodesignAccuracy, comes_from_a_table_with_the_seeds_of_a_network_averaged) {
  const ScratchFolder folder;
  folder.write("scores.csv", table([](const std::string&) { return true; }));
  const std::string file = space(folder, "{table: scores.csv, key: arch, value: mean acc}");
  const Finished finished = run(codesign(file, folder.file("out"), {"--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  EXPECT_NE(result.at("constraint").get<std::string>().find("6561 encodings in 19683 rows"), std::string::npos);
  EXPECT_EQ(result.at("without_accuracy"), Json::object());
  const auto priced = accuracies(folder.file("out"));
  EXPECT_GT(priced.size(), 10u);
  for (const auto& [encoding, accuracy] : priced) {
    EXPECT_NEAR(std::stod(accuracy), accuracy_of(encoding), 1e-5) << encoding;
  }
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_NEAR(finalist.at("accuracy").get<double>(), accuracy_of(finalist.at("encoding").get<std::string>()), 1e-5);
  }
  // The settings that it leaves are the whole job.
  const Finished again = run({"codesign", "--job", folder.file("out/settings.yaml"), "--out", folder.file("again")});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(text_of(folder.file("again/history.csv")), text_of(folder.file("out/history.csv")));
}

TEST(CodesignAccuracy, a_score_of_the_graph_stands_in_for_it_and_is_not_called_accuracy) {
  const ScratchFolder folder;
  const std::string file = space(folder, "{score: macs}");
  const Finished finished = run(codesign(file, folder.file("out"), {"--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_EQ(finalist.at("accuracy").get<double>(), finalist.at("predicted").at("macs").get<double>());
  }
  EXPECT_NE(result.at("constraint").get<std::string>().find("macs"), std::string::npos);
  EXPECT_EQ(result.at("cost").at("accuracy").at("by"), "score");
  const Finished refused = run(codesign(space(folder, "{score: mcas}"), folder.file("none")));
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("accuracy.score"), std::string::npos) << refused.err;
}

TEST(CodesignAccuracy, a_limit_on_it_is_kept_by_every_finalist) {
  const ScratchFolder folder;
  folder.write("scores.csv", table([](const std::string&) { return true; }));
  const std::string file = space(folder, "{table: scores.csv, key: arch, value: mean acc}");
  const Finished finished = run(codesign(file, folder.file("out"), {"--json", "--limit", "accuracy>=62"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) EXPECT_GE(finalist.at("accuracy").get<double>(), 62);
}

TEST(CodesignAccuracy, networks_that_a_table_lacks_are_infeasible_and_counted) {
  const ScratchFolder folder;
  folder.write("scores.csv", table([](const std::string& encoding) { return encoding[7] != '2'; }));
  const std::string file = space(folder, "{table: scores.csv, key: arch, value: mean acc}");
  const Finished finished = run(codesign(file, folder.file("out"), {"--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  std::int64_t missing = 0;
  for (const auto& [encoding, accuracy] : accuracies(folder.file("out"))) {
    EXPECT_EQ(accuracy.empty(), encoding[7] == '2') << encoding;
    missing += accuracy.empty() ? 1 : 0;
  }
  EXPECT_GT(missing, 0);
  ASSERT_EQ(result.at("without_accuracy").size(), 1u);
  EXPECT_EQ(result.at("without_accuracy").begin().value().get<std::int64_t>(), missing);
  EXPECT_EQ(result.at("cannot_run"), 0);
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_NE(finalist.at("encoding").get<std::string>()[7], '2');
  }
}

TEST(CodesignAccuracy, a_table_with_other_scores_is_another_job) {
  const ScratchFolder folder;
  folder.write("scores.csv", table([](const std::string&) { return true; }));
  const std::string file = space(folder, "{table: scores.csv, key: arch, value: mean acc}");
  ASSERT_EQ(run(codesign(file, folder.file("out"))).status, 0);
  folder.write("scores.csv", table([](const std::string& encoding) { return encoding[0] != '2'; }));
  expect_refused(codesign(file, folder.file("out")), 1, {"settings.yaml", "made_from.accuracy", "4374 encodings"});
}

TEST(CodesignAccuracy, a_table_that_cannot_be_read_is_one_line_before_any_work) {
  const ScratchFolder folder;
  folder.write("scores.csv", "arch,acc\n00000000,1\n0000,2\n");
  const auto refused = [&](const std::string& accuracy, const std::vector<std::string>& named) {
    expect_refused(codesign(space(folder, accuracy), folder.file("out")), 1, named);
  };
  refused("{table: none.csv, key: arch, value: acc}", {"none.csv"});
  refused("{table: scores.csv, key: arc, value: acc}", {"scores.csv", "column 'arc'", "did you mean 'arch'"});
  refused("{table: scores.csv, value: acc}", {"scores.csv", "column 'encoding'", "arch, acc"});
  refused("{table: scores.csv, key: acc, value: acc}", {"scores.csv:2", "column 'acc'"});  // no encodings
  refused("{table: scores.csv}", {"space.yaml", "accuracy.value", "missing"});
  EXPECT_FALSE(std::filesystem::exists(folder.file("out")));
}

TEST(CodesignAccuracy, a_program_runs_only_where_it_is_allowed) {
  const ScratchFolder folder;
  expect_refused(codesign(space(folder, "{command: [sh, -c, 'touch ran']}"), folder.file("out")), 1,
                 {"space.yaml:", "accuracy.command", "--allow-commands"});
  EXPECT_FALSE(std::filesystem::exists(folder.file("ran")));
}

TEST(CodesignAccuracy, comes_from_a_program_in_python_that_is_asked_once_for_each_network) {
  if (std::system("python3 -c 'import json' > /dev/null 2>&1") != 0) GTEST_SKIP() << "python3 is not here";
  const ScratchFolder folder;
  folder.write("score.py",
               "import json, sys\n"
               "candidate = json.load(sys.stdin)\n"
               "code = candidate['encoding']\n"
               "open('asked', 'a').write(code + '\\n')\n"
               "assert open(candidate['onnx'], 'rb').read(1)\n"
               "if code[7] == '2': sys.exit('no memory')\n"
               "print('training')\n"
               "print(json.dumps({'accuracy': 50 + sum(int(d) * (1 + 0.25 * i) for i, d in enumerate(code))}))\n");
  const std::string file = space(folder, "{command: python3 score.py, jobs: 2, timeout: 60 s}");
  const Arguments command = codesign(file, folder.file("out"), {"--json", "--allow-commands"});
  const Finished finished = run(command);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto priced = accuracies(folder.file("out"));
  for (const auto& [encoding, accuracy] : priced) {
    if (encoding[7] == '2') {
      EXPECT_EQ(accuracy, "") << encoding;
    } else {
      EXPECT_NEAR(std::stod(accuracy), accuracy_of(encoding), 1e-9) << encoding;
    }
  }
  const std::string asked = text_of(folder.file("asked"));
  EXPECT_EQ(std::count(asked.begin(), asked.end(), '\n'), static_cast<std::ptrdiff_t>(priced.size()));
  const Json without = Json::parse(finished.out).at("without_accuracy");
  for (const auto& [cause, count] : without.items()) {
    EXPECT_EQ(cause, "the program exited with status 1: no memory");
  }
  // More of the search asks for what is new alone.
  Arguments more = command;
  *std::find(more.begin(), more.end(), "2") = "3";
  ASSERT_EQ(run(more).status, 0);
  const auto all = accuracies(folder.file("out"));
  EXPECT_GT(all.size(), priced.size());
  const std::string later = text_of(folder.file("asked"));
  EXPECT_EQ(std::count(later.begin(), later.end(), '\n'), static_cast<std::ptrdiff_t>(all.size()));
}

TEST(CodesignAccuracy, with_halving_the_program_is_asked_about_the_last_few_alone) {
  const ScratchFolder folder;
  folder.write("score.sh",
               "code=$(sed -n 's/^ *\"encoding\": \"\\(.*\\)\",$/\\1/p')\necho $code >> asked\n"
               "echo \"{\\\"accuracy\\\": 0.$code}\"\n");
  const std::string file = space(folder, "{command: [sh, score.sh], jobs: 2}");
  const Arguments command = codesign(file, folder.file("out"), {"--json", "--allow-commands", "--halving", "12,6,3"});
  const Finished finished = run(command);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  const Json& halving = result.at("halving");
  ASSERT_EQ(halving.size(), 3u);
  EXPECT_EQ(halving[0].at("candidates"), 12);
  EXPECT_EQ(halving[1].at("candidates"), 6);
  EXPECT_EQ(halving[1].at("left_out"), 6);
  EXPECT_EQ(halving[2].at("candidates"), 3);
  const std::string asked = text_of(folder.file("asked"));
  EXPECT_EQ(std::count(asked.begin(), asked.end(), '\n'), 3) << asked;
  ASSERT_EQ(result.at("finalists").size(), 2u);
  for (const Json& finalist : result.at("finalists")) {
    const std::string encoding = finalist.at("encoding");
    EXPECT_NE(asked.find(encoding), std::string::npos);
    EXPECT_EQ(finalist.at("accuracy").get<double>(), std::stod("0." + encoding));
  }
  const std::string before = text_of(folder.file("out/result.json"));
  EXPECT_EQ(run(command).status, 0);  // a finished job is not done again
  EXPECT_EQ(text_of(folder.file("out/result.json")), before);
  EXPECT_EQ(text_of(folder.file("asked")), asked);
  expect_refused(codesign(file, folder.file("b"), {"--allow-commands", "--halving", "3,6,12"}), 1, {"3,6,12"});
  expect_refused(codesign(file, folder.file("b"), {"--allow-commands", "--halving", "12,6"}), 1, {"'12,6'", "64,16,4"});
}

TEST(CodesignAccuracy, a_program_that_never_answers_leaves_no_design_and_says_why) {
  const ScratchFolder folder;
  const std::string file = space(folder, "{command: [sh, -c, 'exit 3']}");
  const Finished finished = run(codesign(file, folder.file("out"), {"--allow-commands"}));
  EXPECT_NE((finished.out + finished.err).find("the program exited with status 3"), std::string::npos)
      << finished.out << finished.err;
}

}  // namespace
}  // namespace lanewise::cli::testing
