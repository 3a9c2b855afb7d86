// SPDX-License-Identifier: Apache-2.0
#include "report/timeline_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "core/base/error.hpp"

namespace lanewise::report {
namespace {

bool within(std::int32_t place, std::size_t size) { return place >= 0 && static_cast<std::size_t>(place) < size; }

}  // namespace

void check_timeline(const record::Timeline& timeline) {
  if (!(timeline.clock_hz > 0)) throw InternalError("timeline: a clock of 0 Hz");
  std::vector<double> ends(timeline.units.size(), 0);
  for (const record::Slice& slice : timeline.slices) {
    if (!within(slice.unit, timeline.units.size()) || !within(slice.subgraph, timeline.subgraphs.size())) {
      throw InternalError(fmt::format("timeline: a slice of unit {} and pass {}", slice.unit, slice.subgraph));
    }
    double& end = ends[static_cast<std::size_t>(slice.unit)];
    if (slice.begin < end || slice.end < slice.begin) {
      throw InternalError(fmt::format("timeline: {} from cycle {} to {} after one to {}",
                                      timeline.units[static_cast<std::size_t>(slice.unit)], slice.begin, slice.end,
                                      end));
    }
    end = slice.end;
  }
  for (const record::CounterSample& sample : timeline.samples) {
    if (!within(sample.counter, timeline.counters.size()) || !std::isfinite(sample.value)) {
      throw InternalError(fmt::format("timeline: a sample of counter {}, {}", sample.counter, sample.value));
    }
  }
}

std::string cycles_text(double cycles) {
  const auto thousandths = std::llround(cycles * 1000);
  return fmt::format("{}", static_cast<double>(thousandths) / 1000);
}

std::vector<record::StallCause> stall_causes(const record::Timeline& timeline) {
  std::set<record::StallCause> found;
  for (const record::Slice& slice : timeline.slices) {
    if (slice.stall) found.insert(*slice.stall);
  }
  std::vector<record::StallCause> causes(found.begin(), found.end());
  std::sort(causes.begin(), causes.end(), [](record::StallCause a, record::StallCause b) {
    return std::string_view(record::to_string(a)) < record::to_string(b);
  });
  return causes;
}

}  // namespace lanewise::report
