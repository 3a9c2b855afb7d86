// SPDX-License-Identifier: Apache-2.0
// Every verb of lanewise-fit has a section of docs/lanewise-fit.md, and every option that its help shows stands there.
#include <regex>
#include <set>

#include "tests/accuracy/fit/fit_command.hpp"

namespace lanewise::cli::testing {
namespace {

std::vector<std::string> verbs() {
  const std::string help = run_fit({"--help"}).out;
  std::vector<std::string> found;
  std::istringstream lines(help.substr(std::min(help.size(), help.find("Subcommands:\n"))));
  const std::regex verb("^  ([a-z]+)  +.*");
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, verb)) found.push_back(match[1]);
  }
  return found;
}

// The section "## VERB" of the page.
std::string section(const std::string& page, const std::string& verb) {
  const std::size_t begin = page.find("\n## " + verb + "\n");
  if (begin == std::string::npos) return "";
  return page.substr(begin, page.find("\n## ", begin + 1) - begin);
}

TEST(FitHelp, every_option_of_every_verb_stands_in_its_section) {
  const std::string page = text_of("docs/lanewise-fit.md");
  const std::vector<std::string> all = verbs();
  EXPECT_GE(all.size(), 3u);
  for (const std::string& verb : all) {
    const std::string documented = section(page, verb), help = run_fit({verb, "--help"}).out;
    EXPECT_NE(documented, "") << verb << " has no section";
    EXPECT_NE(help.find("Example:\n  lanewise-fit " + verb), std::string::npos) << verb << " has no example";
    const std::regex option("(^|\n)  (-[a-zA-Z],)?(--[a-z-]+)");
    for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at) {
      const std::string name = (*at)[3];
      if (name == "--help") continue;
      EXPECT_TRUE(std::regex_search(documented, std::regex(name + "(?![a-z-])"))) << verb << " " << name;
    }
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
