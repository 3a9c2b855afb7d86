// SPDX-License-Identifier: Apache-2.0
#include "sim/units/store_dma.hpp"

#include <algorithm>
#include <string>

namespace lanewise::sim {

StoreDma::StoreDma(const sc_core::sc_module_name& name) : sc_module(name) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i] = std::make_unique<DmaChannel>(("channel" + std::to_string(i)).c_str(),
                                               [this](const Stream& stream) { answered(stream); });
  }
  SC_METHOD(step);
  sensitive << wake_ << output_ready.arrived();
  dont_initialize();
}

void StoreDma::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = turn_ = next_channel_ = stores_ = answered_ = 0;
  answered_of_job_ = 0;
  for (const Job& job : sequence.jobs) stores_ += static_cast<std::size_t>(job.stores);
  for (const std::unique_ptr<DmaChannel>& channel : channels) channel->begin(sequence);
  log_.reset(sequence.start, keep.slices);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

bool StoreDma::find_next() {
  while (job_ < sequence_->jobs.size()) {
    const std::vector<mapping::DmaEntry>& program = sequence_->jobs[job_].plan->dma;
    while (turn_ < program.size() && program[turn_].kind != mapping::TransferKind::kStore) ++turn_;
    if (turn_ < program.size()) return true;
    ++job_;
    turn_ = 0;
  }
  return false;
}

void StoreDma::step() {
  if (sequence_ == nullptr) return;
  const auto available =
      static_cast<std::size_t>(std::min<std::int64_t>(kChannels, sequence_->engine->dma.store_channels));
  while (find_next()) {
    const Moment* const ready = output_ready->front();
    if (ready == nullptr) return;
    const Moment* const free_from = channels[next_channel_]->free_from();
    if (free_from == nullptr) return;  // its next answer wakes this unit
    const mapping::DmaEntry& entry = sequence_->jobs[job_].plan->dma[turn_];
    const mapping::Transfer& what = sequence_->jobs[job_].plan->transfer(entry);
    Stream stream;
    stream.job = job_;
    stream.turn = sequence_->jobs[job_].turns[turn_];
    stream.step = static_cast<std::size_t>(entry.step);
    stream.kind = entry.kind;
    stream.write = true;
    stream.bytes = what.bytes;
    stream.dram_bytes = what.dram_bytes;
    stream.row_misses = ticks_up(what.row_miss_cycles + what.request_cycles);
    stream.shares = &sequence_->jobs[job_].what_if.transfers(entry.kind);
    stream.wanted = *ready;
    const Moment at = latest({free_from, ready});
    output_ready->take();
    ++turn_;
    DmaChannel& channel = *channels[next_channel_];
    next_channel_ = (next_channel_ + 1) % available;
    channel.start(stream, at);
  }
}

void StoreDma::answered(const Stream& stream) {
  const Moment& end = stream.ended;
  (*counters_of_jobs_)[stream.job].store_done = end;
  log_.working_on(stream.job, stream.step);
  log_.idle_until(stream.wanted);
  log_.stalled_until(Stall::kDram, stream.moving_from);
  log_.busy_until(end);
  output_freed->send(end);
  ++answered_;
  if (++answered_of_job_ == sequence_->jobs[stream.job].stores) {
    answered_of_job_ = 0;
    subgraph_done->send(end);
  }
  wake_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace lanewise::sim
