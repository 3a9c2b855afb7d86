// SPDX-License-Identifier: Apache-2.0
// What a program's `main` does once its verbs are known.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

namespace lanewise::cli {

// Parses the command line and runs the verb that it names. Whatever that throws is caught here, and here only, and
// printed on one line. Returns the status to exit with: 0, 1 for a failure, 2 for a wrong command line, 130 where a
// person interrupted the work.
int run(CLI::App& app, int argc, char** argv);

// Adds the subcommand `name` to `parent`. A Verb is a struct that holds the values of its options; it lives as long as
// the command line, and its run() is called when the subcommand is chosen.
template <class Verb>
std::pair<CLI::App*, std::shared_ptr<Verb>> add_command(CLI::App& parent, const char* name, const char* help) {
  const auto verb = std::make_shared<Verb>();
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([verb] { verb->run(); });
  return {command, verb};
}

}  // namespace lanewise::cli
