// SPDX-License-Identifier: Apache-2.0
// The table of lanewise-fit's verbs. A new verb is a file VERB.cpp in this folder that defines its function, a
// declaration and a line of the table here.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/console/run.hpp"

namespace lanewise::fit {

using cli::add_command;

// Each adds one verb to the command line: its options, its help, and what it calls when it is chosen.
void add_train(CLI::App& app);
void add_score(CLI::App& app);
void add_predict(CLI::App& app);
void add_count(CLI::App& app);
void add_supernet(CLI::App& app);
void add_inherit(CLI::App& app);
void add_converge(CLI::App& app);
void add_evolve(CLI::App& app);
void add_compress(CLI::App& app);
void add_completion(CLI::App& app);
void add_manual(CLI::App& app);

// In the order in which the help lists them.
constexpr void (*kVerbs[])(CLI::App&) = {add_train,  add_score, add_predict,  add_supernet,   add_inherit, add_converge,
                                         add_evolve, add_count, add_compress, add_completion, add_manual};

}  // namespace lanewise::fit
