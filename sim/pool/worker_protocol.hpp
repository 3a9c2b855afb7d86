// SPDX-License-Identifier: Apache-2.0
// What the parent and a worker process say to each other: lines of tab-separated fields.
//   parent: "engine<TAB>KEY=VALUE<TAB>…"   the engine of the jobs that follow
//           "job<TAB>ID<TAB>SUBGRAPH_KEY"
//   worker: "ready<TAB>VERSION"            once, before anything else
//           "ok<TAB>ID<TAB>…numbers…"  or  "failed<TAB>ID<TAB>why"
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "core/engine/engine_config.hpp"
#include "study/evaluation/passes.hpp"

namespace lanewise::study {

// Lines end in a newline. Floating point goes as hexadecimal, so that nothing is lost on the way.
std::string ready_line();
std::string engine_line(const engine::EngineConfig& engine);
std::string job_line(std::size_t id, const std::string& subgraph_key);
std::string result_line(std::size_t id, const PassResult& result);

struct WorkerReply {
  std::size_t id = 0;
  PassResult result;
};
// `line` without its newline. Throws InternalError on anything that result_line does not write.
WorkerReply parse_result_line(const std::string& line);

// Kept beside an engine's own keys in the store: "true" where a value lies beyond the family's ranges.
inline constexpr const char* kOutsideRangesKey = "campaign.outside_ranges";

// An engine from every key and its text, as engine_line and the store keep them; keys that no engine has are passed
// over.
engine::EngineConfig engine_from_values(const std::vector<std::pair<std::string, std::string>>& values);
// Every key and its text.
std::vector<std::pair<std::string, std::string>> engine_values(const engine::EngineConfig& engine);

// The worker's whole life: reads jobs until the input ends, answers in order, and lets answers wait for others only
// while more jobs are there. Returns the exit status: 0, or 1
// after an answer that left the simulator unusable.
int serve_jobs(std::istream& in, std::ostream& out);

}  // namespace lanewise::study
