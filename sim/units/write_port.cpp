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
  turns_ = 0;
  beats_since_mark_ = 0;
  flushed_.clear();
  if (e.dram.half_duplex) memory->set_request_beats(Reader::kWrites, static_cast<double>(request_beats));
  last_ = granted_ = Moment::begin(sequence.start);
  log_.reset(sequence.start, keep.slices);
  rate_.reset(keep.timeline);
}

// By the atoms of a whole stripe, as it would be with each resource doubled: when its last atom leaves, and is written.
void WritePort::write_if_doubled(std::int64_t atoms, Ticks interval, const Moment& from, const Moment& until,
                                 Moment& leaves) {
  const auto buffered = static_cast<std::int64_t>(written_.size());
  const double lead = static_cast<double>(ticks(sequence_->engine->dma.write_lead));
  const Moment latency = span(sequence_->engine->post_processing.latency, Resource::kPipelineLatency);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const bool doubled = static_cast<Resource>(i) == Resource::kDram;
    const double beat = static_cast<double>(interval) * (doubled ? 0.5 : 1.0);
    const double pace = (until.if_doubled[i] - from.if_doubled[i]) / static_cast<double>(atoms);
    const double ready = until.if_doubled[i];
    // The last atom leaves once the one that is as many places ahead as the buffer holds is written.
    const double room = last_.if_doubled[i] + static_cast<double>(atoms - buffered) * beat - lead;
    leaves.if_doubled[i] =
        std::max(ready, std::min(room, ready + static_cast<double>(atoms) * std::max(0.0, beat - pace)));
    last_.if_doubled[i] =
        std::max(leaves.if_doubled[i] + latency.if_doubled[i], last_.if_doubled[i] + static_cast<double>(atoms) * beat);
  }
}

// What is written takes its turns at the memory, behind what was written before.
void WritePort::ask_for_turns(std::size_t job, std::int64_t beats) {
  if (!sequence_->engine->dram.half_duplex || beats == 0) return;
  ++turns_;
  memory->fetch(Reader::kWrites, static_cast<double>(beats), job, Moment(now()),
                sequence_->jobs[job].what_if.transfers(mapping::TransferKind::kStore));
}

void WritePort::fetched(Reader, std::size_t, const Arrival& arrival) {
  --turns_;
  // A turn has no answer to wait for.
  Moment given = arrival.at;
  given.at -= ticks(sequence_->engine->dram_latency());
  granted_.wait_for(given);
  for (auto& [job, turns] : flushed_) --turns;
  while (!flushed_.empty() && flushed_.front().second == 0) {
    const std::size_t job = flushed_.front().first;
    flushed_.pop_front();
    end_job(job);
  }
}

void WritePort::mark() {
  beats_since_mark_ = 0;
  log_.mark();
  marked_ = last_;
}

Moment WritePort::write(std::size_t job, std::int64_t atoms, std::int64_t atom_beats, const Moment& from,
                        const Moment& until) {
  const engine::EngineConfig& e = *sequence_->engine;
  const Ticks latency = ticks(e.post_processing.latency);
  // Beside reads every other request is a write.
  const bool shares = e.dram.half_duplex && memory->reading();
  const Ticks interval = (shares ? 2 : 1) * beat_ * atom_beats;
  beats_since_mark_ += atoms * atom_beats;
  marked_job_ = job;
  const Ticks pace = (until.at - from.at) / atoms;
  Moment leaves = from;
  write_if_doubled(atoms, interval, from, until, leaves);
  (*counters_of_jobs_)[job].write_beats += atoms * atom_beats;
  log_.working_on(job, 0);
  const Ticks first = std::max(from.at + latency, last_.at);
  const double bytes = static_cast<double>(atoms * atom_beats * e.dram.word.count());
  log_.idle_until(from.at + pace + latency);
  // A port that is always ready never holds the post-processor up.
  if (interval <= pace && last_.at <= from.at + latency) {
    last_.at = until.at + latency;
    std::fill(written_.begin(), written_.end(), last_.at);
    log_.busy_until(last_);
    rate_.stretch(first, last_, bytes);
    leaves.at = until.at;
    ask_for_turns(job, atoms * atom_beats);
    return leaves;
  }
  const Ticks lead = ticks(e.dma.write_lead);
  for (std::int64_t atom = 0; atom < atoms; ++atom) {
    leaves.at = std::max(leaves.at + pace, written_[next_] - lead);
    last_.at = std::max(leaves.at + latency, last_.at + interval);
    written_[next_] = last_.at;
    next_ = (next_ + 1) % written_.size();
  }
  log_.busy_until(last_);
  rate_.stretch(first, last_, bytes);
  ask_for_turns(job, atoms * atom_beats);
  return leaves;
}

void WritePort::note(StateNote& state, Ticks now) const {
  state.time_if_ahead(last_, now);
  for (std::size_t i = 0; i < written_.size(); ++i) {
    state.time_if_ahead(written_[(next_ + i) % written_.size()], now);
  }
}

void WritePort::pass_over(const Run& run) {
  repeat_since(last_, marked_, Moment(last_), run.stripes, run.length());
  for (Ticks& at : written_) at += run.length();
  log_.repeat(run.stripes, run.length());
  ask_for_turns(marked_job_, run.stripes * beats_since_mark_);
}

void WritePort::flush(std::size_t job) {
  if (turns_ == 0) {
    end_job(job);
  } else {
    flushed_.emplace_back(job, turns_);
  }
}

// The answer to the subgraph's last request.
void WritePort::end_job(std::size_t job) {
  const engine::EngineConfig& e = *sequence_->engine;
  const mapping::Cube& cube = *sequence_->jobs[job].cube;
  Counters& counters = (*counters_of_jobs_)[job];
  counters.dram_write += counters.write_beats * e.dram.word.count();
  // The last request's beats come together; requests are cut at their own size and, but for single pixels, at rows.
  const std::int64_t request_beats = std::max<std::int64_t>(1, e.dram.burst.count() / e.dram.word.count());
  std::int64_t behind_first = (counters.write_beats - 1) % request_beats;
  if (cube.out_width * cube.out_rows > 1) behind_first = std::min(behind_first, cube.out_width - 1);
  const Moment written = latest({&last_, &granted_});
  counters.store_done = later(written, ticks(Cycles(behind_first) + e.dram.write_response - Cycles(1)));
  subgraph_done->send(counters.store_done);
}

}  // namespace lanewise::sim
