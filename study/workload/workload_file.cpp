// SPDX-License-Identifier: Apache-2.0
// Workload files in two layers: the entries as written (core/engine/raw_config.hpp), then the workload.
#include "study/workload/workload_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_config.hpp"
#include "core/network/precisions.hpp"
#include "study/workload/workload_answer.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kNetworks = "networks.";
constexpr const char* kEngines = "engines.";
constexpr const char* kAny = "any";
constexpr double kShortestPeriod = 1e-6, kLongest = 3600;  // seconds
constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;
constexpr std::int64_t kMostFrames = 1000000;
constexpr std::int64_t kMostBanks = 1 << 20;

bool starts_with(const std::string& text, const std::string& head) { return text.compare(0, head.size(), head) == 0; }

std::int64_t whole(const RawConfig& raw, const RawEntry& entry, std::int64_t low, std::int64_t high) {
  const std::string& text = single_value(raw, entry);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    refuse(raw, entry, text, fmt::format("must be a whole number from {} to {}", low, high));
  }
  return value;
}

double number(const RawConfig& raw, const RawEntry& entry, double low, double high) {
  const std::string& text = single_value(raw, entry);
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high)) {
    refuse(raw, entry, text, fmt::format("must be a number from {} to {}", low, high));
  }
  return value;
}

Seconds time(const RawConfig& raw, const RawEntry& entry, double low) {
  const std::string& text = single_value(raw, entry);
  const Seconds value = placed(raw, entry, [&] { return parse_seconds(text); });
  if (!(value.count() >= low && value.count() <= kLongest)) {
    refuse(raw, entry, text, fmt::format("must be from {} to {}", to_text(Seconds(low)), to_text(Seconds(kLongest))));
  }
  return value;
}

Seconds period_of_rate(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = single_value(raw, entry);
  const Hertz rate = placed(raw, entry, [&] { return parse_hertz(text); });
  if (!(rate.count() >= 1 / kLongest && rate.count() <= 1 / kShortestPeriod)) {
    refuse(raw, entry, text,
           fmt::format("must be from {} Hz to {}", 1 / kLongest, to_text(Hertz(1 / kShortestPeriod))));
  }
  return Seconds(1 / rate.count());
}

bool truth(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = single_value(raw, entry);
  if (text != "true" && text != "false") refuse(raw, entry, text, "must be true or false");
  return text == "true";
}

// A file that a workload names: beside it, or a shipped one.
std::string file_of(const RawConfig& raw, const RawEntry& entry, const std::string& kind) {
  const std::string& name = single_value(raw, entry);
  std::error_code ignored;
  if (!fs::path(name).is_absolute()) {
    const fs::path beside = (fs::path(raw.path).parent_path() / name).lexically_normal();
    if (fs::is_regular_file(beside, ignored)) return beside.string();
  }
  return placed(raw, entry, [&] { return find_data(kind, name); });
}

template <class Read>
struct Key {
  const char* name;
  Read read;
};
using ReadTop = std::function<void(const RawConfig&, const RawEntry&, Workload&)>;
using ReadNetwork = std::function<void(const RawConfig&, const RawEntry&, WorkloadNetwork&)>;

const std::vector<Key<ReadTop>>& top_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using File = Workload&;
  static const std::vector<Key<ReadTop>> all = {
      {"name", [](Raw r, Entry e, File f) { f.name = single_value(r, e); }},
      {"description", [](Raw r, Entry e, File f) { f.description = single_value(r, e); }},
      {"policy",
       [](Raw r, Entry e, File f) { f.policy = placed(r, e, [&] { return parse_policy(single_value(r, e)); }); }},
      {"duration", [](Raw r, Entry e, File f) { f.duration = time(r, e, kShortestPeriod); }},
      {"frames", [](Raw r, Entry e, File f) { f.frames = whole(r, e, 1, kMostFrames); }},
      {"shares_dram", [](Raw r, Entry e, File f) { f.shares_dram = truth(r, e); }},
  };
  return all;
}

const std::vector<Key<ReadNetwork>>& network_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Network = WorkloadNetwork&;
  static const std::vector<Key<ReadNetwork>> all = {
      {"model", [](Raw r, Entry e, Network n) { n.model = file_of(r, e, "models"); }},
      {"batch", [](Raw r, Entry e, Network n) { n.import.batch = whole(r, e, 1, kLargestSize); }},
      {"precision",
       [](Raw r, Entry e, Network n) {
         const network::PrecisionPair pair =
             placed(r, e, [&] { return network::parse_precisions(single_value(r, e)); });
         n.import.precision = pair.activations;
         n.import.weight_precision = pair.weights ? *pair.weights : Precision::kInt8;
       }},
      {"rate", [](Raw r, Entry e, Network n) { n.period = period_of_rate(r, e); }},
      {"period", [](Raw r, Entry e, Network n) { n.period = time(r, e, kShortestPeriod); }},
      {"offset", [](Raw r, Entry e, Network n) { n.offset = time(r, e, 0); }},
      {"deadline", [](Raw r, Entry e, Network n) { n.deadline = time(r, e, kShortestPeriod); }},
      {"priority", [](Raw r, Entry e, Network n) { n.priority = number(r, e, -1e6, 1e6); }},
      {"weight", [](Raw r, Entry e, Network n) { n.weight = number(r, e, 0, 1e6); }},
      {"engine", [](Raw r, Entry e, Network n) { n.engine = single_value(r, e) == kAny ? "" : single_value(r, e); }},
      {"banks",
       [](Raw r, Entry e, Network n) {
         n.banks = whole(r, e, 1, kMostBanks);
         n.place = r.place(e);
       }},
      {"queue", [](Raw r, Entry e, Network n) { n.queue = whole(r, e, 1, kMostWaiting); }},
  };
  return all;
}

// "SECTION.NAME.REST" without its section: the name, which holds no dot, and the rest.
std::pair<std::string, std::string> split_name(const RawConfig& raw, const RawEntry& entry, const char* section) {
  const std::string rest = entry.key.substr(std::string(section).size());
  const std::size_t dot = rest.find('.');
  if (dot == std::string::npos || dot == 0) {
    throw Error(raw.place(entry) + fmt::format("unknown key: must be {}NAME.KEY", section));
  }
  return {rest.substr(0, dot), rest.substr(dot + 1)};
}

template <class Item>
Item& named(std::vector<Item>& items, const std::string& name, std::size_t most, const RawConfig& raw,
            const RawEntry& entry) {
  for (Item& item : items) {
    if (item.name == name) return item;
  }
  if (items.size() == most) throw Error(raw.place(entry) + fmt::format("is one too many, at most {} are taken", most));
  items.emplace_back();
  items.back().name = name;
  return items.back();
}

void read_network(const RawConfig& raw, const RawEntry& entry, Workload& file) {
  const auto [name, key] = split_name(raw, entry, kNetworks);
  WorkloadNetwork& network = named(file.networks, name, kMostWorkloadNetworks, raw, entry);
  if (starts_with(key, "dims.")) {
    network.import.dims.emplace_back(key.substr(5), whole(raw, entry, 0, kLargestSize));
    return;
  }
  if (starts_with(key, "inputs.")) {
    network.import.inputs.emplace_back(key.substr(7), fmt::format("{}", fmt::join(entry.values, ",")));
    return;
  }
  for (const Key<ReadNetwork>& known : network_keys()) {
    if (key == known.name) return known.read(raw, entry, network);
  }
  std::vector<std::string> known;
  for (const Key<ReadNetwork>& one : network_keys()) known.push_back(kNetworks + name + "." + one.name);
  refuse_unknown_key(raw, entry, known);
}

void read_engine(const RawConfig& raw, const RawEntry& entry, Workload& file) {
  const auto [name, key] = split_name(raw, entry, kEngines);
  WorkloadEngine& engine = named(file.engines, name, kMostWorkloadEngines, raw, entry);
  if (name == kAny) throw Error(raw.place(entry) + "no engine can be named any, which stands for all of them");
  if (key == "hw") {
    engine.hwconfig = file_of(raw, entry, "hwconfigs");
    return;
  }
  if (!starts_with(key, "set.")) {
    refuse_unknown_key(raw, entry, {kEngines + name + ".hw", kEngines + name + ".set"});
  }
  const std::string parameter = key.substr(4);
  const engine::Parameter& found = *placed(raw, entry, [&] { return &engine::require_parameter(parameter); });
  placed(raw, entry, [&] { return engine::parse_value(found, single_value(raw, entry)); });
  engine.overrides.push_back({parameter, single_value(raw, entry), fmt::format("{}:{}", raw.path, entry.line)});
}

[[noreturn]] void missing(const RawConfig& raw, const std::string& key) {
  throw Error(fmt::format("{}: key '{}': missing", raw.path, key));
}

void check_network(const RawConfig& raw, const Workload& file, WorkloadNetwork& network) {
  const std::string section = kNetworks + network.name + ".";
  if (network.model.empty()) missing(raw, section + "model");
  const RawEntry* const rate = raw.find(section + "rate");
  const RawEntry* const period = raw.find(section + "period");
  if (rate == nullptr && period == nullptr) {
    throw Error(fmt::format("{}: key '{}rate': missing; a network needs its rate or its period", raw.path, section));
  }
  if (rate != nullptr && period != nullptr) {
    refuse(raw, *period, single_value(raw, *period), "and the rate say the same thing, give one of them");
  }
  if (network.deadline.count() <= 0) network.deadline = network.period;
  const RawEntry* const engine = raw.find(section + "engine");
  if (engine == nullptr || network.engine.empty()) return;
  if (file.engines.empty()) {
    refuse(raw, *engine, network.engine, "is an engine of a workload that has none; --hw names the one there is");
  }
  std::vector<std::string> names;
  for (const WorkloadEngine& one : file.engines) names.push_back(one.name);
  if (std::find(names.begin(), names.end(), network.engine) == names.end()) {
    refuse(raw, *engine, network.engine, fmt::format("must be any or one of {}", fmt::join(names, ", ")));
  }
}

// What several keys together must keep to.
void check_together(const RawConfig& raw, Workload& file) {
  if (file.networks.empty()) missing(raw, "networks");
  for (WorkloadNetwork& network : file.networks) check_network(raw, file, network);
  for (const WorkloadEngine& engine : file.engines) {
    if (engine.hwconfig.empty()) missing(raw, kEngines + engine.name + ".hw");
  }
  const RawEntry* const frames = raw.find("frames");
  if (frames != nullptr && file.duration) {
    refuse(raw, *frames, single_value(raw, *frames), "and the duration say how long to go on, give one of them");
  }
}

}  // namespace

Workload load_workload(const std::string& path) {
  const RawConfig raw = engine::read_raw_config(path);
  Workload file;
  file.path = path;
  file.name = fs::path(path).stem().string();
  for (const RawEntry& entry : raw.entries) {
    if (starts_with(entry.key, kNetworks)) {
      read_network(raw, entry, file);
      continue;
    }
    if (starts_with(entry.key, kEngines)) {
      read_engine(raw, entry, file);
      continue;
    }
    const auto known = std::find_if(top_keys().begin(), top_keys().end(),
                                    [&](const Key<ReadTop>& key) { return entry.key == key.name; });
    if (known == top_keys().end()) {
      std::vector<std::string> names = {"networks", "engines"};
      for (const Key<ReadTop>& key : top_keys()) names.emplace_back(key.name);
      refuse_unknown_key(raw, entry, names);
    }
    known->read(raw, entry, file);
  }
  check_together(raw, file);
  return file;
}

bool is_workload_file(const std::string& path) {
  const std::string suffix = fs::path(path).extension().string();
  if (suffix != ".yaml" && suffix != ".yml") return false;
  try {
    const RawConfig raw = engine::read_raw_config(path);
    return std::any_of(raw.entries.begin(), raw.entries.end(), [](const RawEntry& entry) {
      // A campaign's section has keys of its own, two of which hold names.
      const bool of_campaign = starts_with(entry.key, "networks.dims.") || starts_with(entry.key, "networks.inputs.");
      return starts_with(entry.key, kNetworks) && !of_campaign &&
             std::count(entry.key.begin(), entry.key.end(), '.') > 1;
    });
  } catch (const Error&) {
    return true;
  }
}

std::vector<std::string> workload_keys() {
  std::vector<std::string> keys;
  for (const Key<ReadTop>& key : top_keys()) keys.emplace_back(key.name);
  for (const Key<ReadNetwork>& key : network_keys()) keys.push_back(fmt::format("networks.NAME.{}", key.name));
  for (const char* key :
       {"networks.NAME.dims.DIM", "networks.NAME.inputs.INPUT", "engines.NAME.hw", "engines.NAME.set.KEY"}) {
    keys.emplace_back(key);
  }
  return keys;
}

}  // namespace lanewise::study
