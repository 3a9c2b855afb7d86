// SPDX-License-Identifier: Apache-2.0
// The protocol between the parent and a worker process: lines of tab-separated fields.
//   parent: "engine<TAB>KEY=VALUE<TAB>…"   the engine of the jobs that follow
//           "job<TAB>ID<TAB>SUBGRAPH_KEY"
//   worker: "ready<TAB>VERSION"            once, before any answer
//           "ok<TAB>ID<TAB>…numbers…"  or  "failed<TAB>ID<TAB>why"
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "core/engine/engine_config.hpp"
#include "core/record/subgraph_result.hpp"

namespace lanewise::sim {

// Each of these lines ends in a newline. Floating-point numbers are written in hexadecimal, so that they keep every
// bit.
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

// The main loop of a worker: reads jobs until `in` ends and answers them in order. Answers are buffered only while more
// jobs are waiting. Returns the process's exit status: 0, or 1 after an answer that left the simulator unusable.
int serve_jobs(std::istream& in, std::ostream& out);

}  // namespace lanewise::sim
