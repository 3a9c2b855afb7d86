// SPDX-License-Identifier: Apache-2.0
#include "cli/file_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"

namespace lanewise::cli {
namespace {

std::string first_bytes(const std::string& path) {
  constexpr std::size_t kBytes = 32;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return "";
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kBytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

bool begins(const std::string& text, const std::string& with) { return text.compare(0, with.size(), with) == 0; }

// What each kind is called, and the option that takes it.
struct KindText {
  const char* is;
  const char* goes;
};
KindText text_of(FileKind kind) {
  switch (kind) {
    case FileKind::kNetwork:
      return {"a network", "networks are given as MODEL"};
    case FileKind::kYaml:
      return {"a YAML file", "engines are given with --hw, campaigns with --campaign, spaces with --space"};
    case FileKind::kStore:
      return {"a store of measurements", "`store show`, `train` and `evaluate` read it"};
    case FileKind::kEstimator:
      return {"an estimator", "estimators are given with --estimator"};
    case FileKind::kTable:
      return {"a CSV file", "`validate`, `engine fit` and `train --adapt` read measured rows"};
    case FileKind::kUnknown:
      break;
  }
  return {"a file of an unknown kind", ""};
}

void expect(const std::string& option, const std::string& path, FileKind wanted, const char* name) {
  const FileKind kind = kind_of_file(path);
  if (kind == FileKind::kUnknown || kind == wanted) return;
  const KindText text = text_of(kind);
  throw Error(fmt::format("{} {}: is {}, must be {}; {}", option, path, text.is, name, text.goes));
}

bool is_unit(const std::string& word) {
  static constexpr const char* kUnits[] = {"B",   "KiB", "MiB",  "GiB", "B/cycle", "MB/s", "GB/s", "Hz",
                                           "kHz", "MHz", "GHz",  "ns",  "us",      "ms",   "s",    "cycles",
                                           "fJ",  "pJ",  "pJ/B", "uW",  "mW",      "W",    "um2",  "mm2"};
  const std::string first = word.substr(0, word.find(','));
  return std::find(std::begin(kUnits), std::end(kUnits), first) != std::end(kUnits);
}

bool is_number(const std::string& word) {
  return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0 &&
         word.find_first_not_of("0123456789.,") == std::string::npos;
}

// A word of another option that a space made a MODEL.
std::string meant_otherwise(const std::string& name) {
  if (is_number(name)) {
    return fmt::format("MODEL '{}': no such network; values of one option are separated by commas: --vary KEY=8,16,32",
                       name);
  }
  if (is_unit(name)) {
    return fmt::format("MODEL '{}': no such network; a value with a space needs quotes: --set \"KEY=6.4 GB/s\"", name);
  }
  return "";
}

}  // namespace

FileKind kind_of_file(const std::string& path) {
  const std::string bytes = first_bytes(path);
  if (begins(bytes, "SQLite format 3")) return FileKind::kStore;
  if (begins(bytes, "lanewise-estimator ")) return FileKind::kEstimator;
  std::string suffix = std::filesystem::path(path).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (suffix == ".onnx" || suffix == ".tflite") return FileKind::kNetwork;
  if (suffix == ".yaml" || suffix == ".yml") return FileKind::kYaml;
  if (suffix == ".csv") return FileKind::kTable;
  if (suffix == ".lwm") return FileKind::kEstimator;
  if (suffix == ".sqlite") return FileKind::kStore;
  return FileKind::kUnknown;
}

// A table may be a network, too, in a format that somebody added.
void expect_network(const std::string& option, const std::string& path) {
  if (kind_of_file(path) != FileKind::kTable) expect(option, path, FileKind::kNetwork, "a network");
}
void expect_yaml(const std::string& option, const std::string& path) {
  expect(option, path, FileKind::kYaml, "a YAML file");
}
void expect_store(const std::string& option, const std::string& path) {
  expect(option, path, FileKind::kStore, "a store of measurements");
}
void expect_estimator(const std::string& option, const std::string& path) {
  expect(option, path, FileKind::kEstimator, "an estimator (.lwm)");
}
void expect_table(const std::string& option, const std::string& path) {
  expect(option, path, FileKind::kTable, "a CSV file of measured rows");
}

std::string find_network(const std::string& name) {
  if (const auto found = look_for_data("models", name)) {
    expect_network("MODEL", *found);
    return *found;
  }
  const std::string otherwise = meant_otherwise(name);
  if (!otherwise.empty()) throw Error(otherwise);
  if (look_for_data("hwconfigs", name))
    throw Error(fmt::format("MODEL {}: is an engine; engines are given with --hw", name));
  return find_data("models", name);
}

std::string find_engine_file(const std::string& option, const std::string& name) {
  if (const auto found = look_for_data("hwconfigs", name)) {
    expect_yaml(option, *found);
    return *found;
  }
  for (const auto& [kind, is] : {std::pair{"models", "a network; networks are given as MODEL"},
                                 std::pair{"campaigns", "a campaign; campaigns are given with --campaign"},
                                 std::pair{"spaces", "a search space; spaces are given with --space"}}) {
    if (look_for_data(kind, name)) throw Error(fmt::format("{} {}: is {}", option, name, is));
  }
  return find_data("hwconfigs", name);
}

}  // namespace lanewise::cli
