// SPDX-License-Identifier: Apache-2.0
#include "core/engine/followers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_followers.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSection = "follow.";
constexpr double kLargestExponent = 4;

// The two keys of "follow.LEADER.FOLLOWER". Keys hold dots themselves, so the leader is the shortest head that is a
// key.
std::pair<std::string, std::string> keys_of(const RawConfig& raw, const RawEntry& entry) {
  const std::string both = entry.key.substr(std::string(kSection).size());
  for (std::size_t dot = both.find('.'); dot != std::string::npos; dot = both.find('.', dot + 1)) {
    if (find_parameter(both.substr(0, dot)) != nullptr) return {both.substr(0, dot), both.substr(dot + 1)};
  }
  // Keys have a section and a name: so much of what is written was meant as the leader.
  const std::size_t first = both.find('.');
  const std::size_t second = first == std::string::npos ? first : both.find('.', first + 1);
  const std::string leader = both.substr(0, second);
  throw Error(raw.place(entry) + "'" + leader + "' is no key of an hwconfig" + suggestion(leader, parameter_keys()));
}

void require_number(const RawConfig& raw, const RawEntry& entry, const std::string& key) {
  if (find_parameter(key) == nullptr) {
    throw Error(raw.place(entry) + "'" + key + "' is no key of an hwconfig" + suggestion(key, parameter_keys()));
  }
  const Value value = fetch(require_parameter(key), EngineConfig{});
  if (std::holds_alternative<std::string>(value)) throw Error(raw.place(entry) + "'" + key + "' is a text");
  placed(raw, entry, [&] { return numeric_parameter(key); });
}

double exponent_of(const std::string& text) {
  const bool negative = !text.empty() && text.front() == '-';
  const double size = parse_number(negative ? text.substr(1) : text);
  if (!(size > 0) || size > kLargestExponent) {
    throw Error(fmt::format("'{}' is out of range: an exponent must be -{} to {} and not 0", text, kLargestExponent,
                            kLargestExponent));
  }
  return negative ? -size : size;
}

std::vector<Follower>& followers_in(std::vector<FollowRule>& rules, const std::string& leader) {
  for (FollowRule& rule : rules) {
    if (rule.leader == leader) return rule.followers;
  }
  rules.push_back({leader, {}});
  return rules.back().followers;
}

// What each changed key does to one follower: leader and exponent.
using Leads = std::vector<std::pair<std::string, double>>;

// Switches, enumerations and texts have no range.
bool is_number(const std::string& key) { return require_parameter(key).low != nullptr; }

std::map<std::string, Leads> family_leads(const std::vector<std::string>& leaders, const Scaling& scaling) {
  std::map<std::string, Leads> leads;
  for (const FollowRule& rule : scaling.rules) {
    if (std::find(leaders.begin(), leaders.end(), rule.leader) == leaders.end()) continue;
    for (const Follower& follower : rule.followers) leads[follower.key].emplace_back(rule.leader, follower.exponent);
  }
  return leads;
}

std::map<std::string, Leads> leads_of(const std::vector<std::string>& leaders, const Scaling& scaling) {
  const std::map<std::string, Leads> known = family_leads(leaders, scaling);
  if (scaling.named.empty()) {
    if (!known.empty() || leaders.empty()) return known;
    std::string names;
    for (const std::string& leader : leaders) names += (names.empty() ? "" : ", ") + leader;
    throw Error("--scale-with: the family's file names no key that follows " + names +
                "; name them: --scale-with KEY,KEY");
  }
  std::map<std::string, Leads> leads;
  for (const Follower& follower : scaling.named) {
    if (std::find(leaders.begin(), leaders.end(), follower.key) != leaders.end()) continue;
    const auto listed = known.find(follower.key);
    // An exponent that the person gives is not the family's to change.
    if (listed != known.end() && follower.exponent == 1) {
      leads[follower.key] = listed->second;
      continue;
    }
    std::vector<std::string> numbers;
    std::copy_if(leaders.begin(), leaders.end(), std::back_inserter(numbers), is_number);
    if (numbers.size() > 1) {
      throw Error("--scale-with " + follower.key + ": several keys change, and the family's file does not say which " +
                  "of them it follows: change one key at a time");
    }
    if (numbers.size() == 1) leads[follower.key] = {{numbers.front(), follower.exponent}};
  }
  return leads;
}

}  // namespace

bool is_follow_entry(const RawEntry& entry) { return entry.key.rfind(kSection, 0) == 0; }

std::vector<FollowRule> follow_rules_of(const RawConfig& raw) {
  std::vector<FollowRule> rules;
  for (const RawEntry& entry : raw.entries) {
    if (!is_follow_entry(entry)) continue;
    const auto [leader, key] = keys_of(raw, entry);
    require_number(raw, entry, leader);
    require_number(raw, entry, key);
    if (key == leader) throw Error(raw.place(entry) + "a key cannot follow itself");
    const std::string& text = single_value(raw, entry);
    followers_in(rules, leader).push_back({key, placed(raw, entry, [&] { return exponent_of(text); })});
  }
  return rules;
}

std::vector<FollowRule> load_follow_rules(const std::string& hwconfig_path, const std::string& family) {
  const fs::path path = fs::path(hwconfig_path).parent_path() / "families" / (family + ".yaml");
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  return follow_rules_of(read_raw_config(path.string()));
}

Follower parse_follower(const std::string& text) {
  const std::size_t power = text.find('^');
  Follower follower{text.substr(0, power), 1};
  try {
    require_parameter(follower.key);
    if (std::holds_alternative<std::string>(fetch(require_parameter(follower.key), EngineConfig{}))) {
      throw Error("'" + follower.key + "' is a text");
    }
    numeric_parameter(follower.key);
    if (power != std::string::npos) follower.exponent = exponent_of(text.substr(power + 1));
  } catch (const Error& error) {
    throw Error("--scale-with " + text + ": " + error.what());
  }
  return follower;
}

std::vector<Override> followers_of(const EngineConfig& base, const std::vector<Override>& changes,
                                   const Scaling& scaling) {
  EngineConfig changed = base;
  std::vector<std::string> leaders;
  for (const Override& change : changes) {
    const Parameter& parameter = require_parameter(change.key);
    try {
      store(parameter, parse_value(parameter, change.value), changed);
    } catch (const Error& error) {
      throw Error(change.origin + " " + change.key + "=" + change.value + ": " + error.what());
    }
    if (std::find(leaders.begin(), leaders.end(), change.key) == leaders.end()) leaders.push_back(change.key);
  }
  const std::map<std::string, Leads> leads = leads_of(leaders, scaling);
  std::vector<Override> followers;
  for (const Parameter& parameter : parameter_table()) {
    const auto led = leads.find(parameter.key);
    const bool given = std::find(leaders.begin(), leaders.end(), parameter.key) != leaders.end();
    if (led == leads.end() || given) continue;
    double scale = 1;
    for (const auto& [leader, exponent] : led->second) {
      const double before = numeric_value(base, leader), after = numeric_value(changed, leader);
      if (before > 0 && after > 0) scale *= std::pow(after / before, exponent);
    }
    if (scale == 1) continue;
    followers.push_back(
        {parameter.key, numeric_text(parameter.key, numeric_value(base, parameter.key) * scale), "--scale-with"});
  }
  return followers;
}

std::vector<std::string> follower_keys(const std::vector<std::string>& leaders, const Scaling& scaling) {
  const std::map<std::string, Leads> leads = leads_of(leaders, scaling);
  std::vector<std::string> keys;
  for (const Parameter& parameter : parameter_table()) {
    const bool given = std::find(leaders.begin(), leaders.end(), parameter.key) != leaders.end();
    if (!given && leads.count(parameter.key) > 0) keys.emplace_back(parameter.key);
  }
  return keys;
}

}  // namespace lanewise::engine
