// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "sim/units/moment.hpp"
#include "sim/units/steady_state.hpp"

namespace lanewise::sim {

// Where a post-processor without on-chip output tiles writes its atoms, one after the other.
class OutputSink : public virtual sc_core::sc_interface {
 public:
  // With unlimited space, `atoms` of `atom_beats` beats each would leave the post-processor evenly between `from` and
  // `until`. Returns the time at which the last of them has left.
  virtual Moment write(std::size_t job, std::int64_t atoms, std::int64_t atom_beats, const Moment& from,
                       const Moment& until) = 0;
  virtual void note(StateNote& state, Ticks now) const = 0;
  virtual void mark() = 0;
  virtual void pass_over(const Run& run) = 0;
  // The subgraph has written its last atom.
  virtual void flush(std::size_t job) = 0;
};

}  // namespace lanewise::sim
