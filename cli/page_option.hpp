// SPDX-License-Identifier: Apache-2.0
// --report FILE: the answer of a verb as one page of HTML.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/console/output.hpp"
#include "report/page.hpp"

namespace lanewise::cli {

struct PageOption {
  std::string file;  // "" where no page is wanted
  void add(CLI::App& verb);
  bool wanted() const { return !file.empty(); }
  // Throws Error where the page cannot be written, CLI::ValidationError where the verb writes the same file as
  // something else: before work that takes long. `others`: paths that the verb writes besides --out, "" is none;
  // `folder`: one that the verb makes, where the page may lie too.
  void check(const OutputOptions& output, const std::vector<std::string>& others = {},
             const std::string& folder = "") const;
  // Writes the page of the answer, whole or not at all, where one is wanted, and adds its name to `made`. `answer` is
  // what --json prints, `more` what the page draws besides (report/page.hpp); neither is called where no page is
  // wanted.
  void write(
      const char* verb, const std::string& title, const std::function<std::string()>& answer,
      std::vector<std::string>& made, const std::function<std::vector<report::PageData>()>& more = [] {
        return std::vector<report::PageData>();
      }) const;
};

}  // namespace lanewise::cli
