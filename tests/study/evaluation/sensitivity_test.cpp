// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sensitivity.hpp"

#include <map>
#include <set>

#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/resources.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

engine::EngineConfig wide_engine() {
  return engine::with_overrides(small_engine(), {{"engine.parallelism_factor", "128"}});
}

const Sensitivity& of_wide_engine() {
  static const Sensitivity sensitivity =
      study::sensitivity(mobilenet(), wide_engine(), key_groups(engine::load_follow_rules(kEnginePath, "ne")),
                         *make_simulator(kWorker, 2));
  return sensitivity;
}

std::vector<const std::vector<SensitivityRow>*> lists_of(const Sensitivity& s) {
  return {&s.changes, &s.groups, &s.alternatives, &s.reductions};
}

TEST(Sensitivity, names_weight_loading_first_where_it_starves_a_wide_array) {
  const std::vector<const SensitivityRow*> best = of_wide_engine().best();
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0]->keys.front().key, "engine.weight_load_kernels_per_cycle");
  EXPECT_EQ(best[0]->keys.front().after, "2");
  EXPECT_EQ(best[1]->keys.front().key, "accumulators.size");
  EXPECT_GT(best[0]->gain_percent, 40);
}

TEST(Sensitivity, a_row_is_what_simulate_says_of_that_engine) {
  const Sensitivity& s = of_wide_engine();
  const engine::EngineConfig base = wide_engine();
  const network::Graph graph = mobilenet();
  EXPECT_EQ(s.before.latency_cycles, simulate_network(graph, base).total.latency_cycles);
  for (const auto* rows : lists_of(s)) {
    ASSERT_FALSE(rows->empty());
    for (const SensitivityRow* row : {&rows->front(), &rows->back()}) {
      if (!row->failure.empty()) continue;
      std::vector<engine::Override> changes;
      for (const ChangedKey& key : row->keys) {
        EXPECT_EQ(key.before, engine::value_text(base, key.key));
        changes.push_back({key.key, key.after});
      }
      const Totals total = simulate_network(graph, engine::with_overrides(base, changes)).total;
      EXPECT_EQ(row->after.latency_cycles, total.latency_cycles) << row->keys.front().key;
      EXPECT_DOUBLE_EQ(row->after.energy_uj, total.energy_uj);
      EXPECT_DOUBLE_EQ(row->after.area_mm2, total.area_mm2);
    }
  }
}

TEST(Sensitivity, lists_are_sorted_by_gain_and_equal_gains_by_area) {
  for (const auto* rows : lists_of(of_wide_engine())) {
    for (std::size_t i = 1; i < rows->size(); ++i) {
      const SensitivityRow &a = (*rows)[i - 1], &b = (*rows)[i];
      if (!a.failure.empty() || !b.failure.empty()) continue;
      EXPECT_GE(a.gain_percent, b.gain_percent);
      if (a.gain_percent == b.gain_percent) {
        EXPECT_LE(a.after.area_mm2, b.after.area_mm2);
      }
    }
  }
}

// Nothing of the table may fall through: every key is changed, refused, left out or a cost.
TEST(Sensitivity, every_key_of_the_table_is_accounted_for) {
  const Sensitivity& s = of_wide_engine();
  const engine::EngineConfig base = wide_engine();
  std::set<std::string> seen;
  for (const auto* rows : lists_of(s)) {
    for (const SensitivityRow& row : *rows) {
      for (const ChangedKey& key : row.keys) seen.insert(key.key);
    }
  }
  for (const Untried& one : s.refused) seen.insert(one.key);
  for (const Untried& one : s.left_out) {
    seen.insert(one.key);
    EXPECT_NE(one.reason, "");
  }
  std::int64_t costs = 0;
  for (const engine::Parameter& parameter : engine::parameter_table()) {
    const std::string key = parameter.key;
    if (key.rfind("energy.", 0) == 0 || key.rfind("area.", 0) == 0) {
      ++costs;
      continue;
    }
    if (std::holds_alternative<std::string>(engine::fetch(parameter, base))) continue;
    EXPECT_EQ(seen.count(key), 1u) << key;
  }
  EXPECT_GT(s.costs_tried, costs / 2);
  EXPECT_LE(s.costs_tried, 2 * costs);
}

TEST(Sensitivity, groups_hold_the_resources_and_the_followers) {
  const Sensitivity& s = of_wide_engine();
  std::map<std::string, const SensitivityRow*> groups;
  for (const SensitivityRow& row : s.groups) groups[row.group] = &row;
  ASSERT_EQ(groups.count("engine.parallelism_factor and its followers"), 1u);
  EXPECT_EQ(groups.at("engine.parallelism_factor and its followers")->keys.size(), 5u);
  ASSERT_EQ(groups.count("dot_product_array"), 1u);
  EXPECT_EQ(groups.count("engine.clock"), 1u);
  for (const auto& [name, row] : groups) {
    EXPECT_GE(row->keys.size(), name == "engine.clock" ? 1u : 2u) << name;
  }
}

TEST(Sensitivity, does_not_depend_on_who_simulates) {
  const engine::EngineConfig base = engine::load_engine("hwconfigs/nvdla-small.yaml").config;
  const std::vector<KeyGroup> groups = key_groups(engine::load_follow_rules("hwconfigs/nvdla-small.yaml", "nvdla"));
  const network::Graph graph = squeezenet();
  const Sensitivity alone = sensitivity(graph, base, groups, *make_simulator());
  const Sensitivity pooled = sensitivity(graph, base, groups, *make_simulator(kWorker, 3));
  const auto left = lists_of(alone), right = lists_of(pooled);
  for (std::size_t l = 0; l < left.size(); ++l) {
    ASSERT_EQ(left[l]->size(), right[l]->size());
    for (std::size_t i = 0; i < left[l]->size(); ++i) {
      const SensitivityRow &a = (*left[l])[i], &b = (*right[l])[i];
      EXPECT_EQ(a.keys.front().key, b.keys.front().key);
      EXPECT_EQ(a.keys.front().after, b.keys.front().after);
      EXPECT_EQ(a.after.latency_cycles, b.after.latency_cycles);
      EXPECT_EQ(a.after.energy_uj, b.after.energy_uj);
    }
  }
}

TEST(Sensitivity, a_refused_double_becomes_the_next_legal_value_or_says_why) {
  // 16 banks of 1 B/cycle take 16 B/cycle: 12.8 GB/s at 800 MHz is all that they allow, 9.6 may grow by a quarter.
  const engine::EngineConfig tight =
      engine::with_overrides(small_engine(), {{"memory.bank_bandwidth", "1 B/cycle"}, {"dram.bandwidth", "9.6 GB/s"}});
  const Sensitivity s = sensitivity(squeezenet(), tight, {}, *make_simulator(kWorker, 2));
  const auto found = std::find_if(s.changes.begin(), s.changes.end(),
                                  [](const SensitivityRow& row) { return row.keys.front().key == "dram.bandwidth"; });
  ASSERT_NE(found, s.changes.end());
  EXPECT_EQ(found->keys.front().after, "12 GB/s");
  EXPECT_TRUE(std::any_of(s.refused.begin(), s.refused.end(), [](const Untried& one) {
    return one.key == "engine.precision_rate.int4" || one.key == "engine.patch_rows";
  }));
  EXPECT_TRUE(std::any_of(s.left_out.begin(), s.left_out.end(), [](const Untried& one) {
    return one.key == "memory.bank_bandwidth" || one.key == "engine.precision_rate.int8";
  }));
}

TEST(Sensitivity, an_engine_that_cannot_run_the_network_is_an_error) {
  const engine::EngineConfig none =
      engine::with_overrides(small_engine(), {{"engine.precision_rate.int16", "0"}, {"energy.mac.int16", "0 pJ"}});
  network::ImportOptions wide;
  wide.precision = Precision::kInt16;
  wide.weight_precision = Precision::kInt16;
  const network::Graph graph = network::import_network("models/squeezenet1_1.onnx", wide);
  EXPECT_THROW(sensitivity(graph, none, {}, *make_simulator()), Error);
}

}  // namespace
}  // namespace lanewise::study::testing
