// SPDX-License-Identifier: Apache-2.0
#include "sim/units/read_port.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lanewise::sim {
namespace {

constexpr double kRounding = 1e-9;  // slots

}  // namespace

void ArrivalProfile::add(const Stretch& stretch) {
  if (!stretches_.empty() && stretches_.back().first_beat == stretch.first_beat) stretches_.pop_back();
  if (!stretches_.empty()) {
    const Stretch& last = stretches_.back();
    if (last.stride == stretch.stride && last.origin == stretch.origin && last.slot_cycles == stretch.slot_cycles) {
      return;
    }
  }
  stretches_.push_back(stretch);
}

double ArrivalProfile::asked(double origin, double slot_cycles, double slot) const {
  if (!limited(slot_cycles)) return origin + slot * slot_cycles;
  const double clumps = std::max(0.0, std::floor((slot - kRounding) / window_));
  return origin + clumps * (latency_ + turnaround_) + (slot - clumps * window_) * slot_cycles;
}

double ArrivalProfile::slots_until(double origin, double slot_cycles, double at) const {
  const double passed = at - origin;
  if (passed <= 0) return 0;
  if (!limited(slot_cycles)) return passed / slot_cycles;
  const double clump = latency_ + turnaround_;
  const double clumps = std::floor(passed / clump);
  return clumps * window_ + std::min(window_, (passed - clumps * clump) / slot_cycles);
}

double ArrivalProfile::under_way(double origin, double slot_cycles, double slot, double at) const {
  if (!limited(slot_cycles)) return 0;
  const double clumps = std::max(0.0, std::floor((slot - kRounding) / window_));
  return at < origin + (clumps + 1) * (latency_ + turnaround_) ? slot - clumps * window_ : 0;
}

std::vector<ArrivalProfile::Stretch> ArrivalProfile::even_stretches(double beats) const {
  std::vector<Stretch> even;
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    const Stretch& stretch = stretches_[i];
    even.push_back(stretch);
    if (!limited(stretch.slot_cycles)) continue;
    const double end = i + 1 < stretches_.size() ? stretches_[i + 1].first_beat : beats;
    const double last_slot = stretch.slot + (end - stretch.first_beat) * stretch.stride;
    for (double slot = (std::floor(stretch.slot / window_) + 1) * window_; slot < last_slot - kRounding;
         slot += window_) {
      even.push_back({stretch.first_beat + (slot - stretch.slot) / stretch.stride, slot, stretch.stride, stretch.origin,
                      stretch.slot_cycles});
    }
  }
  return even;
}

ReadPort::ReadPort(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(meet);
  sensitive << wake_;
  dont_initialize();
}

void ReadPort::begin(const Sequence& sequence, std::vector<Counters>&, Recording keep) {
  sequence_ = &sequence;
  const engine::EngineConfig::Dram& dram = sequence.engine->dram;
  latency_ = static_cast<double>(sequence.engine->dram_latency().count());
  // A memory that is slower than the port holds beats back.
  const double memory_interval = static_cast<double>(dram.word.count()) / sequence.engine->dram_bandwidth().count();
  read_interval_ = std::max(static_cast<double>(dram.read_interval.count()), memory_interval);
  request_interval_ = static_cast<double>(dram.request_interval.count());
  clock_ = ArrivalProfile(latency_, static_cast<double>(dram.outstanding_beats),
                          static_cast<double>(dram.outstanding_return.count()));
  for (Queue& queue : queues_) {
    queue.fetches.clear();
    queue.request_beats = 1;
    queue.beats = 0;
    queue.expected = false;
    queue.profile = clock_;
  }
  // Writes come when they come: no reader is told ahead of them.
  of(Reader::kWrites).expected = dram.half_duplex;
  active_ = 0;
  arrived_ = Moment::begin(sequence.start);
  round_ = 1;
  origin_ = slot_ = idle_from_ = planned_ = 0;
  slot_cycles_ = 1;
  holding_ = false;
  log_.reset(sequence.start, keep.slices);
  rate_.reset(keep.timeline);
}

double ReadPort::cycles_now() const { return static_cast<double>(now() - sequence_->start) / kTicksPerCycle; }

double ReadPort::request_cycles(Reader reader) const {
  return std::max(queues_[static_cast<std::size_t>(reader)].request_beats * read_interval_, request_interval_);
}

// When a fetch arrives, with what that rests on: its request, the beats before it, and its own beats and latency. What
// these do not explain are the turns of others.
Arrival ReadPort::arrival_of(const Fetch& fetch, double cycles) {
  const Ticks at = sequence_->start + ticks_up(cycles);
  Moment least = later(fetch.asked, sequence_->engine->dram_latency(), Resource::kDramLatency);
  least.wait_for(arrived_);
  Moment beats(ticks_up(fetch.beats * read_interval_));
  for (std::size_t i = 0; i < kResourceCount; ++i) beats.if_doubled[i] *= fetch.shares[static_cast<Resource>(i)];
  least.add(beats);
  least.add(span(at - least.at, Resource::kDram));
  arrived_.wait_for(least);
  return {cycles, least};
}

void ReadPort::fetch(Reader reader, double beats, std::size_t tag, const Moment& asked, const Shares& shares) {
  const double at = cycles_now();
  if (active_ > 0) {
    advance(std::min(clock_.slots_until(origin_, slot_cycles_, at), next_end()));
  } else {
    const double start = std::max(at, idle_from_);
    // What is still under way counts against the limit.
    slot_ = clock_.under_way(origin_, slot_cycles_, slot_, start);
    origin_ = start - slot_ * slot_cycles_;
    log_.idle_until(sequence_->start + ticks_up(start));
  }
  Queue& queue = of(reader);
  if (queue.fetches.empty()) ++active_;
  queue.fetches.push_back({beats, tag, false, beats, asked, shares});
  round_ = 0;
  for (const Queue& each : queues_) round_ += each.fetches.empty() ? 0 : each.request_beats;
  if (!holding_) plan();
}

bool ReadPort::reading() const {
  const bool writing = !queues_[static_cast<std::size_t>(Reader::kWrites)].fetches.empty();
  return active_ > (writing ? 1 : 0);
}

void ReadPort::set_request_beats(Reader reader, double beats) { of(reader).request_beats = beats; }

void ReadPort::set_expected(Reader reader, bool expected) { of(reader).expected = expected; }

void ReadPort::hold() { holding_ = true; }

void ReadPort::start_profile(Reader reader) {
  of(reader).profile.clear();
  of(reader).beats = 0;
}

void ReadPort::release() {
  holding_ = false;
  if (active_ > 0) plan();
}

// The slot at which the kernel has to be woken: the end of some fetch whose reader was not told of it before, or the
// last of a reader that reads alone.
double ReadPort::next_end() const {
  double end = 1e18;
  for (const Queue& queue : queues_) {
    if (queue.fetches.empty()) continue;
    double slots = 0;
    for (const Fetch& fetch : queue.fetches) {
      slots += fetch.left / share(queue);
      if (!fetch.told || active_ > 1) break;
    }
    end = std::min(end, slot_ + slots);
  }
  return end;
}

// Moves beats until `slot`, which is not behind the end of any fetch that its reader waits for.
void ReadPort::advance(double slot) {
  const double slots = slot - slot_;
  if (slots <= 0) return;
  slot_ = slot;
  for (Queue& queue : queues_) {
    if (queue.fetches.empty()) continue;
    double beats = slots * share(queue);
    queue.beats += beats;
    while (beats > 0) {
      Fetch& fetch = queue.fetches.front();
      if (fetch.told && fetch.left <= beats + kRounding && queue.fetches.size() > 1) {
        beats -= fetch.left;
        queue.fetches.pop_front();
      } else {
        fetch.left -= beats;
        beats = 0;
      }
    }
  }
}

// Some fetch ends.
void ReadPort::meet() {
  if (active_ == 0) return;
  advance(planned_);
  const double arrival = clock_.answered(origin_, slot_cycles_, planned_);
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < kReaderCount; ++i) {
    Queue& queue = queues_[i];
    if (queue.fetches.empty() || queue.fetches.front().left > 1e-6) continue;
    const Fetch& fetch = queue.fetches.front();
    if (!fetch.told) answers.push_back({i, fetch.tag, arrival_of(fetch, arrival)});
    queue.fetches.pop_front();
    if (queue.fetches.empty()) --active_;
  }
  round_ = 0;
  for (const Queue& each : queues_) round_ += each.fetches.empty() ? 0 : each.request_beats;
  plan(std::move(answers));
}

void ReadPort::tell(const Answer& answer) {
  const auto who = static_cast<Reader>(answer.reader);
  (who == Reader::kInput     ? input
   : who == Reader::kWeights ? weights
   : who == Reader::kOperand ? operand
                             : writes)
      ->fetched(who, answer.tag, answer.arrival);
}

// What has changed sets a new pace; the kernel is woken when the next fetch ends. Readers are told of fetches that have
// ended, and then, where that is known, of those that will.
void ReadPort::plan(std::vector<Answer> answers) {
  const auto ticks_at = [&](double cycles) { return sequence_->start + ticks_up(cycles); };
  const double asked = clock_.asked(origin_, slot_cycles_, slot_);
  if (active_ == 0) {
    idle_from_ = asked;
    rate_.set(ticks_at(asked), 0);
    log_.busy_until(ticks_at(asked));
    for (const Answer& answer : answers) tell(answer);
    return;
  }
  const double slot_cycles = std::max(read_interval_, request_interval_ * active_ / round_);
  if (slot_cycles != slot_cycles_) {
    slot_cycles_ = slot_cycles;
    origin_ += asked - clock_.asked(origin_, slot_cycles_, slot_);
  }
  const double word = static_cast<double>(sequence_->engine->dram.word.count());
  rate_.set(ticks_at(asked), word * clock_.slots_a_cycle(slot_cycles_));
  bool expecting = false;
  for (std::size_t i = 0; i < kReaderCount; ++i) {
    Queue& queue = queues_[i];
    if (!queue.fetches.empty()) {
      queue.profile.add({queue.beats, slot_, 1 / share(queue), origin_, slot_cycles_});
    } else {
      expecting = expecting || queue.expected;
    }
  }
  if (active_ == 1 && !expecting) {
    std::size_t alone = 0;
    while (queues_[alone].fetches.empty()) ++alone;
    double slot = slot_;
    for (Fetch& fetch : queues_[alone].fetches) {
      slot += fetch.left;
      if (fetch.told) continue;
      fetch.told = true;
      answers.push_back({alone, fetch.tag, arrival_of(fetch, clock_.answered(origin_, slot_cycles_, slot))});
    }
  }
  planned_ = next_end();
  const Ticks wake = ticks_at(clock_.asked(origin_, slot_cycles_, planned_));
  wake_.cancel();
  wake_.notify(duration(std::max<Ticks>(0, wake - now())));
  for (const Answer& answer : answers) tell(answer);
}

}  // namespace lanewise::sim
