// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "engine/engine_config.hpp"
#include "sim/ticks.hpp"

namespace lanewise::sim {

// Finished sums of one stripe: `pixels` of `outputs` channels.
struct Sums {
  std::size_t step = 0;
  std::int64_t pixels = 0, outputs = 0;
  bool last_of_step = false;
  Ticks ready = 0;  // when the last sum has left the array's pipeline
};

// What the array and the post-processor may do with the accumulators.
class AccumulatorAccess : public virtual sc_core::sc_interface {
 public:
  virtual bool claim() = 0;               // a half to fill; false while both are taken
  virtual void hand_over(Sums sums) = 0;  // the claimed half is full
  virtual const Sums* front() const = 0;  // the oldest full half, null if none
  virtual void release() = 0;             // the oldest full half is drained
  virtual const sc_core::sc_event& filled() const = 0;
  virtual const sc_core::sc_event& freed() const = 0;
};

// A unit's door to the accumulators; the finders let it be woken by what happens there.
class AccumulatorPort : public sc_core::sc_port<AccumulatorAccess> {
 public:
  sc_core::sc_event_finder& filled() {
    return sc_core::sc_event_finder::cached_create(filled_, *this, &AccumulatorAccess::filled);
  }
  sc_core::sc_event_finder& freed() {
    return sc_core::sc_event_finder::cached_create(freed_, *this, &AccumulatorAccess::freed);
  }

 private:
  sc_core::sc_event_finder* filled_ = nullptr;
  sc_core::sc_event_finder* freed_ = nullptr;
};

// Two halves of partial sums: the array fills one while the post-processor drains the other.
class Accumulators : public sc_core::sc_module, public AccumulatorAccess {
 public:
  explicit Accumulators(const sc_core::sc_module_name& name) : sc_module(name) {}
  void reset();

  bool claim() override;
  void hand_over(Sums sums) override;
  const Sums* front() const override { return full_.empty() ? nullptr : &full_.front(); }
  void release() override;
  const sc_core::sc_event& filled() const override { return filled_; }
  const sc_core::sc_event& freed() const override { return freed_; }

 private:
  static constexpr int kHalves = 2;
  int claimed_ = 0;  // halves being filled or full
  std::deque<Sums> full_;
  sc_core::sc_event filled_, freed_;
};

}  // namespace lanewise::sim
