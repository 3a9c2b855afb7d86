// SPDX-License-Identifier: Apache-2.0
// Which frames are ready, and which of them an engine goes on with.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "study/workload/workload.hpp"
#include "study/workload/workload_answer.hpp"

namespace lanewise::study {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// The frames of one network.
struct FrameSource {
  std::vector<std::int64_t> releases;  // cycles, ascending
  std::int64_t deadline = 0;           // cycles from the release
  double priority = 0;
  std::optional<std::size_t> engine;  // nullopt: whichever is free
  std::optional<std::int64_t> queue;  // frames that wait at most
};

// Keeps the frames of all networks through their lives. Frames of one network are begun in order, each on one engine,
// which goes on with it before it begins the network's next one.
class Dispatcher {
 public:
  Dispatcher(Policy policy, std::vector<FrameSource> sources, std::size_t engines);

  // The moment of the next release; kNever where there is none.
  std::int64_t next_release() const;
  // Releases the frames whose moment has come.
  void release_until(std::int64_t now);
  // The frame, as a place in frames(), that the engine goes on with at this moment; nullopt where none is ready. Binds
  // a frame that is begun to the engine.
  std::optional<std::size_t> pick(std::size_t engine, std::int64_t now);
  // The same, binding and beginning nothing.
  std::optional<std::size_t> best(std::size_t engine) const;
  // The engine of a frame that is begun turns to it once more.
  void served(std::size_t frame);
  // The frame is done at this moment.
  void complete(std::size_t frame, std::int64_t at);
  // A network of which more than kMostWaiting frames wait; nullopt where there is none.
  std::optional<std::size_t> overflow() const;

  const std::vector<FrameRun>& frames() const { return frames_; }
  // The engine worked on the frame for so many cycles more.
  void serve(std::size_t frame, std::int64_t cycles) { frames_[frame].service += cycles; }

 private:
  struct Queue {
    std::size_t next = 0;                           // release
    std::deque<std::size_t> waiting;                // frames that are not begun
    std::vector<std::optional<std::size_t>> begun;  // by engine
  };
  bool before(std::size_t engine, std::size_t a, std::size_t b) const;

  Policy policy_;
  std::vector<FrameSource> sources_;
  std::vector<Queue> queues_;
  std::vector<FrameRun> frames_;
  std::vector<std::vector<std::int64_t>> served_;  // by engine and network: when last, as a count of turns
  std::int64_t turns_ = 0;
};

}  // namespace lanewise::study
