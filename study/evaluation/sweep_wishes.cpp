// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sweep_wishes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "nas/problem.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

using nas::Metric;

void require_known(Metric metric, const std::string& where) {
  if (metric != Metric::kAccuracy) return;
  throw Error(fmt::format("{}: accuracy is not known in a sweep, which measures no network's quality", where));
}

SweepWishes::Order parse_order(const std::string& text) {
  SweepWishes::Order order;
  const std::size_t colon = text.find(':');
  const std::string direction = colon == std::string::npos ? "asc" : text.substr(colon + 1);
  if (direction != "asc" && direction != "desc") {
    throw Error(fmt::format("--sort {}: '{}' must be asc or desc, as in latency_ms:desc", printable(text),
                            printable(direction)));
  }
  order.metric = nas::parse_metric(text.substr(0, colon));
  order.descending = direction == "desc";
  return order;
}

nas::Metrics values_of(const SweepRow& row) { return metrics_of(row.total); }
nas::Metrics values_of(const SweepSetRow& row) { return row.means; }
double violation_of(const SweepRow& row) { return row.violation(); }
double violation_of(const SweepSetRow& row) { return row.violation; }

// Rows that failed or miss a limit are not on the front.
template <class Row>
void mark_pareto(std::vector<Row>& rows, std::size_t begin, std::size_t end, const std::vector<Metric>& objectives) {
  std::vector<nas::Evaluation> evaluations;
  std::vector<std::size_t> row_of;
  for (std::size_t i = begin; i < end; ++i) {
    if (!rows[i].failure.empty() || violation_of(rows[i]) > 0) continue;
    nas::Evaluation evaluation;
    for (const Metric metric : objectives) evaluation.objectives.push_back(values_of(rows[i])[metric]);
    evaluations.push_back(std::move(evaluation));
    row_of.push_back(i);
  }
  for (const std::size_t i : nas::pareto_front(evaluations)) rows[row_of[i]].pareto = true;
}

// Rows that keep the limits by the metric, then those that do not by how much they miss, then those that failed.
template <class Row>
void order_rows(std::vector<Row>& rows, const SweepWishes::Order& order) {
  const auto place = [&](const Row& row) {
    const int group = !row.failure.empty() ? 2 : violation_of(row) > 0 ? 1 : 0;
    const double value = values_of(row)[order.metric];
    const double by = group == 2 ? 0 : group == 1 ? violation_of(row) : order.descending ? -value : value;
    return std::make_pair(group, by);
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return place(a) < place(b); });
}

template <class Row>
std::size_t keep_first(std::vector<Row>& rows, std::size_t count) {
  if (rows.size() <= count) return 0;
  const std::size_t out = rows.size() - count;
  rows.resize(count);
  return out;
}

// The latency's interval in the metric's unit. Energy has none: the product takes it as predicted.
bool within_interval(const SweepRow& row, Metric metric, double bound) {
  if (!row.reliability || !row.reliability->interval || row.total.latency_cycles <= 0) return false;
  if (metric != Metric::kLatency && metric != Metric::kEnergyDelayProduct) return false;
  const double of_a_cycle = metrics_of(row.total)[metric] / static_cast<double>(row.total.latency_cycles);
  const LatencyInterval& interval = *row.reliability->interval;
  return bound > of_a_cycle * static_cast<double>(interval.low_cycles) &&
         bound < of_a_cycle * static_cast<double>(interval.high_cycles);
}

}  // namespace

SweepWishes parse_wishes(const std::string& objectives, const std::vector<std::string>& limits,
                         const std::string& order) {
  SweepWishes wishes;
  if (!objectives.empty()) wishes.objectives = nas::parse_metrics(objectives);
  for (const Metric metric : wishes.objectives) require_known(metric, "--objectives");
  wishes.limits = nas::parse_limits(limits);
  for (const nas::Limit& limit : wishes.limits) require_known(limit.metric, fmt::format("limit '{}'", limit.text));
  if (!order.empty()) {
    wishes.order = parse_order(order);
    require_known(wishes.order->metric, "--sort");
  }
  return wishes;
}

std::vector<LimitCheck> check_limits(const SweepRow& row, const std::vector<nas::Limit>& limits,
                                     const nas::Metrics& baseline) {
  std::vector<LimitCheck> checks;
  const nas::Metrics values = metrics_of(row.total);
  for (const nas::Limit& limit : limits) {
    LimitCheck check;
    check.bound = limit.bound_for(baseline);
    check.value = values[limit.metric];
    check.violation = limit.violation(values, baseline);
    check.uncertain = within_interval(row, limit.metric, check.bound);
    checks.push_back(check);
  }
  return checks;
}

void carry_out(SweepTable& table, std::size_t of_network, std::size_t of_network_in_all) {
  const SweepWishes& wishes = table.wishes;
  for (std::size_t begin = 0; begin < table.rows.size(); begin += of_network) {
    mark_pareto(table.rows, begin, begin + of_network, wishes.objectives);
  }
  for (std::size_t begin = 0; begin < table.set.size(); begin += of_network) {
    mark_pareto(table.set, begin, begin + of_network, wishes.objectives);
  }
  table.rows_missing = static_cast<std::size_t>(
      std::count_if(table.rows.begin(), table.rows.end(), [](const SweepRow& row) { return row.violation() > 0; }));
  std::optional<SweepWishes::Order> order = wishes.order;
  if (!order && wishes.top) order = SweepWishes::Order{wishes.objectives.front(), false};
  if (!order) return;
  std::vector<SweepRow> rows;
  for (std::size_t begin = 0; begin < table.rows.size(); begin += of_network_in_all) {
    const auto from = table.rows.begin() + static_cast<std::ptrdiff_t>(begin);
    std::vector<SweepRow> part(from, from + static_cast<std::ptrdiff_t>(of_network_in_all));
    order_rows(part, *order);
    if (wishes.top) table.rows_left_out += keep_first(part, *wishes.top);
    std::move(part.begin(), part.end(), std::back_inserter(rows));
  }
  table.rows = std::move(rows);
  order_rows(table.set, *order);
  if (wishes.top) table.set_left_out = keep_first(table.set, *wishes.top);
}

}  // namespace lanewise::study
