// SPDX-License-Identifier: Apache-2.0
#include "cli/page_option.hpp"

#include <filesystem>

#include "core/base/output_file.hpp"

namespace lanewise::cli {

void PageOption::add(CLI::App& verb) {
  verb.add_option("--report", file, "Also write the answer as one page of HTML, with drawings; it needs no network")
      ->type_name("FILE");
}

void PageOption::check(const OutputOptions& output, const std::vector<std::string>& others,
                       const std::string& folder) const {
  namespace fs = std::filesystem;
  if (!wanted()) return;
  const auto refuse_same = [&](const std::string& path, const char* writer) {
    if (path == file) throw CLI::ValidationError("--report", "'" + file + "' is what " + writer + " writes too");
  };
  refuse_same(output.out, "--out");
  for (const std::string& path : others) refuse_same(path, "another option");
  std::error_code ignored;
  const bool made_later =
      !folder.empty() && !fs::exists(folder, ignored) &&
      (fs::path(file).parent_path() / "").lexically_normal() == (fs::path(folder) / "").lexically_normal();
  if (!made_later) expect_writable(file);
}

void PageOption::write(const char* verb, const std::string& title, const std::function<std::string()>& answer,
                       std::vector<std::string>& made,
                       const std::function<std::vector<report::PageData>()>& more) const {
  if (!wanted()) return;
  write_file(file, report::page(verb, title, answer(), more()));
  made.push_back(file);
}

}  // namespace lanewise::cli
