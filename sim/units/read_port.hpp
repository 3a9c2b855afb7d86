// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/rate_log.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/what_if.hpp"

namespace lanewise::sim {

// The units that read through the port, and, where reads and writes share the memory (`dram.half_duplex`), what is
// written: it takes turns with them.
enum class Reader { kInput, kWeights, kOperand, kWrites };
inline constexpr int kReaderCount = 4;

// The arrival times of one reader's beats, as stretches with an even rate. Times are in cycles since the sequence
// began; beats count from 1.
class ArrivalProfile {
 public:
  struct Stretch {
    double first_beat = 0;  // beats before this stretch
    double slot = 0;        // slots of the port before it, since the port was last idle
    double stride = 1;      // slots per beat
    double origin = 0;      // when slot 0 was asked for
    double slot_cycles = 1;
  };

  ArrivalProfile() = default;
  ArrivalProfile(double latency, double window, double turnaround)
      : latency_(latency), window_(window), turnaround_(turnaround) {}
  void clear() { stretches_.clear(); }
  void add(const Stretch& stretch);
  // When a slot is requested: one after the other, or in bursts where the number of beats in flight is limited.
  double asked(double origin, double slot_cycles, double slot) const;
  double answered(double origin, double slot_cycles, double slot) const {
    return asked(origin, slot_cycles, slot) + latency_ - (slot_cycles - 1);
  }
  // The average rate, where the limit cuts requests into bursts.
  double slots_a_cycle(double slot_cycles) const {
    return limited(slot_cycles) ? window_ / (latency_ + turnaround_) : 1 / slot_cycles;
  }
  // Slots requested until `at`.
  double slots_until(double origin, double slot_cycles, double at) const;
  // Slots of the last burst, requested up to `slot`, that are still in flight at `at`.
  double under_way(double origin, double slot_cycles, double slot, double at) const;
  // The stretches of `beats` beats in all, with limited ones cut where each burst begins.
  std::vector<Stretch> even_stretches(double beats) const;
  double arrival(const Stretch& stretch, double beat) const {
    return answered(stretch.origin, stretch.slot_cycles, stretch.slot + (beat - stretch.first_beat) * stretch.stride);
  }

 private:
  bool limited(double slot_cycles) const { return window_ * slot_cycles < latency_ + turnaround_; }

  double latency_ = 0, window_ = 1, turnaround_ = 0;
  std::vector<Stretch> stretches_;
};

// The interface that the port offers to its readers.
class ReadService : public virtual sc_core::sc_interface {
 public:
  // The average number of beats per request of the reader.
  virtual void set_request_beats(Reader reader, double beats) = 0;
  // While a further fetch of some reader is expected, no reader is told ahead of time when its beats will arrive, since
  // that fetch may still delay them.
  virtual void set_expected(Reader reader, bool expected) = 0;
  // Requests beats from now on; `asked` is now, with what it rests on, and `shares` are those of the
  // beats with each resource doubled. The fetches of one reader are served in order.
  // Fetches between `hold` and `release` count as simultaneous.
  virtual void fetch(Reader reader, double beats, std::size_t tag, const Moment& asked, const Shares& shares) = 0;
  virtual void hold() = 0;
  virtual void release() = 0;
  // The arrival of the reader's beats since `start_profile`.
  virtual void start_profile(Reader reader) = 0;
  virtual const ArrivalProfile& profile(Reader reader) const = 0;
  // Cycles between two requests of the reader if it had the port to itself.
  virtual double request_cycles(Reader reader) const = 0;
  // How long `beats` take at full rate.
  virtual Ticks busy_ticks(std::int64_t beats) const = 0;
  // Whether anything is read right now.
  virtual bool reading() const = 0;
};

// When the last beat of a fetch arrives: in cycles since the sequence began, and the same as a moment.
struct Arrival {
  double cycles = 0;
  Moment at;
};

// Receives the arrival of a fetch, by that time at the latest.
class FetchListener : public virtual sc_core::sc_interface {
 public:
  virtual void fetched(Reader reader, std::size_t tag, const Arrival& arrival) = 0;
};

// The read port to memory: one beat after the other, with a limited number of beats in flight. Readers take turns
// request by request. Rates change only where a fetch starts or ends, so the kernel wakes only there.
class ReadPort : public sc_core::sc_module, public EngineUnit, public ReadService {
 public:
  sc_core::sc_port<FetchListener> input, weights, operand, writes;

  SC_HAS_PROCESS(ReadPort);
  explicit ReadPort(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return active_ == 0; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  std::vector<const RateLog*> rates() const override { return {&rate_}; }

  // Not inline: through the thunks of this class GCC 12.2 at -O3 inlines a constant of one call into another.
  void set_request_beats(Reader reader, double beats) override;
  void set_expected(Reader reader, bool expected) override;
  void fetch(Reader reader, double beats, std::size_t tag, const Moment& asked, const Shares& shares) override;
  void hold() override;
  void release() override;
  void start_profile(Reader reader) override;
  const ArrivalProfile& profile(Reader reader) const override {
    return queues_[static_cast<std::size_t>(reader)].profile;
  }
  double request_cycles(Reader reader) const override;
  Ticks busy_ticks(std::int64_t beats) const override { return ticks_up(static_cast<double>(beats) * read_interval_); }
  bool reading() const override;

 private:
  struct Fetch {
    double left = 0;  // beats
    std::size_t tag = 0;
    bool told = false;
    double beats = 0;  // in all
    Moment asked;
    Shares shares;
  };
  // What a reader is told.
  struct Answer {
    std::size_t reader = 0, tag = 0;
    Arrival arrival;
  };
  struct Queue {
    std::deque<Fetch> fetches;
    double request_beats = 1;
    double beats = 0;  // since its profile was started
    bool expected = false;
    ArrivalProfile profile;
  };

  Queue& of(Reader reader) { return queues_[static_cast<std::size_t>(reader)]; }
  double cycles_now() const;
  double share(const Queue& queue) const { return queue.fetches.empty() ? 0 : queue.request_beats / round_; }
  void meet();
  double next_end() const;
  void advance(double slot);
  void plan(std::vector<Answer> answers = {});
  void tell(const Answer& answer);
  Arrival arrival_of(const Fetch& fetch, double cycles);

  const Sequence* sequence_ = nullptr;
  std::array<Queue, kReaderCount> queues_;
  int active_ = 0;     // readers with fetches
  double round_ = 1;   // beats of one request of each of them
  double origin_ = 0;  // when slot 0 was asked for
  double slot_ = 0;    // slots used since then
  double slot_cycles_ = 1;
  double idle_from_ = 0;  // when the last slot was asked for
  double planned_ = 0;    // slot at which the next fetch ends
  double latency_ = 0, read_interval_ = 1, request_interval_ = 1;
  ArrivalProfile clock_;  // for its formulas
  Moment arrived_;        // the last beat that some reader was told of
  bool holding_ = false;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kReadPort};
  RateLog rate_{"read_port_bytes_per_cycle"};
};

}  // namespace lanewise::sim
