// SPDX-License-Identifier: Apache-2.0
#include "sim/units/post_processor.hpp"

#include <algorithm>

namespace lanewise::sim {

PostProcessor::PostProcessor(const sc_core::sc_module_name& name) : sc_module(name), memory("memory") {
  SC_METHOD(step);
  sensitive << wake_ << commands.arrived() << input_ready.arrived() << operand_ready.arrived()
            << output_freed.arrived();
  dont_initialize();
}

void PostProcessor::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = step_ = 0;
  in_tile_ = false;
  local_ = Moment::begin(sequence.start);
  buffers_.reset();
  buffers_.begin_subgraph(sequence.jobs.front().plan->output_slots, 0);
  log_.reset(sequence.start, keep.slices);
  host_log_.reset(sequence.start, keep.slices);
  skip_to_work();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

std::vector<const UnitLog*> PostProcessor::logs() const {
  const bool host = std::any_of(sequence_->jobs.begin(), sequence_->jobs.end(), [](const Job& job) {
    return job.subgraph->shape.family == mapping::SubgraphFamily::kHost;
  });
  return host ? std::vector<const UnitLog*>{&log_, &host_log_} : std::vector<const UnitLog*>{&log_};
}

// Tiles whose sums stay in the accumulators give the post-processor nothing to do.
void PostProcessor::skip_to_work() {
  while (!done()) {
    const Job& job = sequence_->jobs[job_];
    for (; step_ < job.steps && !job.step(step_).last_reduction; ++step_) ++skipped_;
    if (step_ < job.steps) return;
    const std::int64_t stale = std::min<std::int64_t>(job.plan->output_slots, job.stores);
    ++job_;
    step_ = 0;
    if (!done()) buffers_.begin_subgraph(sequence_->jobs[job_].plan->output_slots, stale);
  }
}

void PostProcessor::step() {
  if (sequence_ == nullptr) return;
  while (!done()) {
    if (!(sequence_->jobs[job_].plan->uses_array ? drain_sums() : run_alone())) return;
  }
}

// Takes what the tile needs, none of it before `earliest`; false while something is missing.
bool PostProcessor::enter_tile(const Moment& earliest, bool wait_for_kernel) {
  const Job& job = sequence_->jobs[job_];
  const mapping::TileStep& tile = job.step(step_);
  for (; skipped_ > 0; --skipped_) {
    if (commands->front() == nullptr) return false;
    commands->take();
  }
  const bool needs_input = !job.plan->uses_array && tile.input_load.bytes > 0;
  const bool needs_operand = tile.operand_load.bytes > 0;
  const bool needs_output = tile.store.bytes > 0;
  const Moment* const issued = commands->front();
  if (issued == nullptr) return false;
  const Moment* const buffer = needs_output ? buffers_.front(output_freed) : issued;
  if (buffer == nullptr) return false;
  const Moment* const operand = needs_operand ? operand_ready->front() : issued;
  if (operand == nullptr) return false;
  const Moment* const input = needs_input ? input_ready->front() : issued;
  if (input == nullptr) return false;
  Moment begin = latest({&local_, &earliest, issued, operand, input});
  begin.wait_unless(job.what_if.second_buffer(mapping::TransferKind::kStore), Resource::kOnChipMemory, *buffer);
  if (wait_for_kernel && begin > now()) {
    wake_.notify(duration(begin - now()));
    return false;
  }
  told().working_on(job_, step_);
  told().idle_until(*issued);
  told().stalled_until(Stall::kAccumulators, earliest);
  told().stalled_until(Stall::kOutputBuffer, *buffer);
  told().stalled_until(Stall::kOperand, *operand);
  told().stalled_until(Stall::kInput, *input);
  commands->take();
  if (needs_output) buffers_.take(output_freed);
  if (needs_operand) operand_ready->take();
  if (needs_input) input_ready->take();
  local_ = begin;
  in_tile_ = true;
  return true;
}

bool PostProcessor::drain_sums() {
  const Sums* const sums = accumulators->front();
  // Sums first: a tile's buffers are not held while the array is still at it.
  if (sums == nullptr || sums->job != job_) return false;
  if (!in_tile_ && !enter_tile(sums->first_ready, false)) return false;
  const Job& job = sequence_->jobs[job_];
  const mapping::TileStep& tile = job.step(step_);
  const engine::EngineConfig& e = *sequence_->engine;
  log_.stalled_until(Stall::kAccumulators, sums->first_ready);
  const Moment from = latest({&local_, &sums->first_ready});
  // Atoms leave at the post-processor's pace, or as they come where that is slower.
  const Shares& shares = job.what_if.drain(tile.pixels, tile.partial_sums);
  const Ticks atom = job.work.patch_pixels > 0 ? 0 : ticks(Cycles(job.work.atom_cycles));
  const Ticks drain = ticks(Cycles(mapping::drain_cycles(job.work, sums->atoms, sums->outputs)));
  Moment pace(std::max(drain, (sums->atoms - 1) * sums->spacing.at + atom));
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const double share = shares[static_cast<Resource>(i)];
    const double coming = static_cast<double>(sums->atoms - 1) * sums->spacing.if_doubled[i];
    pace.if_doubled[i] = std::max(static_cast<double>(drain) * share, coming + static_cast<double>(atom) * share);
  }
  const double share =
      static_cast<double>(sums->atoms * sums->outputs) / static_cast<double>(tile.pixels * tile.outputs);
  Moment end = transport(tile, from, pace, share, tile.partial_sums ? &shares : nullptr);
  if (job.plan->streams) {
    const std::int64_t atom_bytes = ceil_div(e.array.parallelism_factor * job.cube->sum_bits, 8);
    end = output->write(job_, sums->atoms, ceil_div(atom_bytes, e.dram.word.count()), from, end);
    log_.stalled_until(Stall::kOutputBuffer, end);
  }
  local_ = end;
  (*counters_of_jobs_)[job_].post_elements += sums->atoms * sums->outputs;
  const bool last = sums->last_of_step;
  // Returned atom by atom.
  Moment spacing((end.at - from.at) / sums->atoms);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    spacing.if_doubled[i] = (end.if_doubled[i] - from.if_doubled[i]) / static_cast<double>(sums->atoms);
  }
  Moment returns = span(e.accumulators.credit_return, Resource::kPipelineLatency);
  returns.scale(job.what_if.turns());
  accumulators->drained({sums->atoms, later(end, returns), spacing});
  if (last) leave_tile();
  return true;
}

// Operators that the engine lacks are worked on by the host, in the post-processor's place.
bool PostProcessor::on_host() const {
  return sequence_->jobs[job_].subgraph->shape.family == mapping::SubgraphFamily::kHost;
}

bool PostProcessor::note(StateNote& state, Ticks now) {
  if (!in_tile_) return false;
  state.time(local_);
  if (sequence_->jobs[job_].plan->streams) output->note(state, now);
  return true;
}

void PostProcessor::mark() {
  log_.mark();
  marked_ = local_;
  if (sequence_->jobs[job_].plan->streams) output->mark();
}

void PostProcessor::pass_over(const Run& run) {
  repeat_since(local_, marked_, Moment(local_), run.stripes, run.length());
  log_.repeat(run.stripes, run.length());
  if (sequence_->jobs[job_].plan->streams) output->pass_over(run);
}

bool PostProcessor::run_alone() {
  const Job& job = sequence_->jobs[job_];
  if (!in_tile_ && !enter_tile(Moment::begin(sequence_->start), !job.plan->streams)) return false;
  const engine::EngineConfig& e = *sequence_->engine;
  const mapping::TileStep& tile = job.step(step_);
  Moment pace(ticks_up(mapping::post_cycles(job.subgraph->shape, e, tile.post_elements)));
  for (std::size_t i = 0; i < kResourceCount; ++i) pace.if_doubled[i] *= job.what_if.alone()[static_cast<Resource>(i)];
  if (job.plan->streams) {
    // The tile was entered with its first word; the last one closes it.
    const Moment* const last = input_ready->front();
    if (last == nullptr) return false;
    const std::int64_t atoms = tile.post_write_bytes / e.dram.word.count();
    const Moment from = later(local_, mapping::alone_latency(job.subgraph->shape, e), Resource::kPipelineLatency);
    const Moment end = transport(tile, from, pace, 0.0).wait_for(*last);
    input_ready->take();
    local_ = output->write(job_, atoms, 1, from, end);
    told().stalled_until(Stall::kOutputBuffer, local_);
  } else {
    local_ = transport(tile, local_, pace, 1.0);
  }
  if (!on_host()) (*counters_of_jobs_)[job_].post_elements += tile.post_elements;
  leave_tile();
  return true;
}

// Work of `pace` ticks at full rate from `from` on, with its `share` of the tile's on-chip traffic; when it ends.
Moment PostProcessor::transport(const mapping::TileStep& tile, const Moment& from, const Moment& pace, double share,
                                const Shares* parts) {
  Stream& stream = stream_.stream();
  stream.job = job_;
  stream.pace = pace;
  stream.shares_port = sequence_->jobs[job_].plan->uses_array;  // of streams nothing lies in the banks
  stream.read_bytes[static_cast<int>(Region::kActivations)] = static_cast<double>(tile.post_read_bytes) * share;
  stream.read_bytes[static_cast<int>(Region::kWeights)] = 0;
  stream.write_bytes = static_cast<double>(tile.post_write_bytes) * share;
  sc_core::sc_time delay;
  memory->b_transport(stream_.payload(), delay);
  Moment takes = pace;
  Moment banks = span(stream.activations_take, Resource::kOnChipBandwidth);
  for (std::size_t i = 0; parts != nullptr && i < kResourceCount; ++i) {
    banks.if_doubled[i] *= (*parts)[static_cast<Resource>(i)];
  }
  takes.wait_for(banks);
  takes.at = static_cast<Ticks>(delay.value());
  const Moment end = later(from, takes);
  told().stalled_until(Stall::kInput, from);
  told().busy_until(from.at + pace.at);
  told().stalled_until(Stall::kOnChipBandwidth, end);
  return end;
}

void PostProcessor::leave_tile() {
  const Job& job = sequence_->jobs[job_];
  const mapping::TileStep& tile = job.step(step_);
  const engine::EngineConfig& e = *sequence_->engine;
  Counters& counters = (*counters_of_jobs_)[job_];
  Moment pipeline = span(e.post_processing.latency, Resource::kPipelineLatency);
  const Moment left = later(local_, pipeline.scale(job.what_if.turns()));
  counters.post_done = left;
  if (!job.plan->uses_array) counters.post_done.add(span(e.memory.latency, Resource::kPipelineLatency));
  if (!job.plan->uses_array && tile.input_last) input_freed->send(local_);
  if (tile.operand_load.bytes > 0) operand_freed->send(local_);
  if (tile.store.bytes > 0) output_ready->send(left);
  in_tile_ = false;
  ++step_;
  const std::size_t finished = job_;
  skip_to_work();
  if (job_ == finished) return;
  if (job.plan->streams) {
    output->flush(finished);
  } else if (job.stores == 0) {
    subgraph_done->send(counters.post_done);
  }
}

}  // namespace lanewise::sim
