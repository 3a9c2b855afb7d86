// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/job_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kJob = "job.";
constexpr const char* kMadeFrom = "made_from.";

// What files were, by the part that may change when a job goes on.
struct Origin {
  const char* key;
  Bearing bearing;
};
constexpr Origin kOrigins[] = {
    {"tool_version", Bearing::kKept}, {"network", Bearing::kKept},         {"engine", Bearing::kKept},
    {"space", Bearing::kKept},        {"estimator", Bearing::kKept},       {"store", Bearing::kKept},
    {"campaign", Bearing::kKept},     {"space_limits", Bearing::kChanged}, {"warm_start", Bearing::kChanged},
    {"accuracy", Bearing::kKept},     {"supernet", Bearing::kKept},
};

bool begins_with(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }

// Plain where YAML cannot take it for anything else, else in double quotes, whose escapes are JSON's.
std::string yaml_text(const std::string& value) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '/' || c == '+' || c == '=';
  };
  const bool safe =
      !value.empty() && std::all_of(value.begin(), value.end(), plain) && value.front() != '-' && value.front() != '=';
  if (safe) return value;
  return nlohmann::ordered_json(value).dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

std::string shown(const Setting* setting) {
  if (setting == nullptr || setting->values.empty()) return "none";
  return fmt::format("{}", fmt::join(setting->values, ", "));
}

const Setting* find(const Settings& settings, const std::string& key) {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.key == key; });
  return found == settings.end() ? nullptr : &*found;
}

// "generations" of "job.generations".
std::string short_name(const std::string& key) { return key.substr(key.find('.') + 1); }

const JobOption* find_option(const std::string& name) {
  const auto& all = job_options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const JobOption& option) { return name == option.key; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const JobOption& option : job_options()) keys.push_back(std::string(kJob) + option.key);
  for (const Origin& origin : kOrigins) keys.push_back(std::string(kMadeFrom) + origin.key);
  return keys;
}

std::string resolved(const std::string& file, const std::string& value) {
  const fs::path beside = fs::path(file).parent_path() / value;
  std::error_code none;
  return fs::path(value).is_absolute() || !fs::exists(beside, none) ? value : beside.lexically_normal().string();
}

}  // namespace

const std::vector<JobOption>& job_options() {
  constexpr Bearing kKept = Bearing::kKept, kChanged = Bearing::kChanged, kNote = Bearing::kNote;
  static const std::vector<JobOption> all = {
      {"model", kNote, false, true},
      {"batch", kNote},
      {"dim", kNote, true},
      {"input", kNote, true},
      {"precision", kNote},
      {"layer_precision", kNote, false, true},
      {"custom", kNote, false, true},
      {"hw", kNote, false, true},
      {"set", kNote, true},
      {"space", kNote, false, true},
      {"estimator", kNote, false, true},
      {"store", kNote, false, true},
      {"objectives", kChanged},
      {"limit", kChanged, true},
      {"algorithm", kChanged},
      {"population", kChanged},
      {"generations", kChanged},
      {"evaluations", kChanged},
      {"seconds", kChanged},
      {"patience", kChanged},
      {"simulations", kChanged},
      {"finalists", kChanged},
      {"halving", kKept},
      {"trainings", kChanged},
      {"trainings_at_once", kKept},
      {"pool", kKept},
      {"keep", kKept},
      {"score", kKept},
      {"supernet", kNote, false, true},
      {"rounds", kChanged},
      {"ablation", kChanged},
      {"warm_start", kNote, false, true},
      {"seed", kKept},
      {"measure", kKept},
      {"rows", kKept},
      {"engines", kKept},
      {"trees", kKept},
      {"depth", kKept},
      {"learning_rate", kKept},
      {"interval_folds", kKept},
      {"quick", kKept},
  };
  return all;
}

std::string settings_text(const Settings& settings) {
  std::string text =
      "# A job of `lanewise codesign`: `lanewise codesign --job settings.yaml --out FOLDER` runs it again elsewhere.\n"
      "# Keys of `job` are options; paths are from this file's folder. `made_from` says what the files were.\n"
      "format: 1\n";
  std::string section;
  for (const Setting& setting : settings) {
    if (setting.values.empty()) continue;
    const std::string place = setting.key.substr(0, setting.key.find('.'));
    if (place != section) text += place + ":\n";
    section = place;
    std::vector<std::string> values;
    for (const std::string& value : setting.values) values.push_back(yaml_text(value));
    text += setting.is_list ? fmt::format("  {}: [{}]\n", short_name(setting.key), fmt::join(values, ", "))
                            : fmt::format("  {}: {}\n", short_name(setting.key), values.front());
  }
  return text;
}

std::vector<std::string> changes_of(const Settings& before, const Settings& now, const std::string& path) {
  Settings all = now;
  for (const Setting& setting : before) {
    if (find(now, setting.key) == nullptr) all.push_back({setting.key, {}, setting.is_list, setting.bearing});
  }
  std::vector<std::string> changes;
  for (const Setting& setting : all) {
    const std::string was = shown(find(before, setting.key)), is = shown(&setting);
    if (was == is || setting.bearing == Bearing::kNote) continue;
    if (setting.bearing == Bearing::kKept) {
      throw Error(
          fmt::format("{}: key '{}': the folder's job has '{}', not '{}': it goes on with the same {} only; choose "
                      "another folder",
                      path, setting.key, was, is, short_name(setting.key)));
    }
    changes.push_back(fmt::format("{}: {}, was {}", short_name(setting.key), is, was));
  }
  return changes;
}

std::vector<JobEntry> read_job_file(const std::string& path) {
  const engine::RawConfig raw = engine::read_raw_config(path);
  std::vector<JobEntry> entries;
  for (const engine::RawEntry& entry : raw.entries) {
    const bool of_job = begins_with(entry.key, kJob);
    const JobOption* const option = of_job ? find_option(short_name(entry.key)) : nullptr;
    if (option == nullptr) {
      const std::vector<std::string> known = known_keys();
      if (of_job || std::find(known.begin(), known.end(), entry.key) == known.end())
        engine::refuse_unknown_key(raw, entry, known);
      continue;
    }
    if (!option->is_list) engine::single_value(raw, entry);
    JobEntry out{option->key, entry.values, raw.place(entry)};
    std::replace(out.option.begin(), out.option.end(), '_', '-');
    for (std::string& value : out.values) {
      if (value.empty()) engine::refuse(raw, entry, value, "must hold a value");
      if (option->is_path) value = resolved(path, value);
    }
    entries.push_back(std::move(out));
  }
  return entries;
}

Settings read_settings(const std::string& path) {
  const engine::RawConfig raw = engine::read_raw_config(path);
  Settings settings;
  for (const engine::RawEntry& entry : raw.entries) {
    Setting setting{entry.key, entry.values, entry.is_list, Bearing::kKept};
    const std::string name = short_name(entry.key);
    if (const JobOption* option = begins_with(entry.key, kJob) ? find_option(name) : nullptr) {
      setting.bearing = option->bearing;
    } else if (begins_with(entry.key, kMadeFrom)) {
      for (const Origin& origin : kOrigins) {
        if (name == origin.key) setting.bearing = origin.bearing;
      }
    } else {
      engine::refuse_unknown_key(raw, entry, known_keys());
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace lanewise::study
