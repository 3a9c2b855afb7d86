// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <optional>

#include "core/base/error.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/resources.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

using engine::EngineConfig;
using engine::Override;
using engine::Parameter;

// The changes of a value that are tried in turn until the engine accepts one.
constexpr std::array<double, 5> kFactors{2, 1.75, 1.5, 1.25, 1.125};

// Where a row belongs.
enum class Kind { kChange, kGroup, kAlternative, kReduction, kCost };

struct Candidate {
  Kind kind = Kind::kChange;
  SensitivityRow row;
  EngineConfig engine;
};

bool is_cost(const std::string& key) { return key.rfind("energy.", 0) == 0 || key.rfind("area.", 0) == 0; }

bool is_time(const Parameter& parameter, const engine::Value& value) {
  const std::string key = parameter.key, tail = "_cycles";
  return std::holds_alternative<Cycles>(value) || std::holds_alternative<Seconds>(value) ||
         (key.size() > tail.size() && key.compare(key.size() - tail.size(), tail.size(), tail) == 0);
}

// "true, false" and the like, one by one.
std::vector<std::string> choices(const Parameter& parameter) {
  std::vector<std::string> values;
  const std::string all = engine::notation(parameter);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t comma = std::min(all.find(", ", begin), all.size());
    values.push_back(all.substr(begin, comma - begin));
    begin = comma + 2;
  }
  return values;
}

class Candidates {
 public:
  Candidates(const EngineConfig& base, const std::vector<KeyGroup>& groups) : base_(base) {
    for (const Parameter& parameter : engine::parameter_table()) add(parameter);
    for (const KeyGroup& group : groups) add_group(group);
  }
  std::deque<Candidate> list;  // whose engines stay where they are
  std::vector<Untried> refused, left_out;

 private:
  void add(const Parameter& parameter) {
    const std::string key = parameter.key;
    const engine::Value value = engine::fetch(parameter, base_);
    if (std::holds_alternative<std::string>(value)) return;  // a name
    if (std::holds_alternative<engine::DmaKind>(value)) {
      left_out.push_back({key, "", "another kind of engine has keys of its own"});
    } else if (!engine::reads_key(base_.dma.kind, key)) {
      left_out.push_back({key, "", fmt::format("engines of the kind {} do not read it", base_.kind().name)});
    } else if (parameter.low == nullptr) {
      for (const std::string& other : choices(parameter)) {
        if (other != engine::text_of(value)) add_first(parameter, Kind::kAlternative, {other});
      }
    } else {
      add_number(parameter, value);
    }
  }

  void add_number(const Parameter& parameter, const engine::Value& value) {
    const std::string key = parameter.key;
    const double number = engine::numeric_value(base_, key);
    const Kind larger = is_cost(key)                           ? Kind::kCost
                        : std::holds_alternative<Hertz>(value) ? Kind::kGroup
                                                               : Kind::kChange;
    const Kind smaller = is_cost(key) ? Kind::kCost : is_time(parameter, value) ? Kind::kChange : Kind::kReduction;
    if (number == 0) {
      const bool counts = std::holds_alternative<std::int64_t>(value) || std::holds_alternative<Cycles>(value);
      if (counts) {
        add_first(parameter, larger, {engine::numeric_text(key, 1)});
      } else {
        left_out.push_back({key, "", "0 has neither a double nor a half"});
      }
      return;
    }
    std::vector<std::string> up, down;
    for (const double factor : kFactors) {
      up.push_back(engine::numeric_text(key, number * factor));
      down.push_back(engine::numeric_text(key, number / factor));
    }
    add_first(parameter, larger, up);
    add_first(parameter, smaller, down);
  }

  // The first value that gives a valid engine.
  void add_first(const Parameter& parameter, Kind kind, const std::vector<std::string>& values) {
    const std::string key = parameter.key, before = engine::value_text(base_, key);
    std::optional<Untried> refusal;
    for (const std::string& value : values) {
      if (value == before) continue;
      Candidate candidate;
      candidate.kind = kind;
      candidate.row.keys = {{key, before, value}};
      try {
        candidate.engine = engine::with_overrides(base_, {{key, value}});
        if (kind == Kind::kGroup) candidate.row.group = key;
        list.push_back(std::move(candidate));
        return;
      } catch (const Error& error) {
        if (!refusal) refusal = {key, value, error.what()};
      }
    }
    if (refusal) {
      refused.push_back(*refusal);
    } else {
      left_out.push_back({key, "", fmt::format("at the limit of its range, {} to {}", parameter.low, parameter.high)});
    }
  }

  void add_group(const KeyGroup& group) {
    Candidate candidate;
    candidate.kind = Kind::kGroup;
    candidate.row.group = group.name;
    std::vector<Override> changes;
    for (const auto& [key, factor] : group.factors) {
      if (!engine::reads_key(base_.dma.kind, key)) continue;
      const std::string before = engine::value_text(base_, key);
      const std::string after = engine::numeric_text(key, engine::numeric_value(base_, key) * factor);
      if (after == before) continue;
      candidate.row.keys.push_back({key, before, after});
      changes.push_back({key, after});
    }
    const bool known = std::any_of(list.begin(), list.end(), [&](const Candidate& other) {
      return other.kind == Kind::kGroup && same(other.row.keys, candidate.row.keys);
    });
    if (changes.size() < 2 || known) return;
    try {
      candidate.engine = engine::with_overrides(base_, changes);
      list.push_back(std::move(candidate));
    } catch (const Error& error) {
      refused.push_back({group.name, "", error.what()});
    }
  }

  static bool same(const std::vector<ChangedKey>& left, const std::vector<ChangedKey>& right) {
    const auto contains = [&](const ChangedKey& key) {
      return std::any_of(right.begin(), right.end(),
                         [&](const ChangedKey& other) { return other.key == key.key && other.after == key.after; });
    };
    return left.size() == right.size() && std::all_of(left.begin(), left.end(), contains);
  }

  const EngineConfig& base_;
};

Price price_of(const NetworkAnswer& answer) {
  return {answer.total.latency_cycles, answer.total.latency_ms, answer.total.energy_uj, answer.total.area_mm2};
}

// In tenths of a percent: what lies closer is the same to whoever reads it, and then the cheaper change comes first.
double gain(const Price& before, const Price& after) {
  return before.latency_ms > 0 ? std::round(1000 * (1 - after.latency_ms / before.latency_ms)) / 10 + 0.0 : 0;
}

void sort(std::vector<SensitivityRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const SensitivityRow& a, const SensitivityRow& b) {
    if (a.failure.empty() != b.failure.empty()) return a.failure.empty();
    if (a.gain_percent != b.gain_percent) return a.gain_percent > b.gain_percent;
    if (a.after.area_mm2 != b.after.area_mm2) return a.after.area_mm2 < b.after.area_mm2;
    return a.after.energy_uj < b.after.energy_uj;
  });
}

}  // namespace

std::vector<KeyGroup> key_groups(const std::vector<engine::FollowRule>& rules) {
  std::vector<KeyGroup> groups;
  for (const engine::ResourceName& resource : engine::resource_names()) {
    KeyGroup group{resource.text, {}};
    for (const engine::ResourceKey& key : resource.keys) group.factors.emplace_back(key.key, key.is_time ? 0.5 : 2.0);
    groups.push_back(std::move(group));
  }
  for (const engine::FollowRule& rule : rules) {
    KeyGroup group{rule.leader + " and its followers", {{rule.leader, 2.0}}};
    for (const engine::Follower& follower : rule.followers) {
      group.factors.emplace_back(follower.key, std::pow(2.0, follower.exponent));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<const SensitivityRow*> Sensitivity::best() const {
  std::vector<const SensitivityRow*> best;
  for (const SensitivityRow& row : changes) {
    if (best.size() < 3 && row.failure.empty() && row.gain_percent > 0) best.push_back(&row);
  }
  return best;
}

Sensitivity sensitivity(const network::Graph& graph, const EngineConfig& base, const std::vector<KeyGroup>& groups,
                        MeasurementSource& source, const Progress& progress) {
  Candidates candidates(base, groups);
  std::vector<Question> questions{{&graph, &base}};
  for (const Candidate& candidate : candidates.list) questions.push_back({&graph, &candidate.engine});
  const std::vector<Answered> answers = answer(questions, source, progress);
  if (!answers.front().failure.empty()) {
    throw Error(fmt::format("{} cannot run on {}: {}", graph.name(), base.name, answers.front().failure));
  }
  Sensitivity result;
  result.before = price_of(answers.front().answer);
  result.refused = std::move(candidates.refused);
  result.left_out = std::move(candidates.left_out);
  for (std::size_t i = 0; i < candidates.list.size(); ++i) {
    Candidate& candidate = candidates.list[i];
    SensitivityRow row = std::move(candidate.row);
    row.failure = answers[i + 1].failure;
    if (row.failure.empty()) {
      row.after = price_of(answers[i + 1].answer);
      row.gain_percent = gain(result.before, row.after);
    }
    if (candidate.kind == Kind::kCost) {
      ++result.costs_tried;
      if (row.gain_percent == 0) continue;
    }
    std::vector<SensitivityRow>* const lists[] = {&result.changes, &result.groups, &result.alternatives,
                                                  &result.reductions, &result.costs};
    lists[static_cast<std::size_t>(candidate.kind)]->push_back(std::move(row));
  }
  for (auto* rows : {&result.changes, &result.groups, &result.alternatives, &result.reductions, &result.costs}) {
    sort(*rows);
  }
  return result;
}

}  // namespace lanewise::study
