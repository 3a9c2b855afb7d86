// SPDX-License-Identifier: Apache-2.0
// A timeline as a value change dump (IEEE 1364-2005, clause 18), which waveform viewers open. docs/timelines.md
// explains the signals.
#pragma once

#include "core/record/file.hpp"
#include "core/record/timeline.hpp"
#include "report/trace.hpp"

namespace lanewise::report {

// A nanosecond of the waveform is a cycle of the engine; its unit is 1 ns where every time is a whole cycle, else 1 ps.
// Writes piece by piece and finishes the file. Throws Error when it cannot be written, InternalError for a timeline
// whose slices overlap on a unit or point nowhere.
void write_waveform(record::FileWriter& file, const record::Timeline& timeline, const TimedRun& run);

}  // namespace lanewise::report
