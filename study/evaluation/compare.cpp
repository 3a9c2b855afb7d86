// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "core/mapping/partition.hpp"
#include "sim/planning.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

constexpr std::ptrdiff_t kAlone = -1;

struct Partitioned {
  std::vector<mapping::Subgraph> subgraphs;  // whole
  std::vector<mapping::Subgraph> shown;      // of each one what is planned: itself or, in a cascade, the middle stripe
  NetworkAnswer answer;
};

Partitioned partitioned(const Side& side, NetworkAnswer answer) {
  Partitioned out;
  out.answer = std::move(answer);
  const mapping::Partition partition = mapping::partition_with_memory(*side.graph, *side.engine);
  for (const mapping::WholeSubgraph& subgraph : mapping::whole_subgraphs(partition)) {
    out.subgraphs.push_back(*subgraph.whole);
    out.shown.push_back(partition.subgraphs[subgraph.middle()]);
  }
  return out;
}

// For each subgraph of A the index of its counterpart in B, or kAlone.
std::vector<std::ptrdiff_t> match(const std::vector<mapping::Subgraph>& a, const std::vector<mapping::Subgraph>& b) {
  std::vector<std::ptrdiff_t> partner(a.size(), kAlone);
  std::vector<bool> taken(b.size(), false);
  const auto pair_by = [&](const auto& text_of) {
    std::map<std::string, std::vector<std::size_t>> waiting;  // of B, last first
    for (std::size_t i = b.size(); i-- > 0;) {
      if (!taken[i]) waiting[text_of(b[i])].push_back(i);
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (partner[i] != kAlone) continue;
      const auto found = waiting.find(text_of(a[i]));
      if (found == waiting.end() || found->second.empty()) continue;
      partner[i] = static_cast<std::ptrdiff_t>(found->second.back());
      taken[found->second.back()] = true;
      found->second.pop_back();
    }
  };
  pair_by([](const mapping::Subgraph& s) { return s.name; });
  pair_by([](const mapping::Subgraph& s) { return mapping::shape_key(s.shape); });
  return partner;
}

ComparedSide side_of(const Partitioned& side, std::size_t i, const engine::EngineConfig& engine) {
  const SubgraphAnswer& answer = side.answer.subgraphs[i];
  std::optional<mapping::TilePlan> plan;
  if (side.answer.source == record::Source::kSimulated) plan = sim::plan(side.shown[i], engine);
  return {answer.name,           side.subgraphs[i].shape, side.shown[i].context, std::move(plan),   answer.stripes,
          answer.latency_cycles, answer.energy_uj,        answer.bound_by,       answer.reliability};
}

std::optional<ChangedUnit> changed_most(const SubgraphAnswer& a, const SubgraphAnswer& b) {
  std::optional<ChangedUnit> most;
  std::int64_t largest = 0;
  for (const record::UnitTime& x : a.units) {
    for (const record::UnitTime& y : b.units) {
      const std::int64_t change = std::abs(y.busy.count() - x.busy.count());
      if (x.unit != y.unit || change <= largest) continue;
      largest = change;
      most = ChangedUnit{record::to_string(x.unit), x.busy.count(), y.busy.count()};
    }
  }
  return most;
}

Comparison compare(const Side& a, NetworkAnswer answer_a, const Side& b, NetworkAnswer answer_b) {
  Partitioned left = partitioned(a, std::move(answer_a));
  Partitioned right = partitioned(b, std::move(answer_b));
  Comparison comparison;
  for (const std::string& key : engine::parameter_keys()) {
    if (key == "name" || key == "description") continue;  // the heads name them
    const std::string text_a = engine::value_text(*a.engine, key), text_b = engine::value_text(*b.engine, key);
    if (text_a != text_b) comparison.engine_changes.push_back(fmt::format("{}: {} -> {}", key, text_a, text_b));
  }
  const std::vector<std::ptrdiff_t> partner = match(left.subgraphs, right.subgraphs);
  std::vector<bool> shown(right.subgraphs.size(), false);
  for (const std::ptrdiff_t p : partner) {
    if (p != kAlone) shown[static_cast<std::size_t>(p)] = true;
  }
  std::size_t next_alone = 0;
  const auto alone_before = [&](std::size_t end) {
    for (; next_alone < end; ++next_alone) {
      if (shown[next_alone]) continue;
      comparison.subgraphs.push_back({std::nullopt, side_of(right, next_alone, *b.engine), {}});
    }
  };
  for (std::size_t i = 0; i < left.subgraphs.size(); ++i) {
    const SubgraphAnswer& s = left.answer.subgraphs[i];
    if (partner[i] == kAlone) {
      comparison.subgraphs.push_back({side_of(left, i, *a.engine), std::nullopt, {}});
      continue;
    }
    const auto p = static_cast<std::size_t>(partner[i]);
    alone_before(p);
    const SubgraphAnswer& t = right.answer.subgraphs[p];
    comparison.subgraphs.push_back({side_of(left, i, *a.engine), side_of(right, p, *b.engine), changed_most(s, t)});
  }
  alone_before(right.subgraphs.size());
  comparison.a = std::move(left.answer);
  comparison.b = std::move(right.answer);
  return comparison;
}

}  // namespace

Comparison compare(const Side& a, const Side& b, MeasurementSource& source) {
  return compare(a, answer_one(*a.graph, *a.engine, source), b, answer_one(*b.graph, *b.engine, source));
}

Comparison compare(const Side& a, const estimator::Estimator& estimator_a, const Side& b,
                   const estimator::Estimator& estimator_b, const EstimateOptions& options) {
  return compare(a, estimate_network(*a.graph, *a.engine, estimator_a, options), b,
                 estimate_network(*b.graph, *b.engine, estimator_b, options));
}

}  // namespace lanewise::study
