// SPDX-License-Identifier: Apache-2.0
#include "report/timeline_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::report {
namespace {

// The names are those of the Trace Event Format's reserved colours; docs/timelines.md shows what they look like.
constexpr std::array<std::pair<const char*, const char*>, 12> kColours{{
    {"input", "thread_state_iowait"},
    {"weights", "terrible"},
    {"weight_load", "yellow"},
    {"operand", "bad"},
    {"accumulators", "detailed_memory_dump"},
    {"output_buffer", "background_memory_dump"},
    {"load_buffer", "light_memory_dump"},
    {"buffer", "light_memory_dump"},
    {"onchip_bandwidth", "vsync_highlight_color"},
    {"dram", "thread_state_uninterruptible"},
    {"dram_bandwidth", "thread_state_uninterruptible"},
    {"dram_latency", "thread_state_runnable"},
}};

// For causes that the table does not know.
constexpr std::array<const char*, 6> kOtherColours{"olive",     "rail_response",   "rail_animation",
                                                   "rail_load", "cq_build_failed", "cq_build_abandoned"};

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

std::vector<std::string> stall_causes(const record::Timeline& timeline) {
  std::set<std::string> causes;
  for (const record::Slice& slice : timeline.slices) {
    if (!slice.stall.empty()) causes.insert(slice.stall);
  }
  return {causes.begin(), causes.end()};
}

const char* stall_colour(const std::string& cause) {
  for (const auto& [known, colour] : kColours) {
    if (cause == known) return colour;
  }
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : cause) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return kOtherColours[hash % kOtherColours.size()];
}

std::vector<char> stall_letters(const std::vector<std::string>& causes) {
  std::vector<char> letters;
  const auto free = [&](char c) { return std::find(letters.begin(), letters.end(), c) == letters.end(); };
  for (const std::string& cause : causes) {
    std::string wanted;
    for (const char c : cause) {
      if (std::islower(static_cast<unsigned char>(c)) != 0) wanted += c;
    }
    wanted += "abcdefghijklmnopqrstuvwxyz";
    const auto letter = std::find_if(wanted.begin(), wanted.end(), free);
    letters.push_back(letter == wanted.end() ? '?' : *letter);
  }
  return letters;
}

}  // namespace lanewise::report
