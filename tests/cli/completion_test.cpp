// SPDX-License-Identifier: Apache-2.0
// What shells complete command lines with, asked in the shells themselves.
#include <map>
#include <regex>
#include <set>

#include "core/engine/parameter_table.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;
using Words = std::set<std::string>;

// Path of a program; "" where it is not installed.
std::string installed(const std::string& program) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(folder + "/" + program)) return folder + "/" + program;
  }
  return "";
}

// What a shell offers for each of the command lines.
std::vector<Words> offered(const std::string& shell, const std::vector<std::string>& lines) {
  const ScratchFolder scratch;
  const Finished script = run({"completion", shell});
  EXPECT_EQ(script.status, 0) << script.err;
  const std::string source = scratch.write("script", script.out), out = scratch.file("out");
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const std::string asked = scratch.write("lines", text), folder = "tests/cli/completion/";
  const Finished finished =
      shell == "fish" ? Running({"--no-config", folder + "in_fish.fish", source, asked, out}, installed("fish")).wait()
                      : Running({"-f", folder + "in_terminal.zsh", shell, source, asked, out}, installed("zsh")).wait();
  EXPECT_EQ(finished.status, 0) << finished.err;
  std::vector<Words> all(1);
  std::istringstream words(text_of(out));
  for (std::string word; std::getline(words, word);) {
    if (word == "=end=") {
      all.emplace_back();
    } else {
      all.back().insert(word);
    }
  }
  all.pop_back();
  EXPECT_EQ(all.size(), lines.size()) << shell;
  all.resize(lines.size());
  return all;
}

// What --help of a verb says.
struct Help {
  Words verbs, options;
  std::map<std::string, Words> choices;  // by option
};

Help help_of(const Arguments& verb) {
  Arguments arguments = verb;
  arguments.emplace_back("--help");
  const std::string text = run(arguments).out;
  Help help;
  const std::regex option(R"((^|\n)  (-[a-zA-Z]),?(--[a-z-]+)?|(^|\n)  (--[a-z-]+)(?: [A-Z]+:\{([a-z0-9_,]+)\})?)");
  for (std::sregex_iterator at(text.begin(), text.end(), option), end; at != end; ++at) {
    for (const int group : {2, 3, 5}) {
      if ((*at)[group].matched) help.options.insert((*at)[group]);
    }
    if (!(*at)[6].matched) continue;
    std::istringstream choices((*at)[6]);
    for (std::string choice; std::getline(choices, choice, ',');) help.choices[(*at)[5]].insert(choice);
  }
  const std::size_t below = text.find("Subcommands:\n");
  if (below == std::string::npos) return help;
  const std::regex name("(^|\n)  ([a-z]+)  ");
  const std::string rest = text.substr(below);
  for (std::sregex_iterator at(rest.begin(), rest.end(), name), end; at != end; ++at) help.verbs.insert((*at)[2]);
  return help;
}

void help_of_all(const Arguments& verb, std::map<std::string, Help>& all) {
  std::string line = "lanewise";
  for (const std::string& word : verb) line += " " + word;
  const Help help = help_of(verb);
  all[line] = help;
  for (const std::string& below : help.verbs) {
    Arguments deeper = verb;
    deeper.push_back(below);
    help_of_all(deeper, all);
  }
}

Words stems(const std::string& folder) {
  Words names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string suffix = entry.path().extension();
    if (suffix == ".yaml" || suffix == ".onnx" || suffix == ".tflite") names.insert(entry.path().stem());
  }
  return names;
}

class Completion : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string path = std::string(LANEWISE_BINARY_DIR) + ":" + std::getenv("PATH");
    ::setenv("PATH", path.c_str(), 1);
    for (const std::string shell : {"zsh", GetParam()}) {
      if (installed(shell).empty()) GTEST_SKIP() << shell << " is not installed";
    }
  }

  // In bash a word ends at =, and what is offered begins behind it.
  std::string behind_equals(const std::string& word) const {
    return GetParam() == std::string("bash") ? word.substr(word.rfind('=') + 1) : word;
  }
};

TEST_P(Completion, offers_every_verb_and_option_that_help_shows) {
  std::map<std::string, Help> all;
  help_of_all({}, all);
  EXPECT_GT(all.size(), 30u);
  std::vector<std::string> lines;
  for (const auto& [line, help] : all) lines.insert(lines.end(), {line + " -", line + " "});
  const std::vector<Words> words = offered(GetParam(), lines);
  std::size_t at = 0;
  for (const auto& [line, help] : all) {
    EXPECT_EQ(words[at], help.options) << line;
    for (const std::string& verb : help.verbs) EXPECT_EQ(words[at + 1].count(verb), 1u) << line << " " << verb;
    at += 2;
  }
}

TEST_P(Completion, offers_the_choices_that_help_shows) {
  std::map<std::string, Help> all;
  help_of_all({}, all);
  std::vector<std::string> lines;
  std::vector<Words> choices;
  for (const auto& [line, help] : all) {
    for (const auto& [option, values] : help.choices) {
      lines.push_back(line + " " + option + " ");
      choices.push_back(values);
      lines.push_back(line + " " + option + "=" + values.begin()->substr(0, 1));
      Words begun;
      for (const std::string& value : values) {
        if (value.front() == values.begin()->front()) begun.insert(behind_equals(option + "=" + value));
      }
      choices.push_back(begun);
    }
  }
  EXPECT_GE(lines.size(), 16u);
  const std::vector<Words> words = offered(GetParam(), lines);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(words[i], choices[i]) << lines[i];
}

TEST_P(Completion, offers_names_of_what_comes_with_the_tool) {
  const std::vector<std::pair<std::string, std::string>> asked = {{"lanewise simulate ", "models"},
                                                                  {"lanewise simulate ", "workloads"},
                                                                  {"lanewise simulate mobilenet_v2 ", "models"},
                                                                  {"lanewise simulate mobilenet_v2 --hw ", "hwconfigs"},
                                                                  {"lanewise codesign --space ", "spaces"},
                                                                  {"lanewise measure --campaign ", "campaigns"},
                                                                  {"lanewise space show ", "spaces"},
                                                                  {"lanewise compare ", "hwconfigs"},
                                                                  {"lanewise compare ne-256 ", "hwconfigs"},
                                                                  {"lanewise apply mobilenet_v2 --hw ", "hwconfigs"}};
  std::vector<std::string> lines;
  for (const auto& [line, folder] : asked) lines.push_back(line);
  const std::vector<Words> words = offered(GetParam(), lines);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Words names = stems(asked[i].second);
    EXPECT_GE(names.size(), 2u);
    for (const std::string& name : names) EXPECT_EQ(words[i].count(name), 1u) << lines[i] << name;
  }
}

TEST_P(Completion, offers_keys_of_engines_and_their_values) {
  const std::vector<Words> words = offered(
      GetParam(), {"lanewise simulate mobilenet_v2 --set ", "lanewise sweep mobilenet_v2 --vary ",
                   "lanewise simulate mobilenet_v2 --set mapping.plan_for=e",
                   "lanewise sweep mobilenet_v2 --vary mapping.plan_for=latency,e",
                   "lanewise simulate mobilenet_v2 --set mapping.cascade=", "lanewise engine fit rows.csv --fit ",
                   "lanewise simulate mobilenet_v2 --plan-for ", "lanewise simulate mobilenet_v2 --effort "});
  for (const engine::Parameter& parameter : engine::parameter_table()) {
    const std::string key = parameter.key;
    EXPECT_EQ(words[0].count(key + "="), 1u) << key;
    EXPECT_EQ(words[1].count(key + "="), 1u) << key;
    EXPECT_EQ(words[5].count(key), 1u) << key;
  }
  EXPECT_EQ(words[0].count("batch="), 0u);
  EXPECT_EQ(words[1].count("batch="), 1u);
  EXPECT_EQ(words[2], Words{behind_equals("mapping.plan_for=energy")});
  EXPECT_EQ(words[3], Words{behind_equals("mapping.plan_for=latency,energy")});
  EXPECT_EQ(words[4], (Words{behind_equals("mapping.cascade=true"), behind_equals("mapping.cascade=false")}));
  EXPECT_EQ(words[6], (Words{"latency", "energy", "dram"}));
  EXPECT_EQ(words[7], (Words{"0", "1", "2", "3", "4"}));
}

TEST_P(Completion, offers_files_and_folders_where_such_are_taken) {
  const ScratchFolder scratch;
  scratch.write("rows.csv", "");
  fs::create_directory(scratch.file("results"));
  const std::string begun = scratch.file("r");
  const std::vector<Words> words = offered(
      GetParam(), {"lanewise validate " + begun, "lanewise codesign --out " + begun,
                   "lanewise simulate mobilenet_v2 --seconds", "lanewise simulate mobilenet_v2 --trace=" + begun});
  const auto holds = [&](const Words& all, const std::string& end) {
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& word) { return word.find(end) != std::string::npos; });
  };
  EXPECT_TRUE(holds(words[0], "rows.csv"));
  EXPECT_FALSE(holds(words[1], "rows.csv"));
  EXPECT_TRUE(holds(words[1], "results"));
  EXPECT_TRUE(words[2].empty());
  EXPECT_TRUE(holds(words[3], "rows.csv"));
}

TEST_P(Completion, leaves_out_what_no_longer_goes) {
  const std::vector<Words> words =
      offered(GetParam(), {"lanewise simulate mobilenet_v2 --hw ne-256 --json --", "lanewise fly ",
                           "lanewise simulate mobilenet_v2 --set a=1 --s", "lanewise simulate -- --"});
  for (const char* gone : {"--hw", "--json", "--csv"}) EXPECT_EQ(words[0].count(gone), 0u) << gone;
  EXPECT_EQ(words[0].count("--out"), 1u);
  EXPECT_EQ(words[2].count("--set"), 1u);  // may be given again
  EXPECT_EQ(words[3].count("--hw"), 0u);
}

INSTANTIATE_TEST_SUITE_P(Shells, Completion, ::testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return std::string(shell.param); });

TEST(CompletionVerb, prints_scripts_and_refuses_other_shells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Finished script = run({"completion", shell});
    EXPECT_EQ(script.status, 0);
    EXPECT_NE(script.out.find(std::string("lanewise completion ") + shell), std::string::npos);
    EXPECT_EQ(script.out.find('@' + std::string("program")), std::string::npos);
  }
  expect_refused({"completion", "tcsh"}, 2, {"tcsh"});
  expect_refused({"completion"}, 2, {"SHELL"});
}

}  // namespace
}  // namespace lanewise::cli::testing
