// SPDX-License-Identifier: Apache-2.0
#include "study/workload/dispatcher.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::study {

Dispatcher::Dispatcher(Policy policy, std::vector<FrameSource> sources, std::size_t engines)
    : policy_(policy),
      sources_(std::move(sources)),
      queues_(sources_.size()),
      served_(engines, std::vector<std::int64_t>(sources_.size(), 0)) {
  for (Queue& queue : queues_) queue.begun.resize(engines);
}

std::int64_t Dispatcher::next_release() const {
  std::int64_t next = kNever;
  for (std::size_t n = 0; n < sources_.size(); ++n) {
    if (queues_[n].next < sources_[n].releases.size()) next = std::min(next, sources_[n].releases[queues_[n].next]);
  }
  return next;
}

// In the order of time, and of the file within a moment, whatever stretch of time one call releases.
void Dispatcher::release_until(std::int64_t now) {
  for (std::int64_t at = next_release(); at <= now && at != kNever; at = next_release()) {
    for (std::size_t n = 0; n < sources_.size(); ++n) {
      Queue& queue = queues_[n];
      if (queue.next == sources_[n].releases.size() || sources_[n].releases[queue.next] != at) continue;
      FrameRun frame;
      frame.network = n;
      frame.number = static_cast<std::int64_t>(queue.next++);
      frame.release = at;
      const auto waiting = static_cast<std::int64_t>(queue.waiting.size());
      frame.dropped = sources_[n].queue && waiting >= *sources_[n].queue;
      frame.missed = frame.dropped;
      if (!frame.dropped) queue.waiting.push_back(frames_.size());
      frames_.push_back(frame);
    }
  }
}

bool Dispatcher::before(std::size_t engine, std::size_t a, std::size_t b) const {
  const FrameRun &first = frames_[a], &second = frames_[b];
  const FrameSource &of_first = sources_[first.network], &of_second = sources_[second.network];
  switch (policy_) {
    case Policy::kFixedPriority:
      if (of_first.priority != of_second.priority) return of_first.priority > of_second.priority;
      break;
    case Policy::kEarliestDeadlineFirst: {
      const std::int64_t first_by = first.release + of_first.deadline, second_by = second.release + of_second.deadline;
      if (first_by != second_by) return first_by < second_by;
      break;
    }
    case Policy::kFirstComeFirstServed:
      break;
    case Policy::kRoundRobin: {
      const std::int64_t first_at = served_[engine][first.network], second_at = served_[engine][second.network];
      if (first_at != second_at) return first_at < second_at;
      break;
    }
  }
  if (first.release != second.release) return first.release < second.release;
  return first.network < second.network;
}

std::optional<std::size_t> Dispatcher::best(std::size_t engine) const {
  std::optional<std::size_t> found;
  for (std::size_t n = 0; n < sources_.size(); ++n) {
    const Queue& queue = queues_[n];
    std::optional<std::size_t> frame = queue.begun[engine];
    const bool may_begin = !sources_[n].engine || *sources_[n].engine == engine;
    if (!frame && may_begin && !queue.waiting.empty()) frame = queue.waiting.front();
    if (frame && (!found || before(engine, *frame, *found))) found = frame;
  }
  return found;
}

std::optional<std::size_t> Dispatcher::pick(std::size_t engine, std::int64_t now) {
  const std::optional<std::size_t> frame = best(engine);
  if (!frame) return frame;
  FrameRun& run = frames_[*frame];
  Queue& queue = queues_[run.network];
  if (!queue.begun[engine]) {
    queue.waiting.pop_front();
    queue.begun[engine] = frame;
    run.engine = engine;
    run.begin = now;
  }
  served(*frame);
  return frame;
}

void Dispatcher::served(std::size_t frame) { served_[frames_[frame].engine][frames_[frame].network] = ++turns_; }

void Dispatcher::complete(std::size_t frame, std::int64_t at) {
  FrameRun& run = frames_[frame];
  run.done = at;
  run.missed = run.response() > sources_[run.network].deadline;
  queues_[run.network].begun[run.engine].reset();
}

std::optional<std::size_t> Dispatcher::overflow() const {
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    if (static_cast<std::int64_t>(queues_[n].waiting.size()) > kMostWaiting) return n;
  }
  return std::nullopt;
}

}  // namespace lanewise::study
