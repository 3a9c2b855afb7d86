// SPDX-License-Identifier: Apache-2.0
#include "study/advice/search_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/record/csv.hpp"
#include "nas/metric.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr Bytes kLargestResult{std::int64_t{1} << 26};
// Every gene of a large network in one cell.
constexpr std::size_t kLongestGenes = std::size_t{1} << 16;

class Reader {
 public:
  Reader(std::string path, const std::string& text) : path_(std::move(path)) {
    json_ = Json::parse(text, nullptr, false);
    if (json_.is_discarded()) throw Error(path_ + ": is no JSON: must be the result.json of a codesign");
    if (!json_.is_object()) fail("must be the result.json of a codesign");
  }

  SearchRecord read() const {
    SearchRecord out;
    out.path = path_;
    if (json_.contains("networks")) fail("is the result of a workload: patterns are of searches of one network");
    out.network = text(json_, "network");
    out.engine = text(json_, "engine");
    const Json& changes = member(json_, "engine_overrides", Json::value_t::object, "a map");
    for (const auto& [key, value] : changes.items()) {
      if (!value.is_string()) fail(fmt::format("key 'engine_overrides.{}' must be a text", key));
      out.overrides.push_back({key, value.get<std::string>(), path_});
    }
    out.objectives = texts("objectives");
    out.limits = texts("limits");
    for (const std::string& limit : out.limits) check_limit(limit);
    const Json& finalists = member(json_, "finalists", Json::value_t::array, "a list");
    for (std::size_t i = 0; i < finalists.size(); ++i) {
      const std::string place = fmt::format("finalists[{}]", i);
      if (!finalists[i].is_object()) fail(fmt::format("key '{}' must be a map", place));
      ChangedGenes changed = genes(finalists[i], place);
      const auto missed = finalists[i].find("missed_limits");
      if (missed == finalists[i].end() || missed->empty()) out.front.push_back(std::move(changed));
    }
    out.finalists_only = true;
    return out;
  }

 private:
  std::string path_;
  Json json_;

  [[noreturn]] void fail(const std::string& rule) const { throw Error(path_ + ": " + rule); }

  const Json& member(const Json& of, const char* key, Json::value_t type, const char* what) const {
    const auto found = of.find(key);
    if (found == of.end()) fail(fmt::format("has no key '{}': must be the result.json of a codesign", key));
    if (found->type() != type) fail(fmt::format("key '{}' must be {}", key, what));
    return *found;
  }
  std::string text(const Json& of, const char* key) const {
    return member(of, key, Json::value_t::string, "a text").get<std::string>();
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> out;
    for (const Json& entry : member(json_, key, Json::value_t::array, "a list")) {
      if (!entry.is_string()) fail(fmt::format("key '{}' must be a list of texts", key));
      out.push_back(entry.get<std::string>());
    }
    return out;
  }
  ChangedGenes genes(const Json& design, const std::string& place) const {
    ChangedGenes out;
    for (const auto& [name, value] : member(design, "genes", Json::value_t::object, "a map").items()) {
      if (!value.is_string()) fail(fmt::format("key '{}.genes.{}' must be a text", place, name));
      out.emplace_back(name, value.get<std::string>());
    }
    return out;
  }
  void check_limit(const std::string& limit) const {
    try {
      nas::parse_limit(limit);
    } catch (const Error& error) {
      fail(fmt::format("key 'limits': {}", error.what()));
    }
  }
};

std::size_t column_of(const record::CsvTable& table, const std::string& name) {
  if (const auto found = table.find(name)) return *found;
  throw Error(fmt::format("{}: has no column '{}': must be a table that a codesign wrote", table.path, name));
}

// "NAME=VALUE; NAME=VALUE".
ChangedGenes genes_of(const record::CsvTable& table, const record::CsvRow& row, std::size_t column) {
  const std::string& text = row.cells[column];
  ChangedGenes out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("; ", begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(
          fmt::format("{}:{}: column 'genes': '{}' must be NAME=VALUE", table.path, row.line, word.substr(0, 100)));
    }
    out.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    begin = end + 2;
  }
  return out;
}

void read_front(const std::string& path, SearchRecord& out) {
  const record::CsvTable table = record::read_csv(path, kLongestGenes);
  const std::size_t genes = column_of(table, "genes"), failure = column_of(table, "failure");
  const std::size_t missed = column_of(table, "missed_limits");
  out.front.clear();
  out.finalists_only = false;
  for (const record::CsvRow& row : table.rows) {
    if (row.cells[failure].empty() && row.cells[missed].empty()) out.front.push_back(genes_of(table, row, genes));
  }
}

void read_tried(const std::string& path, SearchRecord& out) {
  const record::CsvTable table = record::read_csv(path, kLongestGenes);
  const std::size_t genes = column_of(table, "genes"), search = column_of(table, "search");
  for (const record::CsvRow& row : table.rows) {
    if (row.cells[search] == "baseline") continue;
    ++out.candidates;
    for (const auto& [name, value] : genes_of(table, row, genes)) ++out.tried[name][value];
  }
}

}  // namespace

double SearchRecord::share_of(const std::string& metric) const {
  double share = 0;
  for (const std::string& text : limits) {
    const nas::Limit limit = nas::parse_limit(text);
    const bool bounds = !limit.at_most && limit.of_baseline && nas::traits_of(limit.metric).name == metric;
    if (bounds) share = std::max(share, limit.bound);
  }
  return share;
}

SearchRecord parse_search(const std::string& path, const std::string& text) { return Reader(path, text).read(); }

SearchRecord read_search(const std::string& path) {
  std::error_code none;
  const std::string file = fs::is_directory(path, none) ? (fs::path(path) / "result.json").string() : path;
  SearchRecord out = parse_search(file, read_input(file, kLargestResult, "a result"));
  const fs::path folder = fs::path(file).parent_path();
  const auto beside = [&](const char* name) {
    const fs::path there = folder / name;
    return fs::exists(there, none) ? there.string() : std::string();
  };
  if (const std::string front = beside("front.csv"); !front.empty()) read_front(front, out);
  if (const std::string history = beside("history.csv"); !history.empty()) read_tried(history, out);
  out.settings = beside("settings.yaml");
  return out;
}

}  // namespace lanewise::study
