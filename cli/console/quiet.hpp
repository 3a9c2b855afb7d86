// SPDX-License-Identifier: Apache-2.0
// What programs say beside their answer: warnings and progress, and how they are silenced.
#pragma once

#include <CLI/CLI.hpp>

namespace lanewise::cli {

// Adds --quiet to every verb of the program: with it nothing but an error is written to standard error. What goes to
// standard output is the answer, and stays as it is.
void add_quiet(CLI::App& app);

// Whether --quiet was given. False before the command line is parsed.
bool quiet();

}  // namespace lanewise::cli
