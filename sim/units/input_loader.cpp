// SPDX-License-Identifier: Apache-2.0
#include "sim/units/input_loader.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::sim {

InputLoader::InputLoader(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_ << commands.arrived() << input_available.arrived() << weights_loaded.arrived()
            << subgraph_computed.arrived();
  dont_initialize();
}

void InputLoader::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  state_ = State::kStarting;
  job_ = computed_ = 0;
  computed_at_ = started_ = opens_ = asks_ = loaded_ = Moment::begin(sequence.start);
  weights_told_ = true;
  fetched_rows_ = 0;
  piece_ = pieces_come_ = 0;
  ends_piece_.clear();
  under_way_ = 0;
  waits_for_room_ = false;
  last_arrival_ = {};
  unpacked_ = 0;
  log_.reset(sequence.start, keep.slices);
  if (!sequence.engine->streams()) job_ = sequence.jobs.size();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

// Whether kernel time has come to `when`; else this unit is woken then.
bool InputLoader::reached(Ticks when) {
  if (when <= now()) return true;
  wake_.notify(duration(when - now()));
  return false;
}

// When the array was done with the subgraph before this one; null while that is not known. Subgraphs off the array do
// not touch the banks.
const Moment* InputLoader::before_computed() {
  for (; computed_ < job_; ++computed_) {
    if (!sequence_->jobs[computed_].plan->uses_array) continue;
    const Moment* const at = subgraph_computed->front();
    if (at == nullptr) return nullptr;
    computed_at_ = *at;
    subgraph_computed->take();
  }
  return &computed_at_;
}

void InputLoader::step() {
  if (sequence_ == nullptr) return;
  while (!done()) {
    if (!weights_told_) tell_weights();
    switch (state_) {
      case State::kStarting:
        if (!start()) return;
        break;
      case State::kOpening:
        if (!open()) return;
        break;
      case State::kFetching:
        if (!fetch()) return;
        break;
      case State::kComing:
        return;
      case State::kUnpacking:
        // Not on to the next subgraph while the weight loader is to be told of this one.
        if (!weights_told_ || !reached(sequence_->start + ticks_up(last_arrival_.cycles))) return;
        finish();
        break;
    }
  }
}

// A subgraph starts once it is programmed and its predecessor is loaded.
bool InputLoader::start() {
  const engine::EngineConfig& e = *sequence_->engine;
  const Job& job = sequence_->jobs[job_];
  const Moment* const command = commands->front();
  if (command == nullptr) return false;
  Moment begin = later(*command, e.dma.start, Resource::kDmaSetup);
  if (job_ > 0) {
    Moment loaded = loaded_;
    if (sequence_->jobs[job_ - 1].plan->uses_array) {
      const Moment* const weights = weights_loaded->front();
      if (weights == nullptr) return false;
      loaded.wait_for(*weights);
    }
    begin.wait_for(later(loaded, e.dma.next_subgraph, Resource::kDmaSetup));
  }
  if (!reached(begin)) return false;
  commands->take();
  if (job_ > 0 && sequence_->jobs[job_ - 1].plan->uses_array) weights_loaded->take();
  log_.working_on(job_, 0);
  log_.idle_until(begin);
  started_ = opens_ = begin;
  fetched_rows_ = 0;
  piece_ = pieces_come_ = 0;
  port->start_profile(Reader::kInput);
  port->set_request_beats(Reader::kInput, request_beats());
  port->set_expected(Reader::kInput, true);
  if (job.plan->uses_array) {
    const double request = as_double(e.dram.burst.count()) / as_double(e.dram.word.count());
    const double beats = std::max(1.0, request);
    port->set_request_beats(Reader::kWeights, beats);
    const double requests = as_double(job.weight_beats) / beats;
    opens_.add(ticks_up(std::min(as_double(e.dma.request_lead), requests) * port->request_cycles(Reader::kWeights)));
    weights_told_ = false;
    tell_weights();
  }
  state_ = State::kOpening;
  return true;
}

const mapping::TilePlan* InputLoader::plan_before() const {
  return job_ > 0 ? sequence_->jobs[job_ - 1].plan : nullptr;
}

// The weight loader may turn to the subgraph, or has to wait until the banks are split anew.
void InputLoader::tell_weights() {
  const mapping::TilePlan& plan = *sequence_->jobs[job_].plan;
  const mapping::TilePlan* const before = plan_before();
  Moment when = started_;
  if (before != nullptr &&
      (before->activation_banks != plan.activation_banks || before->weight_banks != plan.weight_banks)) {
    const Moment* const computed = before_computed();
    if (computed == nullptr) return;
    when.wait_for(later(*computed, sequence_->engine->dma.split_change, Resource::kDmaSetup));
  }
  port->set_expected(Reader::kWeights, true);
  to_weights->send(when);
  weights_told_ = true;
}

bool InputLoader::open() {
  const mapping::TilePlan& plan = *sequence_->jobs[job_].plan;
  const mapping::TilePlan* const before = plan_before();
  if (before != nullptr && before->activation_banks != plan.activation_banks) {
    const Moment* const computed = before_computed();
    if (computed == nullptr) return false;
    opens_.wait_for(later(*computed, sequence_->engine->dma.split_change, Resource::kDmaSetup));
  }
  const Moment* const available = input_available->front();
  if (available == nullptr) return false;
  opens_.wait_for(later(*available, sequence_->engine->dma.start, Resource::kDmaSetup));
  if (!reached(opens_)) return false;
  input_available->take();
  log_.stalled_until(Stall::kLoadBuffer, opens_);
  asks_ = opens_;
  waits_for_room_ = false;
  state_ = State::kFetching;
  return true;
}

// Asks for as many rows as there is room for.
bool InputLoader::fetch() {
  const engine::EngineConfig& e = *sequence_->engine;
  const Job& job = sequence_->jobs[job_];
  const mapping::Cube& cube = *job.cube;
  const std::int64_t row_beats = cube.in_width * cube.surfaces;
  const std::int64_t wanted = job.pieces.empty() ? cube.in_rows : job.pieces[piece_].rows;
  std::int64_t rows = wanted;
  if (job.plan->uses_array && job_ > 0 && sequence_->jobs[job_ - 1].plan->uses_array) {
    const Moment* const computed = before_computed();
    const Moment free = computed != nullptr ? later(*computed, e.dma.input_release, Resource::kDmaSetup) : Moment();
    if (computed != nullptr && free <= now() && waits_for_room_) asks_.wait_unless(true, Resource::kOnChipMemory, free);
    if (computed == nullptr || free > now()) {
      const mapping::Cube& before = *sequence_->jobs[job_ - 1].cube;
      const std::int64_t word = e.dram.word.count();
      const std::int64_t room = job.plan->activation_banks * e.memory.bank_size.count() -
                                before.in_width * before.in_rows * before.surfaces * word;
      rows = std::min(rows, std::max<std::int64_t>(0, room) / (row_beats * word));
      waits_for_room_ = rows < wanted;
    }
    if (rows < wanted && fetched_rows_ >= rows) {  // no more has room yet
      if (computed != nullptr) reached(free);
      return false;
    }
  }
  const bool all = rows == cube.in_rows;
  const std::int64_t beats = all ? job.input_beats - fetched_rows_ * row_beats : (rows - fetched_rows_) * row_beats;
  fetched_rows_ = rows;
  log_.stalled_until(Stall::kLoadBuffer, now());
  state_ = all ? State::kComing : State::kFetching;
  if (all) port->set_expected(Reader::kInput, false);
  ++under_way_;
  ends_piece_.push_back(rows == wanted);
  if (rows == wanted && !all) ++piece_;
  port->fetch(Reader::kInput, as_double(beats), job_, asks_, job.what_if.transfers(mapping::TransferKind::kInput));
  return true;
}

void InputLoader::fetched(Reader, std::size_t, const Arrival& arrival) {
  if (ends_piece_.front()) piece_has_come(arrival);
  ends_piece_.pop_front();
  if (--under_way_ > 0 || state_ != State::kComing) return;  // the rest is still to come, or to be asked for
  last_arrival_ = arrival;
  state_ = State::kUnpacking;
  // A memory that answers at once may have answered by now.
  wake_.notify(duration(std::max<Ticks>(0, arrival.at - now())));
}

// When the request generator's last answer for the first `rows` rows is on chip.
Moment InputLoader::generated(std::int64_t rows) const {
  const engine::EngineConfig& e = *sequence_->engine;
  Moment moment = later(started_, span(ticks_up(generator_cycles(rows)), Resource::kDmaSetup));
  return moment.add(span(e.dram_latency(), Resource::kDramLatency)).add(span(e.dma.loaded, Resource::kDmaSetup));
}

// The array may go on with a part of the input. The last part counts as on chip with the whole.
void InputLoader::piece_has_come(const Arrival& arrival) {
  const Job& job = sequence_->jobs[job_];
  if (!job.plan->uses_array || pieces_come_ + 1 >= job.pieces.size()) return;
  const engine::EngineConfig& e = *sequence_->engine;
  Moment on_chip = later(arrival.at, std::max(e.dma.loaded, e.unpacking.loaded), Resource::kUnpacking);
  on_chip.wait_for(generated(job.pieces[pieces_come_].rows));
  ++pieces_come_;
  input_ready->send(on_chip);
}

// The whole input has come.
void InputLoader::finish() {
  const engine::EngineConfig& e = *sequence_->engine;
  const Job& job = sequence_->jobs[job_];
  Counters& counters = (*counters_of_jobs_)[job_];
  const Ticks arrived = sequence_->start + ticks_up(last_arrival_.cycles);
  counters.read_beats += job.input_beats;
  counters.dram_read += job.input_beats * e.dram.word.count();
  // What its own beats do not take is latency, or others' turns.
  log_.stalled_until(Stall::kDram, arrived - port->busy_ticks(job.input_beats));
  log_.busy_until(arrived);
  if (job.plan->uses_array) {
    counters.sram_write += as_double(job.step(0).input_load.bytes);
    counters.activation_moved += as_double(job.step(0).input_load.bytes);
    double work = 0;
    const Ticks loaded = sequence_->start + ticks_up(unpack(work));
    // Unpacking goes on while rows come: it ends no sooner than they have, nor than its own work takes.
    Moment unpacks = span(std::min(ticks_up(work), loaded - opens_.at), Resource::kUnpacking);
    unpacks.with(Resource::kDram) *=
        job.what_if.transfers(mapping::TransferKind::kInput)[Resource::kDram];  // the work is by words
    loaded_ = last_arrival_.at;
    loaded_.wait_for(later(opens_, unpacks));
    loaded_.wait_for(generated(job.cube->in_rows));
    Moment rest = span(loaded - loaded_.at, Resource::kUnpacking);
    rest.with(Resource::kDram) *= job.what_if.transfers(mapping::TransferKind::kInput)[Resource::kDram];
    loaded_.add(rest);
    log_.stalled_until(Stall::kUnpacking, loaded_);
    input_ready->send(loaded_);
  } else {
    const ArrivalProfile& profile = port->profile(Reader::kInput);
    loaded_ = last_arrival_.at;
    const Ticks first = sequence_->start + ticks_up(profile.arrival(profile.even_stretches(1).front(), 1));
    Moment begins = later(opens_, e.dram_latency(), Resource::kDramLatency);
    input_ready_for_post->send(begins.add(first - begins.at));
    input_ready_for_post->send(loaded_);
  }
  counters.inputs_loaded = loaded_;
  ++job_;
  state_ = State::kStarting;
}

// Beats of the subgraph's requests on average: requests are cut at their own size and where a fetch ends.
double InputLoader::request_beats() const {
  const engine::EngineConfig& e = *sequence_->engine;
  const mapping::Cube& cube = *sequence_->jobs[job_].cube;
  const std::int64_t beats = e.dram.burst.count() / e.dram.word.count();
  if (beats <= 1) return 1;
  std::int64_t requests = 0;
  const std::int64_t surfaces = std::min(cube.surfaces, beats);  // the cuts repeat after so many
  for (std::int64_t surface = 0; surface < surfaces; ++surface) {
    for (std::int64_t row = 0; row < cube.in_rows; row += e.dma.fetch_grain) {
      const std::int64_t rows = std::min(e.dma.fetch_grain, cube.in_rows - row);
      const std::int64_t first = (surface * cube.in_rows + row) * cube.in_width;
      requests += (first + rows * cube.in_width - 1) / beats - first / beats + 1;
    }
  }
  return as_double(cube.in_width * cube.in_rows * surfaces) / as_double(requests);
}

// Cycles that the request generator takes for the first rows of the input.
double InputLoader::generator_cycles(std::int64_t all_rows) const {
  const engine::EngineConfig& e = *sequence_->engine;
  const mapping::Cube& cube = *sequence_->jobs[job_].cube;
  const std::int64_t beats = std::max<std::int64_t>(1, e.dma.fetch_request.count() / e.dram.word.count());
  double cycles = 0;
  for (std::int64_t row = 0; row < all_rows; row += e.dma.fetch_grain) {
    const std::int64_t rows = std::min(e.dma.fetch_grain, all_rows - row);
    cycles += as_double(e.dma.fetch_cycles) +
              as_double(e.dma.request_cycles) * as_double(cube.surfaces * ceil_div(rows * cube.in_width, beats));
  }
  return cycles;
}

// Fetch by fetch and surface by surface behind the arriving beats; when the input counts as on chip, in cycles. Adds
// the cycles that unpacking takes by itself to `work`.
double InputLoader::unpack(double& work) {
  const engine::EngineConfig& e = *sequence_->engine;
  const engine::EngineConfig::Unpacking& u = e.unpacking;
  const mapping::Cube& cube = *sequence_->jobs[job_].cube;
  const ArrivalProfile& profile = port->profile(Reader::kInput);
  const std::int64_t all = cube.in_width * cube.in_rows * cube.surfaces;
  const std::vector<ArrivalProfile::Stretch> stretches = profile.even_stretches(as_double(all));
  std::size_t at = 0;
  const auto arrival = [&](double beat) {
    while (at + 1 < stretches.size() && stretches[at + 1].first_beat < beat - 1e-9) ++at;
    return profile.arrival(stretches[at], beat);
  };
  const auto cycles = [&](std::int64_t surface, std::int64_t rows) {
    if (cube.in_width == 1) return u.column * as_double(rows);
    const double words = as_double(rows * cube.in_width);
    const double rest = as_double(cube.in_width % 2) * as_double(rows) * (u.second_pair - u.first_pair);
    switch (surface % 4) {
      case 0:
      case 1:
        return u.first_pair * words + as_double(u.row) * as_double(rows);
      case 2:  // of an odd row's last word, only the fourth surface pays for both
        return u.second_pair * words - rest;
      default:
        return u.second_pair * words + rest;
    }
  };
  double finished = unpacked_, last = 0, beats = 0;
  for (std::int64_t row = 0; row < cube.in_rows; row += e.dma.fetch_grain) {
    const std::int64_t rows = std::min(e.dma.fetch_grain, cube.in_rows - row);
    const double words = as_double(rows * cube.in_width);
    for (std::int64_t surface = 0; surface < cube.surfaces; ++surface) {
      const double takes = cycles(surface, rows);
      work += takes;
      finished = std::max(finished, arrival(beats + 1)) + takes;
      while (at + 1 < stretches.size() && stretches[at + 1].first_beat < beats + words) {
        const ArrivalProfile::Stretch& next = stretches[++at];
        if (next.first_beat <= beats + 1) continue;
        finished = std::max(finished, profile.arrival(next, next.first_beat + 1) - next.stride * next.slot_cycles +
                                          takes * (beats + words - next.first_beat) / words);
      }
      beats += words;
      last = arrival(beats);
      finished = std::max(finished, last);
    }
  }
  unpacked_ = finished;
  if (cube.surfaces % 4 == 0 || cube.surfaces % 4 == 3) last += as_double(u.last_pair);
  const double generated = static_cast<double>(started_.at - sequence_->start) / kTicksPerCycle +
                           generator_cycles(cube.in_rows) + as_double(e.dram_latency());
  return std::max(
      {finished + as_double(u.loaded), last + as_double(e.dma.loaded), generated + as_double(e.dma.loaded)});
}

}  // namespace lanewise::sim
