// SPDX-License-Identifier: Apache-2.0
// The command line of lanewise-fit. Each verb has a file of its own.
#include <CLI/CLI.hpp>
#include <string>

#include "accuracy/fit/verbs.hpp"
#include "cli/console/run.hpp"
#include "core/base/version.hpp"

int main(int argc, char** argv) {
  CLI::App app{"How good a network is at its task: trained, scored without training, or predicted.", "lanewise-fit"};
  app.set_version_flag("--version", std::string("lanewise-fit ") + lanewise::version());
  app.require_subcommand(1);
  app.footer(
      "Example:\n  lanewise-fit score encodings.csv --space fm28 --csv\n"
      "`lanewise-fit VERB --help` explains a verb.");
  for (const auto add_verb : lanewise::fit::kVerbs) add_verb(app);
  return lanewise::cli::run(app, argc, argv);
}
