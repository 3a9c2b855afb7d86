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
#include "core/record/subgraph_result.hpp"

namespace lanewise::sim {

// Lines end in a newline. Floating point goes as hexadecimal, so that nothing is lost on the way.
std::string ready_line();
std::string engine_line(const engine::EngineConfig& engine);
std::string job_line(std::size_t id, const std::string& subgraph_key);
std::string result_line(std::size_t id, const record::SubgraphResult& result);

struct WorkerReply {
  std::size_t id = 0;
  record::SubgraphResult result;
};
// `line` without its newline. Throws InternalError on anything that result_line does not write.
WorkerReply parse_result_line(const std::string& line);

// The worker's whole life: reads jobs until the input ends, answers in order, and lets answers wait for others only
// while more jobs are there. Returns the exit status: 0, or 1
// after an answer that left the simulator unusable.
int serve_jobs(std::istream& in, std::ostream& out);

}  // namespace lanewise::sim
