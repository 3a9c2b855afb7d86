// SPDX-License-Identifier: Apache-2.0
#include "sim/units/dot_product_array.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

constexpr std::int64_t kFewStripes = 4;  // are not worth looking at twice

// Time to load the weights of a tile's groups into the array, a group at a time.
Ticks first_load(const Job& job, const mapping::TileStep& tile) {
  const double kernels = static_cast<double>(std::min(tile.outputs_per_group, tile.outputs));
  return ticks_up(kernels * job.work.cycles_per_kernel);
}

}  // namespace

DotProductArray::DotProductArray(const sc_core::sc_module_name& name) : sc_module(name), memory("memory") {
  SC_METHOD(step);
  sensitive << wake_ << accumulators.room() << commands.arrived() << input_ready.arrived() << weights_ready.arrived();
  dont_initialize();
}

void DotProductArray::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = step_ = 0;
  in_tile_ = false;
  one_by_one_ = keep.timeline;
  group_ = pixel_ = 0;
  local_ = block_before_ = computed_ = sequence.start;
  log_.reset(sequence.start, keep.slices);
  skip_to_work();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void DotProductArray::skip_to_work() {
  while (!done() && !sequence_->jobs[job_].plan->uses_array) ++job_;
}

void DotProductArray::step() {
  if (sequence_ == nullptr) return;
  while (!done()) {
    if (!in_tile_ && !enter_tile()) return;
    if (!run_tile()) return;
  }
}

// Takes the operands that the tile needs once kernel time has come to where the last of them counts from; false before.
bool DotProductArray::enter_tile() {
  const engine::EngineConfig::Array& array = sequence_->engine->array;
  const Job& job = sequence_->jobs[job_];
  const mapping::TileStep& tile = job.step(step_);
  const bool needs_input = tile.input_load.bytes > 0;
  const bool needs_weights = tile.weight_load.bytes > 0;
  const Ticks* const command = commands->front();
  if (command == nullptr) return false;
  const Ticks issued = *command;
  Ticks weights = issued, input = issued;
  if (needs_weights) {
    const Ticks* const ready = weights_ready->front();
    if (ready == nullptr) return false;
    weights = *ready + ticks(array.weights_to_mac);
  }
  if (needs_input) {
    const Ticks* const ready = input_ready->front();
    if (ready == nullptr) return false;
    input = *ready + ticks(array.input_to_mac + job.work.preparation);
  }
  Ticks begin = std::max({issued, weights, input});
  // The array loads a group's first weights behind the blocks before them, where there are any.
  if (needs_weights) begin += first_load(job, tile);
  if (step_ == 0 && job_ > 0) begin = std::max(begin, computed_ + ticks(array.pass_gap));
  begin = std::max(begin, local_);
  if (begin > now()) {
    wake_.notify(duration(begin - now()));
    return false;
  }
  log_.working_on(job_, step_);
  log_.idle_until(issued);
  log_.stalled_until(Stall::kWeights, weights);
  log_.stalled_until(Stall::kInput, input);
  log_.stalled_until(Stall::kWeightLoad, begin);
  commands->take();
  if (needs_weights) weights_ready->take();
  if (needs_input) input_ready->take();
  local_ = begin;
  in_tile_ = true;
  group_ = pixel_ = 0;
  return true;
}

// False where the accumulators have no room yet.
bool DotProductArray::run_tile() {
  const Job& job = sequence_->jobs[job_];
  const mapping::TileStep& tile = job.step(step_);
  while (group_ < tile.groups) {
    if (!run_stripe(tile)) return false;
    if (pixel_ < tile.pixels) {
      if (tile.pixels - pixel_ >= kFewStripes * job.work.stripe_pixels) pass_over_like_stripes(tile);
      continue;
    }
    pixel_ = 0;
    ++group_;
  }
  leave_tile(tile);
  return true;
}

// Runs one more stripe and, if it leaves array, accumulators, post-processor and write port as it found them but for
// the time, all further stripes like it at once.
void DotProductArray::pass_over_like_stripes(const mapping::TileStep& tile) {
  if (one_by_one_) return;
  const auto note = [this](StateNote& state) {
    state.time(block_before_);
    return accumulators->note(state, local_);
  };
  const Ticks begin = local_;
  StateNote before(begin);
  if (tile.last_reduction && !note(before)) return;
  const Counters counted = (*counters_of_jobs_)[job_];
  log_.mark();
  if (tile.last_reduction) accumulators->mark();
  if (!run_stripe(tile)) return;
  StateNote after(local_);
  if (tile.last_reduction && !(note(after) && after == before)) return;
  const std::int64_t length = sequence_->jobs[job_].work.stripe_pixels;
  // All but the last ones: those have another length, or end the tile.
  const Run run{(tile.pixels - pixel_) / length - 1, local_ - begin};
  if (run.stripes <= 0) return;
  pixel_ += run.stripes * length;
  local_ += run.length();
  block_before_ += run.length();
  log_.repeat(run.stripes, run.length());
  (*counters_of_jobs_)[job_].repeat_since(counted, run.stripes);
  if (tile.last_reduction) accumulators->pass_over(run);
}

bool DotProductArray::run_stripe(const mapping::TileStep& tile) {
  const Job& job = sequence_->jobs[job_];
  const mapping::ArrayWork& work = job.work;
  const engine::EngineConfig& e = *sequence_->engine;
  const std::int64_t pixels = mapping::stripe_length(work, tile.pixels - pixel_);
  const Ticks* const room = tile.last_reduction ? accumulators->claim(pixels) : &local_;
  if (room == nullptr) return false;

  const Ticks load = ticks(Cycles(work.weight_load_cycles));
  const std::int64_t outputs = std::min(tile.outputs_per_group, tile.outputs - group_ * tile.outputs_per_group);
  const Ticks macs = ticks_up(mapping::block_cycles(work, pixels, outputs));
  const Ticks block = std::max(macs, load);
  Stream& stream = stream_.stream();
  stream.job = job_;
  stream.pace = block * tile.blocks;
  stream.shares_port = !job.plan->streams;
  stream.read_bytes[static_cast<int>(Region::kActivations)] = static_cast<double>(pixels * tile.activation_bytes);
  stream.read_bytes[static_cast<int>(Region::kWeights)] =
      static_cast<double>(tile.weight_bytes) / static_cast<double>(tile.groups);
  stream.write_bytes = 0;
  sc_core::sc_time delay;
  memory->b_transport(stream_.payload(), delay);
  const Ticks takes = static_cast<Ticks>(delay.value());

  // The stripe's blocks are alike, so a bank that is too slow stretches each by its share.
  const Ticks each = takes / tile.blocks;
  const Ticks begin = local_;
  const Ticks unheld = begin + takes - each;
  const Ticks last_block = std::max(unheld, *room);
  log_.busy_until(begin + stream.pace - block);
  log_.stalled_until(Stall::kOnChipBandwidth, unheld);
  log_.stalled_until(Stall::kAccumulators, last_block);
  log_.busy_until(last_block + block);
  local_ = last_block + each;
  log_.stalled_until(Stall::kOnChipBandwidth, local_);
  if (tile.blocks > 1) {
    block_before_ = unheld - each;
  } else if (pixel_ == 0 && group_ == 0) {
    block_before_ = begin - first_load(job, tile);
  }

  Counters& counters = (*counters_of_jobs_)[job_];
  if (counters.first_mac < 0) counters.first_mac = begin;
  counters.accumulations += static_cast<double>(pixels * outputs * tile.blocks);
  counters.mac_active += macs * tile.blocks;
  pixel_ += pixels;
  const bool tile_done = pixel_ == tile.pixels && group_ + 1 == tile.groups;
  if (tile_done) {
    counters.last_mac = last_block + macs;
    // The last block's weights went into the array while the block before it ran.
    if (tile.weight_last) weights_freed->send(block_before_ + first_load(job, tile) - ticks(e.array.weight_release));
  }
  block_before_ = last_block;
  if (tile.last_reduction) {
    const Ticks pipeline = ticks(e.memory.latency + e.array.pipeline_latency);
    // A pixel's sums come no sooner than the banks give its operands, however long loading weights makes the block;
    // those of a patch all with its last output.
    const bool patch = work.patch_pixels > 0;
    const Ticks spacing = std::max(ticks_up(work.cycles_per_block), stream.activations_take / (tile.blocks * pixels));
    accumulators->hand_over(
        {job_, step_, pixels, outputs, tile_done, (patch ? local_ : last_block) + pipeline, patch ? 0 : spacing});
  }
  return true;
}

void DotProductArray::leave_tile(const mapping::TileStep& tile) {
  (*counters_of_jobs_)[job_].macs += tile.macs;
  if (tile.input_last) input_freed->send(local_);
  in_tile_ = false;
  if (++step_ < sequence_->jobs[job_].steps) return;
  computed_ = (*counters_of_jobs_)[job_].last_mac;
  subgraph_computed->send(computed_);
  step_ = 0;
  ++job_;
  skip_to_work();
}

}  // namespace lanewise::sim
