// SPDX-License-Identifier: Apache-2.0
#include "cli/console/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::cli {

void OutputOptions::add(CLI::App& verb, bool with_csv, bool with_out) {
  CLI::Option* json_flag = verb.add_flag("--json", json, "Print JSON");
  if (with_csv) verb.add_flag("--csv", csv, "Print CSV")->excludes(json_flag);
  if (with_out) verb.add_option("--out", out, "Write to a file instead of standard output")->type_name("FILE");
}

void expect_writable(const std::string& path) {
  namespace fs = std::filesystem;
  if (path.empty()) return;
  std::error_code ignored;
  const auto refuse = [&](int code) { throw Error("cannot write '" + path + "': " + std::strerror(code)); };
  if (fs::is_directory(path, ignored)) refuse(EISDIR);
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::exists(folder, ignored)) refuse(ENOENT);
  if (!folder.empty() && !fs::is_directory(folder, ignored)) refuse(ENOTDIR);
}

void OutputOptions::check() const { expect_writable(out); }

void OutputOptions::emit(const std::function<std::string()>& as_json, const std::function<std::string()>& as_csv,
                         const std::function<std::string()>& as_text, const std::vector<std::string>& made) const {
  // What other programs read holds nothing but printable text by itself.
  std::string text = json ? as_json() : csv ? as_csv() : printable_lines(as_text());
  std::string wrote;
  if (!json && !csv) {
    for (const std::string& file : made) wrote += "wrote " + printable(file) + "\n";
  }
  if (!out.empty()) {
    write_file(out, text);
    text.clear();
    if (!json && !csv) wrote += "wrote " + printable(out) + "\n";
  }
  if (!text.empty() && !wrote.empty()) text += "\n";
  text += wrote;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

}  // namespace lanewise::cli
