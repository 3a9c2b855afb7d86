// SPDX-License-Identifier: Apache-2.0
#include "sim/units/accumulators.hpp"

#include <algorithm>

namespace lanewise::sim {

void Accumulators::begin(const Sequence& sequence, std::vector<Counters>&, Recording) {
  const engine::EngineConfig& e = *sequence.engine;
  free_ = e.accumulators.size.count() * 8 / e.accumulators.bits / e.array.parallelism_factor;
  free_ = std::max<std::int64_t>(1, free_);
  free_at_ = drained_ = marked_ = Moment::begin(sequence.start);
  returned_.clear();
  full_.clear();
  coming_ = 0;
  next_credit_ = next_ = 0;
  waiting_ = false;
}

const Moment* Accumulators::claim(std::int64_t atoms) {
  waiting_ = free_ + coming_ < atoms;
  if (waiting_) return nullptr;
  while (free_ < atoms) {
    Credit& credit = returned_[next_credit_];
    const std::int64_t taken = std::min(credit.atoms, atoms - free_);
    credit.atoms -= taken;
    coming_ -= taken;
    free_ += taken;
    Moment at = credit.at;
    at.at -= credit.atoms * credit.spacing.at;
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      at.if_doubled[i] -= static_cast<double>(credit.atoms) * credit.spacing.if_doubled[i];
    }
    free_at_.wait_for(at);
    if (credit.atoms == 0) ++next_credit_;
  }
  if (coming_ == 0) {
    returned_.clear();
    next_credit_ = 0;
  }
  free_ -= atoms;
  return &free_at_;
}

bool Accumulators::note(StateNote& state, Ticks now) {
  if (front() != nullptr) return false;
  state.count(free_);
  state.time_if_ahead(free_at_, now);
  for (std::size_t i = next_credit_; i < returned_.size(); ++i) {
    state.count(returned_[i].atoms);
    state.count(returned_[i].spacing.at);
    state.time(returned_[i].at);
  }
  return listener->note(state, now);
}

void Accumulators::pass_over(const Run& run) {
  const Moment since = marked_, until = drained_;
  const auto shift = [&](Moment& moment) { repeat_since(moment, since, until, run.stripes, run.length()); };
  shift(free_at_);
  for (std::size_t i = next_credit_; i < returned_.size(); ++i) shift(returned_[i].at);
  shift(drained_);
  listener->pass_over(run);
}

void Accumulators::mark() {
  marked_ = drained_;
  listener->mark();
}

void Accumulators::hand_over(const Sums& sums) {
  full_.push_back(sums);
  listener->sums_arrived();
}

void Accumulators::drained(const Credit& credit) {
  returned_.push_back(credit);
  drained_ = credit.at;
  coming_ += credit.atoms;
  if (++next_ == full_.size()) {
    full_.clear();
    next_ = 0;
  }
  if (waiting_) room_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace lanewise::sim
