// SPDX-License-Identifier: Apache-2.0
#include "sim/units/write_port.hpp"

#include <algorithm>

namespace lanewise::sim {

void WritePort::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  const engine::EngineConfig& e = *sequence.engine;
  const std::int64_t request_beats = std::max<std::int64_t>(1, e.dram.burst.count() / e.dram.word.count());
  const double word = static_cast<double>(e.dram.word.count());
  const double beat =
      std::max({word / e.dram_write_bandwidth().count(), static_cast<double>(e.dram.write_interval.count()),
                static_cast<double>(e.dram.write_request_interval.count()) / static_cast<double>(request_beats)});
  beat_ = ticks_up(beat);
  written_.assign(static_cast<std::size_t>(e.dma.write_buffer), sequence.start - ticks(e.dma.write_lead));
  next_ = 0;
  last_ = sequence.start;
  log_.reset(sequence.start, keep.slices);
  rate_.reset(keep.timeline);
}

Ticks WritePort::write(std::size_t job, std::int64_t atoms, std::int64_t atom_beats, Ticks from, Ticks until) {
  const engine::EngineConfig& e = *sequence_->engine;
  const Ticks latency = ticks(e.post_processing.latency);
  const Ticks interval = beat_ * atom_beats;
  const Ticks pace = (until - from) / atoms;
  (*counters_of_jobs_)[job].write_beats += atoms * atom_beats;
  log_.working_on(job, 0);
  const Ticks first = std::max(from + latency, last_);
  const double bytes = static_cast<double>(atoms * atom_beats * e.dram.word.count());
  log_.idle_until(from + pace + latency);
  // A port that is always ready never holds the post-processor up.
  if (interval <= pace && last_ <= from + latency) {
    last_ = until + latency;
    std::fill(written_.begin(), written_.end(), last_);
    log_.busy_until(last_);
    rate_.stretch(first, last_, bytes);
    return until;
  }
  const Ticks lead = ticks(e.dma.write_lead);
  Ticks leaves = from;
  for (std::int64_t atom = 0; atom < atoms; ++atom) {
    leaves = std::max(leaves + pace, written_[next_] - lead);
    last_ = std::max(leaves + latency, last_ + interval);
    written_[next_] = last_;
    next_ = (next_ + 1) % written_.size();
  }
  log_.busy_until(last_);
  rate_.stretch(first, last_, bytes);
  return leaves;
}

void WritePort::note(StateNote& state, Ticks now) const {
  state.time_if_ahead(last_, now);
  for (std::size_t i = 0; i < written_.size(); ++i) {
    state.time_if_ahead(written_[(next_ + i) % written_.size()], now);
  }
}

void WritePort::pass_over(const Run& run) {
  last_ += run.length();
  for (Ticks& at : written_) at += run.length();
  log_.repeat(run.stripes, run.length());
}

// The answer to the subgraph's last request.
void WritePort::flush(std::size_t job) {
  const engine::EngineConfig& e = *sequence_->engine;
  const mapping::Cube& cube = *sequence_->jobs[job].cube;
  Counters& counters = (*counters_of_jobs_)[job];
  counters.dram_write += counters.write_beats * e.dram.word.count();
  // The last request's beats come together; requests are cut at their own size and, but for single pixels, at rows.
  const std::int64_t request_beats = std::max<std::int64_t>(1, e.dram.burst.count() / e.dram.word.count());
  std::int64_t behind_first = (counters.write_beats - 1) % request_beats;
  if (cube.out_width * cube.out_rows > 1) behind_first = std::min(behind_first, cube.out_width - 1);
  counters.store_done = last_ + ticks(Cycles(behind_first) + e.dram.write_response - Cycles(1));
  subgraph_done->send(counters.store_done);
}

}  // namespace lanewise::sim
