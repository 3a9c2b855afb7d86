// SPDX-License-Identifier: Apache-2.0
// A timeline in the Trace Event Format, which Perfetto's UI and chrome://tracing open. docs/timelines.md explains the
// tracks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_identity.hpp"
#include "core/record/file.hpp"
#include "core/record/timeline.hpp"

namespace lanewise::report {

// What a timeline is of.
struct TimedRun {
  struct Subgraph {
    std::string name;
    std::int64_t latency_cycles = 0;  // since the subgraph before it was done
  };
  std::string network, engine, tool_version;
  std::vector<Subgraph> subgraphs;       // as in the timeline
  engine::EngineIdentity identity = {};  // of the engine
};

// Writes piece by piece, so that the size of the trace does not matter, and finishes the file. Times are whole
// nanoseconds of the engine's clock; `cycles` among a slice's arguments is exact. Throws Error when it cannot be
// written, InternalError for a timeline whose slices overlap on a unit or point nowhere.
void write_trace(record::FileWriter& file, const record::Timeline& timeline, const TimedRun& run);

// The length of a slice in microseconds, as a trace has it: a picosecond short of what it is, which rounds to its
// nanoseconds. Viewers that move times by the first one of a track and add begin and length, all as floating-point
// numbers, must not come out behind the begin of the next slice: they take the two for nested, and never close the
// first.
std::string slice_length(std::int64_t from_ns, std::int64_t until_ns);

}  // namespace lanewise::report
