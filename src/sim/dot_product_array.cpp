// SPDX-License-Identifier: Apache-2.0
#include "sim/dot_product_array.hpp"

#include <algorithm>

namespace lanewise::sim {

DotProductArray::DotProductArray(const sc_core::sc_module_name& name) : sc_module(name), memory("memory") {
  SC_METHOD(step);
  sensitive << wake_ << accumulators.freed() << commands.data_written() << input_ready.data_written()
            << weights_ready.data_written();
  dont_initialize();
}

void DotProductArray::begin(const Pass& pass) {
  pass_ = &pass;
  issued_ = step_ = 0;
  inputs_ = weights_ = 0;
  in_tile_ = claimed_ = computing_ = filled_ = false;
  group_ = pixel_ = 0;
  macs_ = 0;
  accumulations_ = 0;
  log_.reset(pass.start);
  if (!pass.plan.uses_array) step_ = pass.plan.steps.size();
}

// Takes the operands that the tile needs; false, with the stall noted, while one is missing.
bool DotProductArray::enter_tile(Ticks at) {
  const mapping::TileStep& tile = pass_->step(step_);
  const bool needs_input = tile.input_load.bytes > 0;
  const bool needs_weights = tile.weight_load.bytes > 0;
  if (needs_weights && weights_ == 0) {
    log_.stalled(Stall::kWeights, at);
    return false;
  }
  if (needs_input && inputs_ == 0) {
    log_.stalled(Stall::kInput, at);
    return false;
  }
  inputs_ -= needs_input ? 1 : 0;
  weights_ -= needs_weights ? 1 : 0;
  in_tile_ = true;
  group_ = pixel_ = 0;
  return true;
}

void DotProductArray::step() {
  if (pass_ == nullptr) return;
  issued_ += static_cast<std::size_t>(commands.receive());
  inputs_ += input_ready.receive();
  weights_ += weights_ready.receive();
  const Ticks at = now();
  if (computing_) {
    if (at < stripe_end_) return;
    finish_stripe(at);
  }
  if (step_ == issued_ || done()) {
    log_.idle(at);
    return;
  }
  if (!in_tile_ && !enter_tile(at)) return;
  if (!claimed_) {
    if (!accumulators->claim()) {
      log_.stalled(Stall::kAccumulators, at);
      return;
    }
    claimed_ = true;
  }
  start_stripe(at);
}

void DotProductArray::start_stripe(Ticks at) {
  const mapping::TileStep& tile = pass_->step(step_);
  const mapping::ArrayWork& work = pass_->work;
  stripe_ = std::min(pass_->plan.stripe_pixels, tile.pixels - pixel_);
  const double block =
      std::max(static_cast<double>(stripe_) * work.cycles_per_block, static_cast<double>(work.weight_load_cycles));
  Stream& stream = stream_.stream();
  stream.pace = ticks_up(block * static_cast<double>(tile.blocks));
  if (!filled_) stream.pace += ticks(Cycles(work.weight_load_cycles));  // nothing to hide the first weights behind
  const double activations = static_cast<double>(stripe_ * tile.activation_bytes);
  const double weights = static_cast<double>(tile.weight_bytes) / static_cast<double>(tile.groups);
  stream.read_bytes[static_cast<int>(Region::kActivations)] = activations;
  stream.read_bytes[static_cast<int>(Region::kWeights)] = weights;
  stream.write_bytes = 0;
  computing_ = true;
  log_.busy(at);
  sc_core::sc_time delay;
  memory->b_transport(stream_.payload(), delay);
  stripe_end_ = at + static_cast<Ticks>(delay.value());
  log_.reattribute(Stall::kOnChipBandwidth, stripe_end_ - at - stream.pace);
  if (!filled_) log_.reattribute(Stall::kWeightLoad, ticks(Cycles(work.weight_load_cycles)));
  wake_.notify(delay);
}

void DotProductArray::finish_stripe(Ticks at) {
  const mapping::TileStep& tile = pass_->step(step_);
  filled_ = true;
  computing_ = false;
  const std::int64_t done_outputs = group_ * tile.outputs_per_group;
  const std::int64_t outputs = std::min(tile.outputs_per_group, tile.outputs - done_outputs);
  accumulations_ += static_cast<double>(stripe_ * outputs * tile.blocks);
  pixel_ += stripe_;
  const bool group_done = pixel_ == tile.pixels;
  const bool tile_done = group_done && group_ + 1 == tile.groups;
  if (tile.last_reduction) {
    accumulators->hand_over({step_, stripe_, outputs, tile_done,
                             at + ticks(pass_->engine.memory.latency + pass_->engine.array.pipeline_latency)});
    claimed_ = false;
  }
  if (group_done) {
    pixel_ = 0;
    ++group_;
  }
  if (tile_done) leave_tile(tile);
}

void DotProductArray::leave_tile(const mapping::TileStep& tile) {
  macs_ += tile.macs;
  if (tile.input_last) input_freed.send(1);
  if (tile.weight_last) weights_freed.send(1);
  in_tile_ = false;
  ++step_;
}

}  // namespace lanewise::sim
