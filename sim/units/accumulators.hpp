// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/steady_state.hpp"

namespace lanewise::sim {

// The finished sums of one stripe, on their way to the post-processor.
struct Sums {
  std::size_t job = 0, step = 0;
  std::int64_t atoms = 0;    // pixels, of one group's outputs
  std::int64_t outputs = 0;  // sums per atom
  bool last_of_step = false;
  Moment first_ready;  // when the first atom has left the array's pipeline
  Moment spacing;      // between an atom and the next
};

// Accumulator space that becomes free atom by atom.
struct Credit {
  std::int64_t atoms = 0;
  Moment at;       // the last of them
  Moment spacing;  // between one and the next
};

// The array's interface. Space for finished sums is claimed, in atoms, before the last block of a stripe.
class SumsSink : public virtual sc_core::sc_interface {
 public:
  // The time from which there is space for `atoms` more; null while it is not known, and then `room` is notified once
  // it may have become known.
  virtual const Moment* claim(std::int64_t atoms) = 0;
  virtual void hand_over(const Sums& sums) = 0;
  virtual const sc_core::sc_event& room() const = 0;
  // Adds the state of the accumulators and of the post-processor to `state`; false where it cannot be told in full.
  virtual bool note(StateNote& state, Ticks now) = 0;
  // What is counted from `mark` on is repeated by `pass_over`, once for each stripe that is fast-forwarded over.
  virtual void mark() = 0;
  virtual void pass_over(const Run& run) = 0;
};

// The post-processor's interface.
class SumsSource : public virtual sc_core::sc_interface {
 public:
  virtual const Sums* front() const = 0;           // the oldest stripe, null if none
  virtual void drained(const Credit& credit) = 0;  // the oldest stripe has left
};

// Runs the post-processor within the array's activation, which is safe because nothing but the sums connects the two.
class SumsListener : public virtual sc_core::sc_interface {
 public:
  virtual void sums_arrived() = 0;
  virtual bool note(StateNote& state, Ticks now) = 0;
  virtual void mark() = 0;
  virtual void pass_over(const Run& run) = 0;
};

class SumsSinkPort : public sc_core::sc_port<SumsSink> {
 public:
  sc_core::sc_event_finder& room() { return sc_core::sc_event_finder::cached_create(room_, *this, &SumsSink::room); }

 private:
  sc_core::sc_event_finder* room_ = nullptr;
};

// The accumulators as a credit scheme: space is counted in atoms and comes back as credit when sums are drained.
class Accumulators : public sc_core::sc_module, public EngineUnit, public SumsSink, public SumsSource {
 public:
  sc_core::sc_port<SumsListener> listener;

  explicit Accumulators(const sc_core::sc_module_name& name) : sc_module(name) {}
  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;

  const Moment* claim(std::int64_t atoms) override;
  void hand_over(const Sums& sums) override;
  const sc_core::sc_event& room() const override { return room_; }
  bool note(StateNote& state, Ticks now) override;
  void mark() override;
  void pass_over(const Run& run) override;
  const Sums* front() const override { return next_ < full_.size() ? &full_[next_] : nullptr; }
  void drained(const Credit& credit) override;

 private:
  std::int64_t free_ = 0;  // atoms whose time is not later than `free_at_`
  Moment free_at_;
  Moment drained_, marked_;       // the last credit, now and when `mark` was called
  std::int64_t coming_ = 0;       // atoms in `returned_`
  std::vector<Credit> returned_;  // in order of time
  std::size_t next_credit_ = 0;
  std::vector<Sums> full_;
  std::size_t next_ = 0;
  bool waiting_ = false;
  sc_core::sc_event room_;
};

}  // namespace lanewise::sim
