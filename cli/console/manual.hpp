// SPDX-License-Identifier: Apache-2.0
// Pages of the manual, for man, made from the command line's own tree of verbs and options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lanewise::cli {

// The page of the whole program, where `verb` is null, or of one of its verbs together with the verbs below that, in
// roff with the macros of man(7). `date` is what its foot says, "" for nothing.
std::string manual_page(const CLI::App& app, const CLI::App* verb, const std::string& date);

// Adds the verb `manual`, which prints them or writes them all to a folder.
void add_manual_verb(CLI::App& app);

}  // namespace lanewise::cli
