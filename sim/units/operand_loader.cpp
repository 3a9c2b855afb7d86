// SPDX-License-Identifier: Apache-2.0
#include "sim/units/operand_loader.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

std::size_t fetches_of(const Job& job) {
  std::size_t fetches = 0;
  for (std::size_t step = 0; step < job.steps; ++step) fetches += job.step(step).operand_load.bytes > 0 ? 1 : 0;
  return fetches;
}

}  // namespace

OperandLoader::OperandLoader(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_ << commands.arrived() << operand_freed.arrived();
  dont_initialize();
}

void OperandLoader::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = step_ = fetches_ = answered_ = 0;
  turned_ = false;
  fetched_of_job_ = slots_ = 0;
  buffers_.reset();
  log_.reset(sequence.start, keep.slices);
  if (!sequence.engine->streams()) {
    job_ = sequence.jobs.size();
    return;
  }
  const engine::EngineConfig::Dram& dram = sequence.engine->dram;
  port->set_request_beats(Reader::kOperand, std::max(1.0, static_cast<double>(dram.burst.count()) /
                                                              static_cast<double>(dram.word.count())));
  for (const Job& job : sequence.jobs) fetches_ += fetches_of(job);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

// The next group with an operand in a subgraph that is programmed.
bool OperandLoader::find_next() {
  for (; job_ < sequence_->jobs.size(); ++job_, step_ = 0, turned_ = false) {
    const Job& job = sequence_->jobs[job_];
    if (!turned_) {
      port->set_expected(Reader::kOperand, fetches_of(job) > 0);
      const Moment* const command = commands->front();
      if (command == nullptr) return false;
      const Moment begin = later(*command, sequence_->engine->dma.start, Resource::kDmaSetup);
      if (begin > now()) {
        wake_.notify(duration(begin - now()));
        return false;
      }
      commands->take();
      turned_ = true;
      turned_at_ = begin;
      buffers_.begin_subgraph(job.plan->operand_slots, std::min(slots_, fetched_of_job_));
      slots_ = job.plan->operand_slots;
      fetched_of_job_ = 0;
      log_.idle_until(now());
    }
    for (; step_ < job.steps; ++step_) {
      if (job.step(step_).operand_load.bytes > 0) return true;
    }
    port->set_expected(Reader::kOperand, false);
  }
  return false;
}

void OperandLoader::step() {
  if (sequence_ == nullptr) return;
  while (find_next()) {
    port->set_expected(Reader::kOperand, true);
    const Moment* const buffer = buffers_.front(operand_freed);
    if (buffer == nullptr) return;
    if (*buffer > now()) {
      wake_.notify(duration(*buffer - now()));
      return;
    }
    Moment asked = turned_at_;
    asked.wait_for(*buffer);
    buffers_.take(operand_freed);
    const mapping::TileStep& tile = sequence_->jobs[job_].step(step_);
    const std::int64_t word = sequence_->engine->dram.word.count();
    log_.working_on(job_, step_);
    log_.stalled_until(Stall::kLoadBuffer, now());
    ++step_;
    ++fetched_of_job_;
    const std::int64_t beats = ceil_div(tile.operand_load.dram_bytes, word);
    Counters& counters = (*counters_of_jobs_)[job_];
    counters.read_beats += beats;
    counters.dram_read += beats * word;
    const std::size_t asked_of = job_;
    find_next();  // tells the port whether more is to be expected
    port->fetch(Reader::kOperand, static_cast<double>(beats), static_cast<std::size_t>(beats), asked,
                sequence_->jobs[asked_of].what_if.transfers(mapping::TransferKind::kOperand));
  }
}

void OperandLoader::fetched(Reader, std::size_t beats, const Arrival& arrival) {
  const Ticks arrived = arrival.at;
  ++answered_;
  log_.stalled_until(Stall::kDram, arrived - port->busy_ticks(static_cast<std::int64_t>(beats)));
  log_.busy_until(arrived);
  operand_ready->send(later(arrival.at, sequence_->engine->dma.loaded, Resource::kDmaSetup));
}

}  // namespace lanewise::sim
