// SPDX-License-Identifier: Apache-2.0
// The command line. Each verb has a file of its own.
#include <CLI/CLI.hpp>
#include <string>

#include "cli/console/run.hpp"
#include "cli/verbs.hpp"
#include "core/base/version.hpp"

int main(int argc, char** argv) {
  CLI::App app{"How fast, how hungry and how big a network is on a neural engine, and which to build instead.",
               "lanewise"};
  app.set_version_flag("--version", std::string("lanewise ") + lanewise::version());
  app.require_subcommand(1);
  app.footer(
      "Example:\n  lanewise simulate mobilenet_v2 --hw ne-256\n"
      "`lanewise VERB --help` explains a verb.");
  for (const auto add_verb : lanewise::cli::kVerbs) add_verb(app);
  return lanewise::cli::run(app, argc, argv);
}
