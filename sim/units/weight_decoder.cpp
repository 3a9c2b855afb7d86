// SPDX-License-Identifier: Apache-2.0
#include "sim/units/weight_decoder.hpp"

namespace lanewise::sim {

void WeightDecoder::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  behind_banks_ = sequence.engine->compression.on_chip;
  free_ = Moment::begin(sequence.start);
  log_.reset(sequence.start, keep.slices);
}

std::vector<const UnitLog*> WeightDecoder::logs() const {
  if (behind_banks_) return {};
  return {&log_};
}

std::vector<record::UnitTime> WeightDecoder::counted(const Counters& counters, Cycles latency) const {
  if (!behind_banks_) return {};
  return {counted_unit(record::Unit::kWeightDecoder, work_of(counters.decoded_weights), latency)};
}

Ticks WeightDecoder::work_of(double weights) const {
  return ticks_up(weights / static_cast<double>(sequence_->engine->compression.weights_per_cycle));
}

Moment WeightDecoder::unpacked(const Stream& stream) {
  const Job& job = sequence_->jobs[stream.job];
  const double weights = job.step(stream.step).decoded_weights;
  if (behind_banks_ || weights <= 0) return latest({&stream.ended, &free_});
  const engine::EngineConfig& engine = *sequence_->engine;
  Moment begin = latest({&stream.moving, &free_});
  // Other engines at the same DRAM may keep the first byte back.
  if (begin.at < stream.moving_from) begin.add(span(stream.moving_from - begin.at, Resource::kDram));
  const Moment worked = later(begin, span(work_of(weights), Resource::kWeightDecoder));
  free_ = latest({&stream.ended, &worked});
  (*counters_of_jobs_)[stream.job].decoded_weights += weights;
  log_.working_on(stream.job, stream.step);
  log_.idle_until(begin);
  log_.busy_until(worked);
  log_.stalled_until(Stall::kDram, free_);
  return later(free_, engine.compression.latency, Resource::kWeightDecoder);
}

}  // namespace lanewise::sim
