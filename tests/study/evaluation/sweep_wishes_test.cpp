// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sweep_wishes.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

using nas::Metric;

SweepRow row_of(double latency_ms, double energy_uj, const std::string& failure = "") {
  SweepRow row;
  row.network = "n";
  row.failure = failure;
  row.total.latency_cycles = static_cast<std::int64_t>(1000 * latency_ms);
  row.total.latency_ms = latency_ms;
  row.total.energy_uj = energy_uj;
  row.total.area_mm2 = 1;
  return row;
}

// One network whose rows are checked and ranked.
SweepTable table_of(std::vector<SweepRow> rows, const SweepWishes& wishes) {
  SweepTable table;
  table.wishes = wishes;
  table.rows = std::move(rows);
  for (SweepRow& row : table.rows) {
    if (row.failure.empty()) row.limits = check_limits(row, wishes.limits, {});
  }
  carry_out(table, table.rows.size(), table.rows.size());
  return table;
}

std::vector<double> latencies(const SweepTable& table) {
  std::vector<double> out;
  for (const SweepRow& row : table.rows) out.push_back(row.total.latency_ms);
  return out;
}

std::string refusal(const std::string& objectives, const std::vector<std::string>& limits, const std::string& order) {
  try {
    parse_wishes(objectives, limits, order);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(SweepWishes, are_read_and_refused_in_one_line) {
  const SweepWishes none = parse_wishes("", {}, "");
  EXPECT_EQ(none.objectives, (std::vector<Metric>{Metric::kLatency, Metric::kEnergy, Metric::kArea}));
  EXPECT_FALSE(none.order || none.top);
  const SweepWishes some = parse_wishes("edp", {"latency<=5", "macs>=baseline"}, "dram_bytes:desc");
  EXPECT_EQ(some.objectives, std::vector<Metric>{Metric::kEnergyDelayProduct});
  EXPECT_EQ(some.limits.size(), 2u);
  EXPECT_TRUE(some.order->descending);
  EXPECT_EQ(some.order->metric, Metric::kDramBytes);
  EXPECT_FALSE(parse_wishes("", {}, "edp:asc").order->descending);
  EXPECT_EQ(refusal("accuracy", {}, ""),
            "--objectives: accuracy is not known in a sweep, which measures no network's quality");
  EXPECT_EQ(refusal("", {"accuracy>=1"}, ""),
            "limit 'accuracy>=1': accuracy is not known in a sweep, which measures no network's quality");
  EXPECT_EQ(refusal("", {}, "edp:down"), "--sort edp:down: 'down' must be asc or desc, as in latency_ms:desc");
  EXPECT_EQ(refusal("", {}, "speed").rfind("metric 'speed' is unknown", 0), 0u);
}

TEST(SweepWishes, marks_are_by_the_objectives_among_rows_that_keep_the_limits) {
  const std::vector<SweepRow> rows = {row_of(1, 9), row_of(2, 5), row_of(3, 6), row_of(4, 1), row_of(0.5, 0.5, "no")};
  const auto marked = [&](const SweepWishes& wishes) {
    std::string out;
    for (const SweepRow& row : table_of(rows, wishes).rows) out += row.pareto ? '*' : '.';
    return out;
  };
  EXPECT_EQ(marked(parse_wishes("latency_ms,energy_uj", {}, "")), "**.*.");
  EXPECT_EQ(marked(parse_wishes("energy_uj", {}, "")), "...*.");
  EXPECT_EQ(marked(parse_wishes("latency_ms,energy_uj", {"latency_ms>=2.5"}, "")), "..**.");
  EXPECT_EQ(marked(parse_wishes("edp", {"energy_uj>=2"}, "")), "*....");
}

TEST(SweepWishes, rows_that_miss_come_behind_by_how_much_and_failures_last) {
  const std::vector<SweepRow> rows = {row_of(0.5, 0.5, "no"), row_of(4, 1), row_of(1, 12), row_of(2, 5), row_of(3, 11)};
  EXPECT_EQ(latencies(table_of(rows, parse_wishes("", {"energy_uj<=10"}, "latency_ms"))),
            (std::vector<double>{2, 4, 3, 1, 0.5}));
  EXPECT_EQ(latencies(table_of(rows, parse_wishes("", {"energy_uj<=10"}, "latency_ms:desc"))),
            (std::vector<double>{4, 2, 3, 1, 0.5}));
  SweepWishes wishes = parse_wishes("energy_uj", {"energy_uj<=10"}, "");
  EXPECT_EQ(latencies(table_of(rows, wishes)), (std::vector<double>{0.5, 4, 1, 2, 3}));  // as they were
  wishes.top = 3;                                                                        // by the first objective
  const SweepTable top = table_of(rows, wishes);
  EXPECT_EQ(latencies(top), (std::vector<double>{4, 2, 3}));
  EXPECT_EQ(top.rows_left_out, 2u);
  EXPECT_EQ(top.rows_missing, 2u);
}

TEST(SweepWishes, a_bound_within_the_interval_of_an_estimate_is_uncertain_on_either_side) {
  SweepRow row = row_of(2, 5);  // 1000 cycles a millisecond
  row.reliability.emplace();
  row.reliability->interval = LatencyInterval{0.9, 1900, 2200};
  const auto check = [&](const std::string& limit) { return check_limits(row, {nas::parse_limit(limit)}, {}).front(); };
  EXPECT_TRUE(check("latency_ms<=2.1").uncertain);
  EXPECT_EQ(check("latency_ms<=2.1").violation, 0);
  EXPECT_TRUE(check("latency_ms<=1.95").uncertain);
  EXPECT_GT(check("latency_ms<=1.95").violation, 0);
  EXPECT_FALSE(check("latency_ms<=2.3").uncertain);
  EXPECT_FALSE(check("latency_ms<=1.8").uncertain);
  EXPECT_TRUE(check("latency_ms>=1.95").uncertain);
  EXPECT_TRUE(check("edp<=10.5").uncertain);  // 9.5 to 11
  EXPECT_FALSE(check("edp<=11.5").uncertain);
  EXPECT_FALSE(check("energy_uj<=5").uncertain);
  row.reliability.reset();
  EXPECT_FALSE(check("latency_ms<=2.1").uncertain);  // simulated
}

TEST(AnswerMetrics, knows_all_but_the_accuracy) {
  Totals total;
  total.latency_ms = 2;
  total.energy_uj = 5;
  const nas::Metrics metrics = metrics_of(total);
  EXPECT_EQ(metrics[Metric::kEnergyDelayProduct], 10);
  for (const nas::MetricTraits& traits : nas::metrics()) {
    EXPECT_EQ(std::isnan(metrics[traits.metric]), traits.metric == Metric::kAccuracy) << traits.name;
  }
}

}  // namespace
}  // namespace lanewise::study
