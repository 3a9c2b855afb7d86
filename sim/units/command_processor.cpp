// SPDX-License-Identifier: Apache-2.0
#include "sim/units/command_processor.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

constexpr Ticks kNotYet = -1;

}  // namespace

CommandProcessor::CommandProcessor(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_ << subgraph_done.arrived();
  dont_initialize();
}

void CommandProcessor::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = 0;
  completed_.assign(1, Moment::begin(sequence.start));
  local_ = Moment::begin(sequence.start);
  programmed_ = kNotYet;
  log_.reset(sequence.start, keep.slices);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void CommandProcessor::step() {
  if (sequence_ == nullptr) return;
  while (!done() && program()) {
  }
}

// Since when the first `jobs` subgraphs are done; null while that is not known.
const Moment* CommandProcessor::done_before(std::size_t jobs) {
  while (completed_.size() <= jobs) {
    const Moment* const at = subgraph_done->front();
    if (at == nullptr) return nullptr;
    completed_.push_back(latest({&completed_.back(), at}));
    subgraph_done->take();
  }
  return &completed_[jobs];
}

// Writes the next subgraph's registers as soon as those of an earlier one are free, and enables it as soon as its input
// is there; false while that is not known.
bool CommandProcessor::program() {
  const engine::EngineConfig::Command& command = sequence_->engine->command;
  const Job& job = sequence_->jobs[job_];
  if (programmed_.at == kNotYet) {
    // Software launches subgraphs; their cubes follow each other without it.
    const engine::EngineConfig& engine = *sequence_->engine;
    const bool launched = job_ == 0 || sequence_->jobs[job_ - 1].number != job.number;
    const auto groups = static_cast<std::size_t>(launched ? engine.register_groups() : engine.command.register_groups);
    const Moment* const free = done_before(job_ < groups ? 0 : job_ + 1 - groups);
    if (free == nullptr) return false;
    log_.idle_until(*free);
    log_.working_on(job_, 0);
    const Cycles launch = launched ? engine.launch_cycles() : Cycles(0);
    local_.wait_for(*free).add(span(launch + command.per_pass, Resource::kCommandProcessor));
    log_.busy_until(local_);
    programmed_ = local_;
    if (sequence_->engine->dma.prefetch_weights) {
      (job.plan->streams ? to_input_loader : to_load_weights)->send(programmed_);
    }
  }
  const Moment* const input = done_before(job.waits_for);
  if (input == nullptr) return false;
  const Moment enabled = latest({&programmed_, input});
  log_.idle_until(enabled);
  local_.wait_for(enabled);
  (*counters_of_jobs_)[job_].enabled = enabled;
  if (job.plan->streams) {
    if (!sequence_->engine->dma.prefetch_weights) to_input_loader->send(enabled);
    to_input->send(enabled);
    to_operand_loader->send(enabled);
  } else {
    if (!sequence_->engine->dma.prefetch_weights) to_load_weights->send(enabled);
    to_load->send(enabled);
  }
  const Moment per_tile = span(command.per_tile, Resource::kCommandProcessor);
  for (std::size_t tile = 0; tile < job.steps; ++tile) {
    local_.add(per_tile);
    if (job.plan->uses_array) to_array->send(local_);
    to_post->send(local_);
  }
  log_.busy_until(local_);
  programmed_ = kNotYet;
  ++job_;
  return true;
}

}  // namespace lanewise::sim
