// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/score_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/record/file.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::ordered_json;

// Some hundred thousand answers.
constexpr Bytes kLargestCache{std::int64_t{1} << 26};

}  // namespace

ScoreCache::ScoreCache(std::string path, bool sorted) : path_(std::move(path)), sorted_(sorted) {
  if (!path_.empty() && std::filesystem::exists(path_)) read();
}

void ScoreCache::read() {
  const std::string text = read_input(path_, kLargestCache, "scores");
  std::size_t begin = 0;
  int number = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const auto refuse = [&](const char* rule) { throw Error(fmt::format("{}:{}: {}", path_, number, rule)); };
    const Json json = Json::parse(line, nullptr, false);
    const char* const kRule = R"(must be a line {"key": "…", "encoding": "…", "accuracy": NUMBER or "failure": "…"})";
    if (!json.is_object() || !json.contains("key") || !json.contains("encoding")) refuse(kRule);
    if (!json["key"].is_string() || !json["encoding"].is_string()) refuse(kRule);
    Entry entry{json["encoding"].get<std::string>(), {}};
    if (json.contains("accuracy") && json["accuracy"].is_number()) {
      entry.answer.score = json["accuracy"].get<double>();
      if (!std::isfinite(entry.answer.score)) refuse("'accuracy' must be a finite number");
    } else if (json.contains("failure") && json["failure"].is_string()) {
      entry.answer.failure = json["failure"].get<std::string>();
      if (entry.answer.failure.empty()) refuse("'failure' must be a reason");
    } else {
      refuse(kRule);
    }
    entries_.insert_or_assign(json["key"].get<std::string>(), std::move(entry));
  }
  if (begin < text.size()) std::filesystem::resize_file(path_, begin);
  in_order_ = !sorted_ || text.substr(0, begin) == whole_text();
}

const nas::AccuracyAnswer* ScoreCache::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.answer;
}

std::string ScoreCache::line_of(const std::string& key, const Entry& entry) {
  Json json = {{"key", key}, {"encoding", entry.encoding}};
  if (entry.answer.failure.empty()) {
    json["accuracy"] = entry.answer.score;
  } else {
    json["failure"] = entry.answer.failure;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void ScoreCache::add(const std::string& key, const std::string& encoding, const nas::AccuracyAnswer& answer) {
  const auto [place, fresh] = entries_.insert_or_assign(key, Entry{encoding, answer});
  in_order_ = false;
  if (path_.empty()) return;
  const std::string line = line_of(key, place->second);
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const bool written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!written) throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(error)));
}

std::string ScoreCache::whole_text() const {
  std::set<std::pair<std::string, std::string>> order;
  for (const auto& [key, entry] : entries_) order.emplace(entry.encoding, key);
  std::string text;
  for (const auto& [encoding, key] : order) text += line_of(key, entries_.at(key));
  return text;
}

void ScoreCache::sort() {
  if (!sorted_ || in_order_ || path_.empty()) return;
  record::write_file(path_, whole_text());
  in_order_ = true;
}

}  // namespace lanewise::study
