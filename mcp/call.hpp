// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: a call of a tool, from its arguments to its answer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "mcp/server.hpp"
#include "mcp/tool.hpp"

namespace lanewise::mcp {

// The processes that calls may keep busy at once.
class Cores {
 public:
  explicit Cores(int count) : count_(count), free_(count) {}
  // What a call of the tool takes of them: all but one and at least half, or one.
  int share(const Tool& tool) const;
  // Waits until so many are free and takes them. False once `cancelled` is true.
  bool take(int count, const std::atomic<bool>& cancelled);
  void give_back(int count);
  // Wakes those that wait, so that they see that they were cancelled.
  void wake();

 private:
  const int count_;
  std::mutex guard_;
  std::condition_variable changed_;
  int free_;
};

struct CallOutcome {
  bool cancelled = false;
  std::string failure;  // one line; "": there is an answer
  Json answer;
};

// Progress that only grows, and what the work is about.
using ReportProgress = std::function<void(double progress, const std::string& message)>;

// Runs the verb of the tool and digests its answer. Never throws for what a client wrote. `cancelled` ends it soon.
CallOutcome call(const Tool& tool, const Json& arguments, const ServerSettings& settings, const Paths& paths,
                 Cores& cores, const std::atomic<bool>& cancelled, const ReportProgress& report);

}  // namespace lanewise::mcp
