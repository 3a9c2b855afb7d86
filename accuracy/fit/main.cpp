// SPDX-License-Identifier: Apache-2.0
// The command line of lanewise-fit. Each verb has a file of its own.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "accuracy/fit/verbs.hpp"
#include "cli/console/run.hpp"
#include "core/base/version.hpp"

namespace {

// A search that is killed can end nobody. It says who it is to the programs that it starts, and this one then ends with
// it, so that nothing trains on in a folder in which the search's next run trains.
void end_with_search() {
  const char* const search = std::getenv("LANEWISE_PARENT");
  const long pid = search == nullptr ? 0 : std::strtol(search, nullptr, 10);
  if (pid <= 0) return;
  if (::getppid() == pid) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have gone before the line above.
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) ::_exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  end_with_search();
  CLI::App app{"How good a network is at its task: trained, scored without training, or predicted.", "lanewise-fit"};
  app.set_version_flag("--version", std::string("lanewise-fit ") + lanewise::version());
  app.require_subcommand(1);
  app.footer(
      "Example:\n  lanewise-fit score encodings.csv --space fm28 --csv\n"
      "`lanewise-fit VERB --help` explains a verb.");
  for (const auto add_verb : lanewise::fit::kVerbs) add_verb(app);
  return lanewise::cli::run(app, argc, argv);
}
