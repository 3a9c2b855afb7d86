// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/mapping/partition.hpp"
#include "core/mapping/tile_plan.hpp"
#include "report/pass_text.hpp"
#include "report/table.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

constexpr std::ptrdiff_t kAlone = -1;

struct Passes {
  std::vector<mapping::Subgraph> subgraphs;
  report::NetworkAnswer answer;
};

Passes passes_of(const Side& side, PassSource& source) {
  Passes passes;
  passes.answer = answer_one(*side.graph, *side.engine, source);
  passes.subgraphs = mapping::partition(*side.graph, *side.engine);
  return passes;
}

// For each pass of A the index of its counterpart in B, or kAlone.
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

std::vector<std::string> changes_between(const mapping::Subgraph& a, const engine::EngineConfig& engine_a,
                                         const mapping::Subgraph& b, const engine::EngineConfig& engine_b) {
  std::vector<std::string> changes;
  const auto note = [&](const char* what, const std::string& text_a, const std::string& text_b) {
    if (text_a != text_b) changes.push_back(fmt::format("{}: {} -> {}", what, text_a, text_b));
  };
  note("shape", report::shape_text(a.shape), report::shape_text(b.shape));
  note("context", report::context_text(a.shape, a.context), report::context_text(b.shape, b.context));
  note("plan", report::plan_text(mapping::plan_tiles(a, engine_a)),
       report::plan_text(mapping::plan_tiles(b, engine_b)));
  return changes;
}

// The unit whose work changed the most, and whether the bound moved with it. By an estimator there are no units, and
// the bound is all there is to say.
std::string why(const report::SubgraphAnswer& a, const report::SubgraphAnswer& b) {
  if (a.latency_cycles == b.latency_cycles) return "";
  std::string text;
  const record::UnitTime* unit_a = nullptr;
  const record::UnitTime* unit_b = nullptr;
  std::int64_t largest = 0;
  for (const record::UnitTime& x : a.units) {
    for (const record::UnitTime& y : b.units) {
      const std::int64_t change = std::abs(y.busy.count() - x.busy.count());
      if (x.unit != y.unit || change <= largest) continue;
      largest = change;
      unit_a = &x;
      unit_b = &y;
    }
  }
  if (unit_a != nullptr) {
    text = fmt::format("{} busy {} -> {} cycles", unit_a->unit, report::grouped(unit_a->busy.count()),
                       report::grouped(unit_b->busy.count()));
  }
  if (a.bound_by != b.bound_by) {
    text += fmt::format("{}bound by {} -> {}", text.empty() ? "" : ", ", a.bound_by, b.bound_by);
  }
  return text;
}

}  // namespace

report::Comparison compare(const Side& a, const Side& b, PassSource& source) {
  Passes left = passes_of(a, source);
  Passes right = passes_of(b, source);
  report::Comparison comparison;
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
      const report::SubgraphAnswer& s = right.answer.subgraphs[next_alone];
      const std::string what = report::shape_text(right.subgraphs[next_alone].shape);
      comparison.passes.push_back(
          {"", s.name, 0, s.latency_cycles, 0, s.energy_uj, "", s.bound_by, {"only in B: " + what}, ""});
    }
  };
  for (std::size_t i = 0; i < left.subgraphs.size(); ++i) {
    const report::SubgraphAnswer& s = left.answer.subgraphs[i];
    if (partner[i] == kAlone) {
      const std::string what = report::shape_text(left.subgraphs[i].shape);
      comparison.passes.push_back(
          {s.name, "", s.latency_cycles, 0, s.energy_uj, 0, s.bound_by, "", {"only in A: " + what}, ""});
      continue;
    }
    const auto p = static_cast<std::size_t>(partner[i]);
    alone_before(p);
    const report::SubgraphAnswer& t = right.answer.subgraphs[p];
    comparison.passes.push_back(
        {s.name, t.name, s.latency_cycles, t.latency_cycles, s.energy_uj, t.energy_uj, s.bound_by, t.bound_by,
         changes_between(left.subgraphs[i], *a.engine, right.subgraphs[p], *b.engine), why(s, t)});
  }
  alone_before(right.subgraphs.size());
  comparison.a = std::move(left.answer);
  comparison.b = std::move(right.answer);
  return comparison;
}

}  // namespace lanewise::study
