// SPDX-License-Identifier: Apache-2.0
#include "sim/units/weight_loader.hpp"

#include <algorithm>

namespace lanewise::sim {

WeightLoader::WeightLoader(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_ << subgraphs.arrived() << weights_freed.arrived();
  dont_initialize();
}

void WeightLoader::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  job_ = group_ = freed_job_ = freed_group_ = groups_ = answered_ = answered_of_job_ = 0;
  open_ = false;
  open_at_ = freed_at_ = Moment::begin(sequence.start);
  asked_ = before_ = freed_ = freed_before_ = 0;
  ends_.clear();
  needed_.clear();
  log_.reset(sequence.start, keep.slices);
  if (sequence.engine->streams()) {
    const std::int64_t word = sequence.engine->dram.word.count();
    for (const Job& job : sequence.jobs) {
      std::vector<std::int64_t> ends;
      std::int64_t bytes = 0;
      for (std::size_t step = 0; job.plan->uses_array && step < job.steps; ++step) {
        bytes += job.step(step).weight_load.bytes;
        ends.push_back(ceil_div(bytes, word));
      }
      needed_.push_back(ends.empty() ? 0 : ends.back());
      if (!ends.empty()) ends.back() = job.weight_beats;  // the padding comes with the last group
      groups_ += ends.size();
      ends_.push_back(std::move(ends));
    }
  }
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void WeightLoader::step() {
  if (sequence_ == nullptr) return;
  while (job_ < ends_.size() && turn_to_subgraph() && fetch()) {
  }
}

// False while the subgraph may not be fetched yet.
bool WeightLoader::turn_to_subgraph() {
  while (!open_ && job_ < ends_.size() && ends_[job_].empty()) ++job_;  // off the array
  if (open_) return true;
  if (job_ == ends_.size()) return false;
  const Moment* const begin = subgraphs->front();
  if (begin == nullptr) return false;
  if (*begin > now()) {
    wake_.notify(duration(*begin - now()));
    return false;
  }
  open_at_ = *begin;
  subgraphs->take();
  log_.working_on(job_, 0);
  log_.idle_until(now());
  open_ = true;
  asked_ = 0;
  group_ = 0;
  port->start_profile(Reader::kWeights);
  port->set_expected(Reader::kWeights, true);
  return true;
}

// Asks for all that there is room for, group by group, a group in parts if need be. False while there is no more room.
bool WeightLoader::fetch() {
  const engine::EngineConfig& e = *sequence_->engine;
  const std::vector<std::int64_t>& ends = ends_[job_];
  const std::int64_t room = sequence_->jobs[job_].plan->weight_banks * e.memory.bank_size.count() / e.dram.word.count();
  for (;;) {
    const std::int64_t reach = room + freed_ - before_;
    // Where all weights fit, their padding needs no room.
    const std::int64_t limit = reach >= needed_[job_] ? ends.back() : reach;
    if (asked_ < limit) {
      log_.stalled_until(Stall::kLoadBuffer, now());
      port->hold();
      Moment asked = open_at_;
      asked.wait_for(freed_at_);
      while (asked_ < limit) {
        const std::int64_t end = std::min(ends[group_], limit);
        const bool whole = end == ends[group_];
        if (end == ends.back()) port->set_expected(Reader::kWeights, false);
        port->fetch(Reader::kWeights, static_cast<double>(end - asked_), whole ? job_ : kPart, asked,
                    sequence_->jobs[job_].what_if.transfers(mapping::TransferKind::kWeights));
        asked_ = end;
        // Groups that end within the same word come with it.
        while (group_ < ends.size() && ends[group_] == asked_) ++group_;
      }
      port->release();
    }
    if (asked_ == ends.back()) break;
    const Moment* const freed = weights_freed->front();
    if (freed == nullptr) return false;
    if (*freed > now()) {
      wake_.notify(duration(*freed - now()));
      return false;
    }
    freed_at_.wait_for(*freed);
    weights_freed->take();
    free_group();
  }
  before_ += ends.back();
  open_ = false;
  ++job_;
  return true;
}

// Groups are freed in the order in which they came.
void WeightLoader::free_group() {
  while (freed_group_ == ends_[freed_job_].size()) {
    freed_before_ = freed_;
    ++freed_job_;
    freed_group_ = 0;
  }
  freed_ = freed_before_ + ends_[freed_job_][freed_group_++];
}

void WeightLoader::fetched(Reader, std::size_t job, const Arrival& arrival) {
  if (job == kPart) return;
  const engine::EngineConfig& e = *sequence_->engine;
  const Ticks arrived = arrival.at;
  const Moment loaded = later(arrival.at, e.dma.loaded, Resource::kDmaSetup);
  Counters& counters = (*counters_of_jobs_)[job];
  const std::vector<std::int64_t>& ends = ends_[job];
  const std::int64_t end = ends[answered_of_job_];
  const std::int64_t beats = end - (answered_of_job_ > 0 ? ends[answered_of_job_ - 1] : 0);
  log_.stalled_until(Stall::kDram, arrived - port->busy_ticks(beats));
  log_.busy_until(arrived);
  counters.weights_loaded = loaded;
  for (; answered_of_job_ < ends.size() && ends[answered_of_job_] == end; ++answered_of_job_) {
    weights_ready->send(loaded);
    ++answered_;
  }
  if (answered_of_job_ < ends.size()) return;
  answered_of_job_ = 0;
  const std::int64_t bytes = ends.back() * e.dram.word.count();
  counters.read_beats += ends.back();
  counters.dram_read += bytes;
  counters.sram_write += static_cast<double>(bytes);
  counters.weight_write += static_cast<double>(bytes);
  counters.weight_moved += static_cast<double>(bytes);
  weights_loaded->send(loaded);
}

}  // namespace lanewise::sim
