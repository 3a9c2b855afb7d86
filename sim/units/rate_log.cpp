// SPDX-License-Identifier: Apache-2.0
#include "sim/units/rate_log.hpp"

namespace lanewise::sim {

void RateLog::set(Ticks at, double bytes_per_cycle) {
  if (!keep_) return;
  if (!changes_.empty() && changes_.back().at == at) changes_.pop_back();
  const double before = changes_.empty() ? 0 : changes_.back().rate;
  if (before != bytes_per_cycle) changes_.push_back({at, bytes_per_cycle});
}

void RateLog::draw(record::Timeline& timeline, Ticks start) const {
  const auto counter = static_cast<std::int32_t>(timeline.counters.size());
  timeline.counters.emplace_back(counter_);
  timeline.samples.push_back({counter, 0, 0});
  for (const Change& change : changes_) {
    timeline.samples.push_back({counter, static_cast<double>(change.at - start) / kTicksPerCycle, change.rate});
  }
}

}  // namespace lanewise::sim
