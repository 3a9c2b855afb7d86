// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include <vector>

#include "sim/units/ticks.hpp"

namespace lanewise::sim {

// One transfer of an engine.
struct DramDemand {
  Ticks from = 0;   // it may move from then on; not before now
  Ticks takes = 0;  // with the memory to itself
  double use = 1;   // of the memory's capacity, which it takes up meanwhile: below 1 where its requests limit it
};

// Is told as soon as its transfer has ended.
class DramClient {
 public:
  virtual ~DramClient() = default;
  virtual void served(Ticks from, Ticks until) = 0;
};

// The interface that the memory offers to each engine's port, which has one transfer under way at a time.
class DramShare : public virtual sc_core::sc_interface {
 public:
  virtual void ask(DramClient& client, const DramDemand& demand) = 0;
};

// The one memory behind several engines. Engines take turns burst by burst, so transfers under way at the same time
// share its capacity evenly, and what one of them cannot use is left to the others (max-min fair). Rates change only
// where a transfer begins or ends, so the kernel wakes only there.
class SharedDram : public sc_core::sc_module, public DramShare {
 public:
  SC_HAS_PROCESS(SharedDram);
  explicit SharedDram(const sc_core::sc_module_name& name);

  // Forgets all transfers.
  void reset();
  void ask(DramClient& client, const DramDemand& demand) override;

 private:
  struct Transfer {
    DramClient* client = nullptr;
    DramDemand demand;
    bool moving = false;
    Ticks began = 0;
    double left = 0;   // ticks that it would take alone
    double speed = 0;  // of these in one tick
  };

  void step();
  void advance();
  void set_speeds();
  void wake_at_next();

  std::vector<Transfer> transfers_;  // in the order in which they were asked for
  Ticks at_ = 0;                     // until when transfers have moved
  bool stepping_ = false;
  sc_core::sc_event wake_;
};

}  // namespace lanewise::sim
