// SPDX-License-Identifier: Apache-2.0
// The pages of the manual: complete, in the sections that such pages have, and without a word that formatters stumble
// over.
#include <regex>
#include <set>

#include "core/base/version.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pages_in(const std::string& folder) {
  std::vector<std::string> pages;
  for (const auto& entry : fs::directory_iterator(folder)) pages.push_back(entry.path());
  std::sort(pages.begin(), pages.end());
  return pages;
}

// What a command of the shell prints on both outputs.
std::string shell(const std::string& command) {
  const Finished finished = Running({"-c", command + " 2>&1"}, "/bin/sh").wait();
  return finished.out + (finished.status == 0 ? "" : "exit " + std::to_string(finished.status));
}

bool installed(const std::string& program) { return shell("command -v " + program).find('/') != std::string::npos; }

// A page as people read it, without what makes letters bold.
std::string read_page(const std::string& page) {
  return shell("MANWIDTH=100 LC_ALL=C.UTF-8 man --encoding=UTF-8 -P cat -l " + page + " | sed 's/.\\x08//g'");
}

std::set<std::string> words_of(const std::string& text, const std::string& pattern) {
  std::set<std::string> words;
  const std::regex word(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) words.insert((*at)[1]);
  return words;
}

class Manual : public ::testing::Test {
 protected:
  void SetUp() override {
    const Finished written = run({"manual", "--out", scratch_.file("man"), "--date", "2026-11-29"});
    ASSERT_EQ(written.status, 0) << written.err;
    pages_ = pages_in(scratch_.file("man"));
    EXPECT_EQ(static_cast<std::size_t>(std::count(written.out.begin(), written.out.end(), '\n')), pages_.size());
  }

  ScratchFolder scratch_;
  std::vector<std::string> pages_;
};

TEST_F(Manual, has_a_page_for_the_program_and_for_every_verb) {
  const std::string help = run({"--help"}).out;
  const auto verbs = words_of(help.substr(help.find("Subcommands:")), R"(\n  ([a-z]+)  )");
  EXPECT_GT(verbs.size(), 20u);
  std::set<std::string> names = {"lanewise.1"}, found;
  for (const std::string& verb : verbs) names.insert("lanewise-" + verb + ".1");
  for (const std::string& page : pages_) found.insert(fs::path(page).filename());
  EXPECT_EQ(found, names);
  EXPECT_EQ(run({"manual", "sweep", "--date", "2026-11-29"}).out, text_of(scratch_.file("man") + "/lanewise-sweep.1"));
}

TEST_F(Manual, is_read_by_every_formatter_without_a_warning) {
  for (const std::string& page : pages_) {
    if (installed("man")) {
      EXPECT_EQ(shell("LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z " + page + " >/dev/null"), "") << page;
    }
    if (installed("mandoc")) {
      EXPECT_EQ(shell("mandoc -Tlint -Wwarning " + page), "") << page;
    }
    if (installed("groff")) {
      EXPECT_EQ(shell("groff -ww -man -Tutf8 " + page + " >/dev/null"), "") << page;
    }
  }
  if (!installed("man") && !installed("mandoc") && !installed("groff")) GTEST_SKIP() << "no formatter is installed";
}

TEST_F(Manual, has_the_sections_that_pages_have_and_every_option_of_help) {
  if (!installed("man")) GTEST_SKIP() << "man is not installed";
  for (const std::string& page : pages_) {
    const std::string text = read_page(page);
    std::string verb = fs::path(page).stem();
    for (const char* section : {"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "FILES", "SEE ALSO"}) {
      EXPECT_NE(text.find(std::string("\n") + section + "\n"), std::string::npos) << page << " " << section;
    }
    EXPECT_NE(text.find(verb + " - "), std::string::npos) << page;
    EXPECT_NE(text.find(std::string("lanewise ") + version()), std::string::npos) << page;
    EXPECT_NE(text.find("2026-11-29"), std::string::npos) << page;
    Arguments words;
    if (verb != "lanewise") words.push_back(verb.substr(std::string("lanewise-").size()));
    words.emplace_back("--help");
    for (const std::string& option : words_of(run(words).out, R"(\n  (?:-[a-z],)?(--[a-z-]+))")) {
      EXPECT_TRUE(std::regex_search(text, std::regex("\n +(-[a-z], )?" + option + "[ \n]"))) << page << " " << option;
    }
  }
}

TEST_F(Manual, of_a_group_holds_the_verbs_below_it) {
  if (!installed("man")) GTEST_SKIP() << "man is not installed";
  const std::string text = read_page(scratch_.file("man") + "/lanewise-store.1");
  for (const char* verb : {"lanewise store merge", "lanewise store show", "lanewise store export"}) {
    EXPECT_NE(text.find(verb), std::string::npos) << verb;
  }
  for (const char* option : {"--features", "--text-columns", "--out FOLDER"}) {
    EXPECT_NE(text.find(option), std::string::npos) << option;
  }
}

// Examples are long, and cut into lines that a shell reads as the same words.
TEST_F(Manual, examples_are_what_help_shows) {
  if (!installed("man")) GTEST_SKIP() << "man is not installed";
  std::string page = read_page(scratch_.file("man") + "/lanewise-sweep.1");
  std::string help = run({"sweep", "--help"}).out;
  const auto joined = [](std::string text) {
    text = std::regex_replace(text, std::regex("\\\\\n *"), "");
    return std::regex_replace(text, std::regex(" +"), " ");
  };
  page = joined(page);
  help = joined(help);
  const auto commands = words_of(help, R"(\n (lanewise sweep [^\n]+))");
  EXPECT_EQ(commands.size(), 3u);
  for (const std::string& command : commands) EXPECT_NE(page.find(command), std::string::npos) << command;
}

TEST(ManualVerb, refuses_what_it_has_no_page_of) {
  expect_refused({"manual", "fly"}, 1, {"fly", "simulate"});
  expect_refused({"manual", "sweep", "--out", "nowhere"}, 1, {"--out"});
  expect_refused({"manual", "--date", "yesterday"}, 2, {"--date", "yesterday"});
}

}  // namespace
}  // namespace lanewise::cli::testing
