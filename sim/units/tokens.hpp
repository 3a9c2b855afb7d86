// SPDX-License-Identifier: Apache-2.0
// Handshakes between units. A token stands for one more item (a tile that is on chip, a buffer that is free, a tile
// that may start) and carries the time from which it counts. The tokens of one wire are in order of time. A unit may
// read a token whose time lies ahead of the kernel's: tokens are never withdrawn, so whatever it concludes in its local
// time stays valid.
#pragma once

#include <systemc>

#include <vector>

#include "sim/units/moment.hpp"

namespace lanewise::sim {

class TokenWriter : public virtual sc_core::sc_interface {
 public:
  virtual void send(const Moment& at) = 0;
};

class TokenReader : public virtual sc_core::sc_interface {
 public:
  // The time from which the oldest token counts; null if there is none, and then `arrived` is notified when one comes.
  virtual const Moment* front() = 0;
  virtual void take() = 0;
  virtual const sc_core::sc_event& arrived() const = 0;
};

using TokenOut = sc_core::sc_port<TokenWriter>;

// A reader's end; the finder lets a process be sensitive to arrivals.
class TokenIn : public sc_core::sc_port<TokenReader> {
 public:
  sc_core::sc_event_finder& arrived() {
    return sc_core::sc_event_finder::cached_create(arrived_, *this, &TokenReader::arrived);
  }

 private:
  sc_core::sc_event_finder* arrived_ = nullptr;
};

class Tokens : public sc_core::sc_prim_channel, public TokenWriter, public TokenReader {
 public:
  explicit Tokens(const char* name) : sc_prim_channel(name) {}

  void reset() {
    times_.clear();
    next_ = 0;
    waiting_ = false;
  }
  void send(const Moment& at) override {
    times_.push_back(at);
    if (waiting_) arrived_.notify(sc_core::SC_ZERO_TIME);
  }
  const Moment* front() override {
    waiting_ = next_ == times_.size();
    return waiting_ ? nullptr : &times_[next_];
  }
  void take() override {
    if (++next_ == times_.size()) {
      times_.clear();
      next_ = 0;
    }
  }
  const sc_core::sc_event& arrived() const override { return arrived_; }

 private:
  std::vector<Moment> times_;
  std::size_t next_ = 0;
  bool waiting_ = false;
  sc_core::sc_event arrived_;
};

}  // namespace lanewise::sim
