// SPDX-License-Identifier: Apache-2.0
// What a shell completes a command line with. Everything is read from the command line's own tree of verbs and options,
// so that a new option is completed, too.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace lanewise::cli {

struct Candidate {
  std::string word, meaning;  // the meaning is one line, "" where there is none
};

// What may stand in the place of a word that is being typed.
struct Completion {
  std::vector<Candidate> words;
  bool files = false, folders = false;  // besides them, paths
  bool open = false;                    // more of the same word follows, as in KEY=: no space goes behind
};

// What a program knows of the values of an option beyond what the tree says: adds to the completion. `typed` is the
// value as far as it is there.
using ValuesOf = std::function<void(const CLI::Option& option, const std::string& typed, Completion& completion)>;

// What may stand in the place of the last of `words`, a command line with the program in front. Words that no verb
// takes are passed over; of a command line that is wrong before its end nothing is said.
Completion complete(const CLI::App& app, const std::vector<std::string>& words, const ValuesOf& values);

// The script that makes `shell`, one of shells(), complete command lines of `program`. Throws Error for another shell.
std::string completion_script(const std::string& program, const std::string& shell);
const std::vector<std::string>& shells();

// Adds the verb `completion`, which prints the scripts and answers them.
void add_completion_verb(CLI::App& app, ValuesOf values);

}  // namespace lanewise::cli
