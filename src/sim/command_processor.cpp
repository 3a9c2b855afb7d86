// SPDX-License-Identifier: Apache-2.0
#include "sim/command_processor.hpp"

#include <algorithm>

namespace lanewise::sim {

CommandProcessor::CommandProcessor(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_ << pass_done.arrived();
  dont_initialize();
}

void CommandProcessor::begin(const Sequence& sequence, std::vector<Tally>& tallies, bool keep_slices) {
  sequence_ = &sequence;
  tallies_ = &tallies;
  job_ = completed_ = 0;
  local_ = registers_ = sequence.start;
  log_.reset(sequence.start, keep_slices);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void CommandProcessor::step() {
  if (sequence_ == nullptr) return;
  while (!done() && registers_free()) program();
}

// A pass's registers are free once the pass that used them last is done.
bool CommandProcessor::registers_free() {
  const auto groups = static_cast<std::size_t>(sequence_->engine->command.register_groups);
  while (job_ >= completed_ + groups) {
    const Ticks* const at = pass_done->front();
    if (at == nullptr) return false;
    registers_ = std::max(registers_, *at);
    pass_done->take();
    ++completed_;
  }
  return true;
}

void CommandProcessor::program() {
  const engine::EngineConfig::Command& command = sequence_->engine->command;
  const Job& job = sequence_->jobs[job_];
  log_.idle_until(registers_);
  log_.working_on(job_, 0);
  local_ = std::max(local_, registers_) + ticks(command.per_pass);
  (*tallies_)[job_].enabled = local_;
  if (job.plan->streams) {
    to_input_loader->send(local_);
    to_operand_loader->send(local_);
  } else {
    to_load->send(local_);
  }
  for (std::size_t tile = 0; tile < job.steps; ++tile) {
    local_ += ticks(command.per_tile);
    if (job.plan->uses_array) to_array->send(local_);
    to_post->send(local_);
  }
  log_.busy_until(local_);
  ++job_;
}

}  // namespace lanewise::sim
