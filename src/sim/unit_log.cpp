// SPDX-License-Identifier: Apache-2.0
#include "sim/unit_log.hpp"

#include <algorithm>

namespace lanewise::sim {

const char* to_string(Stall stall) {
  static constexpr std::array<const char*, kStallCount> kNames{
      "input",       "weights",          "operand", "accumulators", "output_buffer",
      "load_buffer", "onchip_bandwidth", "dram",    "unpacking",    "weight_load"};
  return kNames.at(static_cast<std::size_t>(stall));
}

void UnitLog::reset(Ticks start, bool keep_slices) {
  keep_slices_ = keep_slices;
  until_ = start;
  job_ = 0;
  tile_ = -1;
  spent_.fill(0);
  slices_.clear();
}

void UnitLog::extend(int state, Ticks at) {
  if (at <= until_) return;
  spent_[static_cast<std::size_t>(state)] += at - until_;
  if (keep_slices_ && state != kIdle) {
    const bool same = !slices_.empty() && slices_.back().state == state && slices_.back().end == until_ &&
                      slices_.back().job == job_ && slices_.back().tile == tile_;
    if (same) {
      slices_.back().end = at;
    } else {
      slices_.push_back({state, job_, tile_, until_, at});
    }
  }
  until_ = at;
}

record::UnitTime UnitLog::rounded(const char* unit, const Spent& spent, Cycles latency) {
  record::UnitTime time;
  time.unit = unit;
  std::int64_t left = latency.count();
  const auto take = [&](Ticks ticks) {
    const std::int64_t cycles = std::min(left, (ticks + kTicksPerCycle / 2) / kTicksPerCycle);
    left -= cycles;
    return Cycles(cycles);
  };
  time.busy = take(spent[kBusy]);
  for (int cause = 0; cause < kStallCount; ++cause) {
    const Cycles cycles = take(spent[static_cast<std::size_t>(cause)]);
    if (cycles.count() > 0) time.stalled.push_back({to_string(static_cast<Stall>(cause)), cycles});
  }
  time.idle = Cycles(left);
  return time;
}

record::UnitTime UnitLog::within(Ticks begin, Ticks end, Cycles latency) const {
  if (!keep_slices_) return rounded(unit_, spent_, latency);
  Spent spent{};
  const auto first = std::lower_bound(slices_.begin(), slices_.end(), begin,
                                      [](const Slice& slice, Ticks at) { return slice.end <= at; });
  for (auto slice = first; slice != slices_.end() && slice->begin < end; ++slice) {
    spent[static_cast<std::size_t>(slice->state)] += std::min(end, slice->end) - std::max(begin, slice->begin);
  }
  return rounded(unit_, spent, latency);
}

record::UnitTime counted_unit(const char* unit, Ticks busy, Cycles latency) {
  UnitLog::Spent spent{};
  spent[UnitLog::kBusy] = busy;
  return UnitLog::rounded(unit, spent, latency);
}

void UnitLog::draw(record::Timeline& timeline, Ticks start) const {
  const auto unit = static_cast<std::int32_t>(timeline.units.size());
  timeline.units.emplace_back(unit_);
  const auto cycles = [start](Ticks at) { return static_cast<double>(at - start) / kTicksPerCycle; };
  for (const Slice& slice : slices_) {
    timeline.slices.push_back({unit, slice.job, slice.tile, cycles(slice.begin), cycles(slice.end),
                               slice.state == kBusy ? "" : to_string(static_cast<Stall>(slice.state))});
  }
}

}  // namespace lanewise::sim
