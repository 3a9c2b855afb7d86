// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validation_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace lanewise::study {
namespace {

constexpr std::int64_t kLongCycles = 1000;
constexpr std::size_t kWorstRows = 10;

double mean(const std::vector<double>& values) {
  if (values.empty()) return kUnknown;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double largest(const std::vector<double>& values) {
  return values.empty() ? kUnknown : *std::max_element(values.begin(), values.end());
}

double median(const std::vector<double>& sorted) {
  if (sorted.empty()) return kUnknown;
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double percentile_95(const std::vector<double>& sorted) {
  if (sorted.empty()) return kUnknown;
  return sorted[(sorted.size() * 95 + 99) / 100 - 1];
}

double share_within(const std::vector<double>& errors, double percent) {
  if (errors.empty()) return kUnknown;
  const auto within = std::count_if(errors.begin(), errors.end(), [&](double error) { return error <= percent; });
  return 100.0 * static_cast<double>(within) / static_cast<double>(errors.size());
}

std::vector<TimestampError> timestamp_errors(const std::vector<ValidatedRow>& rows) {
  std::vector<std::pair<std::string, std::vector<double>>> errors;
  for (const ValidatedRow& row : rows) {
    if (!row.failure.empty()) continue;
    for (const ValidatedTimestamp& timestamp : row.timestamps) {
      auto at = std::find_if(errors.begin(), errors.end(), [&](const auto& e) { return e.first == timestamp.name; });
      if (at == errors.end()) at = errors.insert(at, {timestamp.name, {}});
      at->second.push_back(100.0 * std::abs(static_cast<double>(timestamp.simulated - timestamp.measured)) /
                           static_cast<double>(timestamp.measured));
    }
  }
  std::vector<TimestampError> out;
  out.reserve(errors.size());
  for (const auto& [name, values] : errors) out.push_back({name, mean(values)});
  return out;
}

std::vector<ValidatedRow> worst_rows(const std::vector<ValidatedRow>& rows) {
  std::vector<ValidatedRow> worst;
  for (const ValidatedRow& row : rows) {
    if (row.failure.empty()) worst.push_back(row);
  }
  std::stable_sort(worst.begin(), worst.end(), [](const ValidatedRow& a, const ValidatedRow& b) {
    return std::abs(a.error_percent()) > std::abs(b.error_percent());
  });
  worst.resize(std::min(worst.size(), kWorstRows));
  return worst;
}

}  // namespace

ErrorStatistics error_statistics(const std::vector<ValidatedRow>& rows) {
  ErrorStatistics result;
  std::vector<double> errors, long_errors, short_cycles;
  double measured = 0, simulated = 0;
  for (const ValidatedRow& row : rows) {
    if (!row.failure.empty()) {
      ++result.failed;
      continue;
    }
    ++result.rows;
    measured += static_cast<double>(row.measured);
    simulated += static_cast<double>(row.simulated);
    errors.push_back(std::abs(row.error_percent()));
    if (row.measured >= kLongCycles) {
      long_errors.push_back(errors.back());
    } else {
      short_cycles.push_back(static_cast<double>(std::abs(row.simulated - row.measured)));
    }
  }
  std::sort(errors.begin(), errors.end());
  result.mape_percent = mean(errors);
  result.median_percent = median(errors);
  result.p95_percent = percentile_95(errors);
  result.worst_percent = largest(errors);
  if (measured > 0) result.total_error_percent = 100 * (simulated - measured) / measured;
  result.worst_long_percent = largest(long_errors);
  result.worst_short_cycles = largest(short_cycles);
  result.within_2_percent = share_within(errors, 2);
  result.within_5_percent = share_within(errors, 5);
  result.within_10_percent = share_within(errors, 10);
  result.timestamps = timestamp_errors(rows);
  return result;
}

ValidatedGroup summarize(const std::vector<ValidatedRow>& rows) {
  ValidatedGroup group;
  group.all = error_statistics(rows);
  group.worst = worst_rows(rows);
  std::map<std::string, std::vector<ValidatedRow>> parts;
  for (const ValidatedRow& row : rows) {
    std::vector<ValidatedRow>& part = parts[row.part];
    if (part.empty()) group.parts.emplace_back(row.part, ErrorStatistics{});
    part.push_back(row);
  }
  for (auto& [name, statistics] : group.parts) statistics = error_statistics(parts[name]);
  return group;
}

void summarize(ValidatedSequence& sequence) {
  if (!sequence.failure.empty()) return;
  std::vector<double> done, load_enabled;
  for (const ValidatedPosition& position : sequence.positions) {
    done.push_back(std::abs(position.done_error_percent()));
    if (!position.measured_load_enabled) continue;
    load_enabled.push_back(
        static_cast<double>(std::abs(position.simulated_load_enabled - *position.measured_load_enabled)));
  }
  sequence.done_mape_percent = mean(done);
  sequence.load_enabled_mean_error_cycles = mean(load_enabled);
  if (sequence.positions.size() < 2) return;
  const ValidatedPosition& first = sequence.positions.front();
  const ValidatedPosition& last = sequence.positions.back();
  const auto periods = static_cast<double>(sequence.positions.size() - 1);
  sequence.measured_period = static_cast<double>(last.measured_done - first.measured_done) / periods;
  sequence.simulated_period = static_cast<double>(last.simulated_done - first.simulated_done) / periods;
  sequence.period_error_percent =
      100.0 * (sequence.simulated_period - sequence.measured_period) / sequence.measured_period;
}

void summarize(SequenceValidation& validation) {
  std::vector<double> periods, done;
  for (const ValidatedSequence& sequence : validation.sequences) {
    if (!sequence.failure.empty()) {
      ++validation.failed;
      continue;
    }
    if (sequence.positions.size() > 1) periods.push_back(std::abs(sequence.period_error_percent));
    for (const ValidatedPosition& p : sequence.positions) done.push_back(std::abs(p.done_error_percent()));
  }
  validation.mape_percent = mean(periods);
  validation.worst_period_percent = largest(periods);
  validation.done_mape_percent = mean(done);
}

}  // namespace lanewise::study
