// SPDX-License-Identifier: Apache-2.0
// The command line. Each verb has a file of its own; what any of them throws is caught and printed here.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "cli/verbs.hpp"
#include "core/base/progress.hpp"
#include "core/base/version.hpp"

namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

int report_error(const std::string& message, int status) {
  std::string line = message;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  line.erase(line.find_last_not_of(' ') + 1);
  std::fprintf(stderr, "lanewise: error: %s\n", line.c_str());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows past its limit fails to be written, and says so
  CLI::App app{"How fast, how hungry and how big a network is on a neural engine, and which to build instead.",
               "lanewise"};
  app.set_version_flag("--version", std::string("lanewise ") + lanewise::version());
  app.require_subcommand(1);
  app.footer(
      "Example:\n  lanewise simulate mobilenet_v2 --hw ne-256\n"
      "`lanewise VERB --help` explains a verb.");
  for (const auto add_verb : lanewise::cli::kVerbs) add_verb(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    // CLI11 asks for a subcommand before it says that it does not know this one.
    if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
      return report_error(std::string("unknown verb '") + argv[1] + "'; `lanewise --help` lists them", kUsage);
    }
    return report_error(error.what(), kUsage);
  } catch (const lanewise::Interrupted& error) {
    return report_error(error.what(), kInterrupted);
  } catch (const std::exception& error) {
    return report_error(error.what(), kFailure);
  }
}
