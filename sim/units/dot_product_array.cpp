// SPDX-License-Identifier: Apache-2.0
#include "sim/units/dot_product_array.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

constexpr std::int64_t kFewStripes = 4;  // are not worth looking at twice

// Time to load the weights of a tile's groups into the array, a group at a time.
Moment first_load(const Job& job, const mapping::TileStep& tile) {
  const double kernels = static_cast<double>(std::min(tile.outputs_per_group, tile.outputs));
  return span(ticks_up(kernels * job.work.cycles_per_kernel), Resource::kWeightLoad);
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
  local_ = block_before_ = computed_ = computing_until_ = Moment::begin(sequence.start);
  drained_ = sequence.start;
  weight_bandwidth_ = sequence.engine->weight_bandwidth().count();
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
  const Moment* const command = commands->front();
  if (command == nullptr) return false;
  const Moment issued = *command;
  Moment weights = issued, input = issued;  // from when on the tile could compute, and since when its data is there
  Ticks weights_there = issued, input_there = issued;
  if (needs_weights) {
    const Moment* const ready = weights_ready->front();
    if (ready == nullptr) return false;
    weights_there = *ready;
    weights = later(*ready, array.weights_to_mac, Resource::kPipelineLatency);
  }
  if (needs_input) {
    const Moment* const ready = input_ready->front();
    if (ready == nullptr) return false;
    input_there = *ready;
    Moment fill = span(array.input_to_mac + job.work.preparation, Resource::kPipelineLatency);
    fill.scale(job.what_if.turns());
    input = later(*ready, fill);
  }
  Moment begin = latest({&issued, &weights, &input});
  const Ticks filled = begin;
  // The array loads a group's first weights behind the blocks before them, where there are any.
  if (needs_weights) begin.add(first_load(job, tile));
  const Ticks loaded = begin;
  if (step_ == 0 && job_ > 0) begin.wait_for(later(computed_, array.pass_gap, Resource::kPipelineLatency));
  begin.wait_for(local_);
  if (begin > now()) {
    wake_.notify(duration(begin - now()));
    return false;
  }
  // The last sums of the subgraph before are still that one's.
  if (step_ == 0) log_.stalled_until(Stall::kDraining, std::min<Ticks>(drained_, begin));
  log_.working_on(job_, step_);
  log_.idle_until(issued);
  log_.stalled_until(Stall::kWeights, weights_there);
  log_.stalled_until(Stall::kInput, input_there);
  log_.stalled_until(Stall::kFilling, filled);
  log_.stalled_until(Stall::kWeightLoad, loaded);
  log_.stalled_until(Stall::kFilling, begin);
  commands->take();
  if (needs_weights) weights_ready->take();
  if (needs_input) input_ready->take();
  if (needs_input) pieces_there_ = 1;
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
  if (one_by_one_ || pieces_there_ < sequence_->jobs[job_].pieces.size()) return;
  const auto note = [this](StateNote& state) {
    state.time(block_before_);
    return accumulators->note(state, local_);
  };
  const Moment begin = local_, block_begin = block_before_;
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
  const Run run{(tile.pixels - pixel_) / length - 1, local_.at - begin.at};
  if (run.stripes <= 0) return;
  pixel_ += run.stripes * length;
  repeat_since(local_, begin, Moment(local_), run.stripes, run.length());
  repeat_since(block_before_, block_begin, Moment(block_before_), run.stripes, run.length());
  log_.repeat(run.stripes, run.length());
  (*counters_of_jobs_)[job_].repeat_since(counted, run.stripes);
  if (tile.last_reduction) accumulators->pass_over(run);
}

// Whether the rows under the first `pixels` pixels have come; if they have, the array may have waited for them.
bool DotProductArray::rows_there(const Job& job, std::int64_t pixels) {
  while (pieces_there_ < job.pieces.size() && job.pieces[pieces_there_ - 1].pixels < pixels) {
    const Moment* const ready = input_ready->front();
    if (ready == nullptr) return false;
    const Moment there = *ready;
    if (there > now()) {
      wake_.notify(duration(there - now()));
      return false;
    }
    input_ready->take();
    ++pieces_there_;
    log_.stalled_until(Stall::kInput, there);
    local_.wait_for(there);
  }
  return true;
}

bool DotProductArray::run_stripe(const mapping::TileStep& tile) {
  const Job& job = sequence_->jobs[job_];
  const mapping::ArrayWork& work = job.work;
  const engine::EngineConfig& e = *sequence_->engine;
  const std::int64_t pixels = mapping::stripe_length(work, tile.pixels - pixel_);
  if (!rows_there(job, pixel_ + pixels)) return false;
  const Moment* const room = tile.last_reduction ? accumulators->claim(pixels) : &local_;
  if (room == nullptr) return false;

  const Ticks load = ticks_up(work.weight_load_cycles);
  const std::int64_t outputs = std::min(tile.outputs_per_group, tile.outputs - group_ * tile.outputs_per_group);
  const Ticks macs = ticks_up(mapping::block_cycles(work, pixels, outputs, tile.columns));
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
  const Moment all = stripe_span(job, tile, takes);
  Moment each = all, others = all;  // blocks: the last one, and those before it
  each.at = takes / tile.blocks;
  others.at = takes - each.at;
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    each.if_doubled[i] /= static_cast<double>(tile.blocks);
    others.if_doubled[i] -= each.if_doubled[i];
  }
  const Moment begin = local_;
  const Moment unheld = later(begin, others);
  const Moment last_block = latest({&unheld, room});
  // Of each block the array computes for as long as it has pixels; then it waits for the next block's weights.
  log_.busy_until(begin + macs * (tile.blocks - 1));
  log_.stalled_until(Stall::kWeightLoad, begin + stream.pace - block);
  log_.stalled_until(Stall::kOnChipBandwidth, unheld);
  log_.stalled_until(Stall::kAccumulators, last_block);
  log_.busy_until(last_block + macs);
  log_.stalled_until(Stall::kWeightLoad, last_block + block);
  local_ = later(last_block, each);
  log_.stalled_until(Stall::kOnChipBandwidth, local_);
  const Moment first = first_load(job, tile);
  const auto sooner = [](Moment moment, const Moment& span) {
    moment.at -= span.at;
    for (std::size_t i = 0; i < kResourceCount; ++i) moment.if_doubled[i] -= span.if_doubled[i];
    return moment;
  };
  if (tile.blocks > 1) {
    block_before_ = sooner(unheld, each);
  } else if (pixel_ == 0 && group_ == 0) {
    block_before_ = sooner(begin, first);
  }

  Counters& counters = (*counters_of_jobs_)[job_];
  if (counters.first_mac < 0) counters.first_mac = begin;
  counters.accumulations += static_cast<double>(pixels * outputs * tile.blocks) * work.block_turns;
  if (work.storage.on_chip) counters.decoded_weights += tile.decoded_weights / static_cast<double>(tile.groups);
  counters.mac_active += macs * tile.blocks;
  pixel_ += pixels;
  const bool tile_done = pixel_ == tile.pixels && group_ + 1 == tile.groups;
  if (tile_done) {
    counters.last_mac = last_block.at + macs;
    computing_until_ = last_block;
    computing_until_.add(each);  // the last block, without what only loads the next weights
    computing_until_.at = counters.last_mac;
    // The last block's weights went into the array while the block before it ran.
    if (tile.weight_last)
      weights_freed->send(sooner(later(block_before_, first), Moment(ticks(e.array.weight_release))));
  }
  block_before_ = last_block;
  if (tile.last_reduction) {
    Moment pipeline = span(e.memory.latency + e.array.pipeline_latency, Resource::kPipelineLatency);
    pipeline.scale(job.what_if.turns());
    // A pixel's sums come no sooner than the banks give its operands, however long loading weights makes the block;
    // those of a patch all with its last output.
    const bool patch = work.patch_pixels > 0;
    Moment spacing = patch ? Moment() : Moment(ticks_up(work.cycles_per_block));
    if (!patch) spacing.wait_for(span(stream.activations_take / (tile.blocks * pixels), Resource::kOnChipBandwidth));
    drained_ = (patch ? local_.at : last_block.at + macs) + pipeline.at;
    accumulators->hand_over(
        {job_, step_, pixels, outputs, tile_done, later(patch ? local_ : last_block, pipeline), spacing});
  }
  return true;
}

// How long a stripe takes that takes `takes` ticks, over all of its blocks.
Moment DotProductArray::stripe_span(const Job& job, const mapping::TileStep& tile, Ticks takes) const {
  const Stream& stream = stream_.stream();
  const Shares& shares = job.what_if.array(tile.pixels);
  const double activations = static_cast<double>(stream.activations_take);
  const double weights = stream.read_bytes[static_cast<int>(Region::kWeights)] * kTicksPerCycle / weight_bandwidth_;
  const double banks = std::max(activations, weights);
  Moment all(takes);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    double slow = banks;
    if (resource == Resource::kOnChipBandwidth) slow = banks / 2;
    // Larger groups read their activations less often, and longer stripes their weights.
    if (resource == Resource::kDotProductArray) slow = std::max(activations * job.what_if.groups(), weights);
    if (resource == Resource::kAccumulators) slow = std::max(activations, weights / 2);
    all.if_doubled[i] = std::max(static_cast<double>(stream.pace) * shares[resource], slow);
  }
  return all;
}

void DotProductArray::leave_tile(const mapping::TileStep& tile) {
  (*counters_of_jobs_)[job_].macs += tile.macs;
  if (tile.input_last) input_freed->send(local_);
  in_tile_ = false;
  if (++step_ < sequence_->jobs[job_].steps) return;
  computed_ = computing_until_;
  subgraph_computed->send(computed_);
  step_ = 0;
  ++job_;
  skip_to_work();
  if (done()) log_.stalled_until(Stall::kDraining, drained_);
}

}  // namespace lanewise::sim
