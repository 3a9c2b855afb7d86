// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/job_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"
#include "core/record/file.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSettings = "settings.yaml";
constexpr const char* kState = "state.json";
constexpr int kFormat = 1;

// Throws nlohmann's exceptions.
TrustRound round_of(const Json& json) {
  TrustRound round;
  round.simulated = json.at("simulated").get<std::int64_t>();
  round.beyond = json.at("beyond").get<std::int64_t>();
  round.mean_error_percent = json.at("mean_error_percent").get<double>();
  round.worst_error_percent = json.at("worst_error_percent").get<double>();
  round.rows_added = json.at("rows_added").get<std::int64_t>();
  round.training_rows = json.at("training_rows").get<std::int64_t>();
  round.change = json.at("change").get<std::string>();
  return round;
}

Json json_of(const TrustRound& round) {
  return {{"simulated", round.simulated},
          {"beyond", round.beyond},
          {"mean_error_percent", round.mean_error_percent},
          {"worst_error_percent", round.worst_error_percent},
          {"rows_added", round.rows_added},
          {"training_rows", round.training_rows},
          {"change", round.change}};
}

}  // namespace

JobFolder::JobFolder(const std::string& path) : path_(path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) throw Error(fmt::format("{}: cannot be made: {}", path, failure.message()));
  lock_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(lock_);
    throw Error(fmt::format("{}: another job is working in this folder", path));
  }
}

JobFolder::~JobFolder() {
  if (lock_ >= 0) ::close(lock_);
}

std::string JobFolder::file(const std::string& name) const { return path_ + "/" + name; }
std::string JobFolder::work(const std::string& name) const { return path_ + "/work/" + name; }

std::vector<std::string> JobFolder::claim(const Settings& settings) {
  const std::string text = settings_text(settings);
  const std::string path = file(kSettings);
  settings_hash_ = hex_hash(text);
  std::vector<std::string> changes;
  std::error_code failure;
  if (fs::exists(path, failure)) {
    changes = changes_of(read_settings(path), settings, path);
  } else {
    for (const char* name : {"measurements.sqlite", "settings.json", "result.json"}) {
      if (!fs::exists(file(name), failure)) continue;
      throw Error(fmt::format("{}: holds '{}' of another job; choose another folder", path_, name));
    }
  }
  fs::create_directories(work(""), failure);
  if (failure) throw Error(fmt::format("{}: cannot be made: {}", work(""), failure.message()));
  sweep_leftovers();
  load_state();
  if (!fs::exists(path, failure) || record::read_file(path) != text) record::write_file(path, text);
  return changes;
}

// What a kill left half-written. Nobody else writes here while the lock is held.
void JobFolder::sweep_leftovers() const {
  std::error_code ignored;
  std::vector<fs::path> leftovers;
  for (const std::string& folder : {path_, work("")}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().filename().string().find(".partial-") != std::string::npos) leftovers.push_back(entry.path());
    }
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover, ignored);
}

void JobFolder::load_state() {
  const std::string path = work(kState);
  std::error_code none;
  if (!fs::exists(path, none)) return;
  try {
    const Json state = Json::parse(read_input(path, kLargestConfiguration, "the state of a job"));
    if (state.at("format") != kFormat) throw Error("format");
    for (const Json& round : state.at("rounds")) rounds_.push_back(round_of(round));
    finished_settings_ = state.at("finished").get<std::string>();
    for (const Json& f : state.at("files")) {
      files_.push_back(
          {f.at("name").get<std::string>(), f.at("hash").get<std::string>(), f.at("bytes").get<std::int64_t>()});
    }
  } catch (const std::exception&) {
    throw Error(
        fmt::format("{}: is no state of a job; delete it and the file of the search beside it to search anew", path));
  }
}

void JobFolder::save_state() const {
  Json rounds = Json::array(), files = Json::array();
  for (const TrustRound& round : rounds_) rounds.push_back(json_of(round));
  for (const File& f : files_) files.push_back({{"name", f.name}, {"hash", f.hash}, {"bytes", f.bytes}});
  const Json state = {{"format", kFormat}, {"rounds", rounds}, {"finished", finished_settings_}, {"files", files}};
  record::write_file(work(kState), state.dump(2, ' ', true, Json::error_handler_t::replace) + "\n");
}

void JobFolder::keep_round(const TrustRound& round) {
  rounds_.push_back(round);
  save_state();
}

bool JobFolder::finished() const {
  if (finished_settings_.empty() || finished_settings_ != settings_hash_) return false;
  for (const File& f : files_) {
    std::error_code failure;
    const auto bytes = fs::file_size(file(f.name), failure);
    if (failure || static_cast<std::int64_t>(bytes) != f.bytes || hex_hash(record::read_file(file(f.name))) != f.hash) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> JobFolder::files() const {
  std::vector<std::string> names;
  for (const File& f : files_) names.push_back(f.name);
  return names;
}

void JobFolder::finish(const std::vector<std::string>& files) {
  files_.clear();
  for (const std::string& name : files) {
    const std::string text = record::read_file(file(name));
    files_.push_back({name, hex_hash(text), static_cast<std::int64_t>(text.size())});
  }
  finished_settings_ = settings_hash_;
  save_state();
}

}  // namespace lanewise::study
