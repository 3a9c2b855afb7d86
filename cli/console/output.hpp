// SPDX-License-Identifier: Apache-2.0
// Where a verb's answer goes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace lanewise::cli {

// What is printed, and where: --json, --csv, --out FILE. docs/cli.md says what the three mean in every verb.
struct OutputOptions {
  bool json = false, csv = false;
  std::string out;  // "": standard output
  void add(CLI::App& verb, bool with_csv, bool with_out = true);
  // Throws Error where --out names a file that emit could not write: before work that takes long.
  void check() const;
  // Calls the one of the three that was asked for and writes its whole text to --out or to standard output. `as_csv`
  // may be empty where --csv is not offered. For people standard output then names each file that was made, those of
  // `made` and --out, with a line "wrote FILE". Throws Error where the text cannot be written.
  void emit(const std::function<std::string()>& as_json, const std::function<std::string()>& as_csv,
            const std::function<std::string()>& as_text, const std::vector<std::string>& made = {}) const;
};

// Throws Error, as writing it would, where `path` names a file that cannot be made: a folder, or a file in a folder
// that is not there. "" names none.
void expect_writable(const std::string& path);

}  // namespace lanewise::cli
