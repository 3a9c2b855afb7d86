// SPDX-License-Identifier: Apache-2.0
// Moments that know what they rest on. Every unit hands its moments on to others, so the last one of a subgraph knows
// by how much each resource would have moved it: that is what the subgraph is bound by, found in the one run.
//
// It works because on one plan the units wait for each other in a fixed order: a moment is the latest of some others
// plus how long something takes. The same sum is carried along once per resource, with what that resource takes halved.
#pragma once

#include <initializer_list>

#include "core/engine/resources.hpp"
#include "sim/units/ticks.hpp"

namespace lanewise::sim {

using engine::kResourceCount;
using engine::Resource;

// A moment, or how long something takes: as it is, and as it would be with each resource doubled. What would be is kept
// in fractions of ticks; it never changes what is.
struct Moment {
  // The beginning of a sequence, from which what would be is counted: it does not depend on what ran before.
  static Moment begin(Ticks at) {
    Moment moment;
    moment.at = at;
    return moment;
  }
  // What no resource changes: nothing, or how long something takes.
  Moment(Ticks at_all = 0) : at(at_all) { if_doubled.fill(static_cast<double>(at_all)); }  // NOLINT: a constant is one

  Ticks at;
  std::array<double, kResourceCount> if_doubled;

  operator Ticks() const { return at; }  // NOLINT: what happens goes by it
  double& with(Resource resource) { return if_doubled[static_cast<std::size_t>(resource)]; }
  double with(Resource resource) const { return if_doubled[static_cast<std::size_t>(resource)]; }

  // No sooner than `other`.
  Moment& wait_for(const Moment& other) {
    at = at < other.at ? other.at : at;
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      if_doubled[i] = if_doubled[i] < other.if_doubled[i] ? other.if_doubled[i] : if_doubled[i];
    }
    return *this;
  }
  // The same, but for engines with this resource doubled if they would not have to wait.
  Moment& wait_unless(bool doubling_helps, Resource resource, const Moment& other) {
    const double kept = with(resource);
    wait_for(other);
    if (doubling_helps) with(resource) = kept;
    return *this;
  }
  // Of something that would be there less often with resources doubled.
  Moment& scale(const engine::PerResource<double>& shares) {
    for (std::size_t i = 0; i < kResourceCount; ++i) if_doubled[i] *= shares[static_cast<Resource>(i)];
    return *this;
  }
  Moment& add(Ticks ticks) {
    at += ticks;
    for (double& moment : if_doubled) moment += static_cast<double>(ticks);
    return *this;
  }
  Moment& add(const Moment& span) {
    at += span.at;
    for (std::size_t i = 0; i < kResourceCount; ++i) if_doubled[i] += span.if_doubled[i];
    return *this;
  }
};

// How long something takes, with the resource that would halve it.
inline Moment span(Ticks ticks, Resource resource, double factor = 0.5) {
  Moment span(ticks);
  span.with(resource) *= factor;
  return span;
}
// Whole cycles are halved upwards: one cycle stays one.
inline Moment span(Cycles cycles, Resource resource) {
  Moment span(ticks(cycles));
  span.with(resource) = static_cast<double>(ticks(Cycles((cycles.count() + 1) / 2)));
  return span;
}

inline Moment later(Moment moment, Ticks ticks) { return moment.add(ticks); }
inline Moment later(Moment moment, const Moment& span) { return moment.add(span); }
inline Moment later(Moment moment, Cycles cycles, Resource resource) { return moment.add(span(cycles, resource)); }

inline Moment latest(std::initializer_list<const Moment*> moments) {
  Moment last = **moments.begin();
  for (const Moment* const moment : moments) last.wait_for(*moment);
  return last;
}

// Shifts a moment by so many times what has come to it since `before`, as like stripes do that are passed over.
inline void repeat_since(Moment& moment, const Moment& since, const Moment& until, std::int64_t times, Ticks length) {
  moment.at += length;
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    moment.if_doubled[i] += static_cast<double>(times) * (until.if_doubled[i] - since.if_doubled[i]);
  }
}

}  // namespace lanewise::sim
