// SPDX-License-Identifier: Apache-2.0
#include "sim/post_processor.hpp"

namespace lanewise::sim {

PostProcessor::PostProcessor(const sc_core::sc_module_name& name) : sc_module(name), memory("memory") {
  SC_METHOD(step);
  sensitive << wake_ << accumulators.filled() << commands.data_written() << input_ready.data_written()
            << operand_ready.data_written() << output_freed.data_written();
  dont_initialize();
}

void PostProcessor::begin(const Pass& pass) {
  pass_ = &pass;
  issued_ = step_ = 0;
  inputs_ = operands_ = 0;
  outputs_ = pass.plan.output_slots;
  in_tile_ = working_ = false;
  finished_at_ = pass.start;
  elements_ = 0;
  log_.reset(pass.start);
  skip_partial_sums();
}

// Tiles whose sums stay in the accumulators give the post-processor nothing to do.
void PostProcessor::skip_partial_sums() {
  while (!done() && !pass_->step(step_).last_reduction) ++step_;
}

bool PostProcessor::enter_tile(Ticks at) {
  const mapping::TileStep& tile = pass_->step(step_);
  const bool needs_input = !pass_->plan.uses_array && tile.input_load.bytes > 0;
  const bool needs_operand = tile.operand_load.bytes > 0;
  const bool needs_output = tile.store.bytes > 0;
  if (needs_output && outputs_ == 0) {
    log_.stalled(Stall::kOutputBuffer, at);
    return false;
  }
  if (needs_operand && operands_ == 0) {
    log_.stalled(Stall::kOperand, at);
    return false;
  }
  if (needs_input && inputs_ == 0) {
    log_.stalled(Stall::kInput, at);
    return false;
  }
  outputs_ -= needs_output ? 1 : 0;
  operands_ -= needs_operand ? 1 : 0;
  inputs_ -= needs_input ? 1 : 0;
  in_tile_ = true;
  return true;
}

// Finds the next piece of work within the tile; false, with the stall noted, while there is none.
bool PostProcessor::fetch_work(Ticks at) {
  if (!pass_->plan.uses_array) {
    amount_ = pass_->step(step_).post_elements;
    last_of_step_ = true;
    return true;
  }
  const Sums* sums = accumulators->front();
  if (sums == nullptr || sums->ready > at) {
    log_.stalled(Stall::kAccumulators, at);
    if (sums != nullptr) wake_.notify(duration(sums->ready - at));
    return false;
  }
  amount_ = sums->pixels * sums->outputs;
  last_of_step_ = sums->last_of_step;
  return true;
}

void PostProcessor::step() {
  if (pass_ == nullptr) return;
  issued_ += static_cast<std::size_t>(commands.receive());
  inputs_ += input_ready.receive();
  operands_ += operand_ready.receive();
  outputs_ += output_freed.receive();
  const Ticks at = now();
  if (working_) {
    if (at < work_end_) return;
    finish_work(at);
  }
  if (step_ >= issued_ || done()) {
    log_.idle(at);
    return;
  }
  // Sums first: a tile's buffers are not held while the array is still at it.
  if (!fetch_work(at)) return;
  if (!in_tile_ && !enter_tile(at)) return;
  start(at);
}

void PostProcessor::start(Ticks at) {
  const mapping::TileStep& tile = pass_->step(step_);
  Stream& stream = stream_.stream();
  stream.pace = ticks_up(mapping::post_cycles(pass_->subgraph.shape, pass_->engine, amount_));
  const std::int64_t all = pass_->plan.uses_array ? tile.pixels * tile.outputs : tile.post_elements;
  const double share = static_cast<double>(amount_) / static_cast<double>(all);
  stream.read_bytes[static_cast<int>(Region::kActivations)] = static_cast<double>(tile.post_read_bytes) * share;
  stream.read_bytes[static_cast<int>(Region::kWeights)] = 0;
  stream.write_bytes = static_cast<double>(tile.post_write_bytes) * share;
  working_ = true;
  log_.busy(at);
  sc_core::sc_time delay;
  memory->b_transport(stream_.payload(), delay);
  work_end_ = at + static_cast<Ticks>(delay.value());
  log_.reattribute(Stall::kOnChipBandwidth, work_end_ - at - stream.pace);
  wake_.notify(delay);
}

void PostProcessor::finish_work(Ticks at) {
  working_ = false;
  elements_ += amount_;
  finished_at_ = at + ticks(pass_->engine.post_processing.latency);
  if (!pass_->plan.uses_array) finished_at_ += ticks(pass_->engine.memory.latency);
  if (pass_->plan.uses_array) accumulators->release();
  if (last_of_step_) leave_tile();
}

void PostProcessor::leave_tile() {
  const mapping::TileStep& tile = pass_->step(step_);
  if (!pass_->plan.uses_array && tile.input_last) input_freed.send(1);
  if (tile.operand_load.bytes > 0) operand_freed.send(1);
  if (tile.store.bytes > 0) output_ready.send(1);
  in_tile_ = false;
  ++step_;
  skip_partial_sums();
}

}  // namespace lanewise::sim
