// SPDX-License-Identifier: Apache-2.0
#include "sim/units/unit_log.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::sim {

void UnitLog::reset(Ticks start, bool keep_slices) {
  keep_slices_ = keep_slices;
  until_ = start;
  job_ = 0;
  tile_ = -1;
  spent_.fill(0);
  slices_.clear();
  mixed_.clear();
}

void UnitLog::keep(int state, Ticks at) {
  const bool same = !slices_.empty() && slices_.back().mixed < 0 && slices_.back().state == state &&
                    slices_.back().end == until_ && slices_.back().job == job_ && slices_.back().tile == tile_;
  if (same) {
    slices_.back().end = at;
  } else {
    slices_.push_back({state, job_, tile_, until_, at});
  }
}

void UnitLog::repeat(std::int64_t times, Ticks length) {
  Spent more{};
  for (std::size_t state = 0; state < spent_.size(); ++state) {
    more[state] = (spent_[state] - marked_[state]) * times;
    spent_[state] += more[state];
  }
  if (keep_slices_) {
    slices_.push_back({kIdle, job_, tile_, until_, until_ + length, static_cast<std::int32_t>(mixed_.size())});
    mixed_.push_back(more);
  }
  until_ += length;
}

record::UnitTime UnitLog::rounded(record::Unit unit, const Spent& spent, Cycles latency) {
  record::UnitTime time;
  time.unit = unit;
  std::int64_t left = latency.count();
  const auto take = [&](Ticks ticks) {
    const std::int64_t cycles = std::min(left, (ticks + kTicksPerCycle / 2) / kTicksPerCycle);
    left -= cycles;
    return Cycles(cycles);
  };
  time.busy = take(spent[kBusy]);
  for (int cause = 0; cause < record::kStallCauseCount; ++cause) {
    const Cycles cycles = take(spent[static_cast<std::size_t>(cause)]);
    if (cycles.count() > 0) time.stalled.push_back({static_cast<Stall>(cause), cycles});
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
    const Ticks inside = std::min(end, slice->end) - std::max(begin, slice->begin);
    if (slice->mixed < 0) {
      spent[static_cast<std::size_t>(slice->state)] += inside;
      continue;
    }
    // Like stripes: a part of them has its share of each state.
    const double share = static_cast<double>(inside) / static_cast<double>(slice->end - slice->begin);
    const Spent& mixed = mixed_[static_cast<std::size_t>(slice->mixed)];
    for (std::size_t state = 0; state < spent.size(); ++state) {
      spent[state] += static_cast<Ticks>(std::llround(share * static_cast<double>(mixed[state])));
    }
  }
  return rounded(unit_, spent, latency);
}

record::UnitTime counted_unit(record::Unit unit, Ticks busy, Cycles latency) {
  UnitLog::Spent spent{};
  spent[UnitLog::kBusy] = busy;
  return UnitLog::rounded(unit, spent, latency);
}

void UnitLog::draw(record::Timeline& timeline, const Sequence& sequence) const {
  const auto unit = static_cast<std::int32_t>(timeline.units.size());
  timeline.units.emplace_back(record::to_string(unit_));
  const auto cycles = [&](Ticks at) { return static_cast<double>(at - sequence.start) / kTicksPerCycle; };
  for (const Slice& slice : slices_) {
    const Job& job = sequence.jobs[static_cast<std::size_t>(slice.job)];
    const auto tile = slice.tile < 0 ? -1 : static_cast<std::int32_t>(job.first_step) + slice.tile;  // of the subgraph
    std::optional<Stall> stall;
    if (slice.state != kBusy) stall = static_cast<Stall>(slice.state);
    timeline.slices.push_back(
        {unit, static_cast<std::int32_t>(job.number), tile, cycles(slice.begin), cycles(slice.end), stall});
  }
}

}  // namespace lanewise::sim
