// SPDX-License-Identifier: Apache-2.0
// Every verb and every option that --help shows stands in docs/cli.md.
#include <regex>
#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// The words of the section "Subcommands:" of a help text.
std::vector<std::string> verbs_in(const std::string& help) {
  std::vector<std::string> verbs;
  const std::size_t begin = help.find("Subcommands:\n");
  if (begin == std::string::npos) return verbs;
  std::istringstream lines(help.substr(begin));
  std::string line;
  std::getline(lines, line);
  const std::regex verb("^  ([a-z]+)  +.*");
  for (std::smatch match; std::getline(lines, line) && !line.empty();) {
    if (std::regex_match(line, match, verb)) verbs.push_back(match[1]);
  }
  return verbs;
}

std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> options;
  const std::regex option("(^|\n)  (-[a-zA-Z],)?(--[a-z-]+)");
  for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at) options.insert((*at)[3]);
  return options;
}

void check(const Arguments& verb, const std::string& page, int& options) {
  Arguments arguments = verb;
  arguments.emplace_back("--help");
  const std::string help = run(arguments).out;
  std::string name;
  for (const std::string& word : verb) name += (name.empty() ? "" : " ") + word;
  for (const std::string& option : options_in(help)) {
    if (option == "--help" || option == "--version") continue;
    ++options;
    const std::regex documented(option + "(?![a-z-])");
    EXPECT_TRUE(std::regex_search(page, documented)) << name << " " << option << " is not in docs/cli.md";
  }
  if (!name.empty() && verbs_in(help).empty()) {
    EXPECT_NE(page.find("`" + name), std::string::npos) << name << " is not in docs/cli.md";
  }
  for (const std::string& below : verbs_in(help)) {
    Arguments deeper = verb;
    deeper.push_back(below);
    check(deeper, page, options);
  }
}

TEST(OptionsDocumented, every_option_of_every_verb_stands_in_the_page) {
  int options = 0;
  check({}, text_of("docs/cli.md"), options);
  EXPECT_GT(options, 100);  // the help was read
}

}  // namespace
}  // namespace lanewise::cli::testing
