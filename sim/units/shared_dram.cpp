// SPDX-License-Identifier: Apache-2.0
#include "sim/units/shared_dram.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::sim {
namespace {

constexpr double kRounding = 1e-6;  // ticks

}  // namespace

SharedDram::SharedDram(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

void SharedDram::reset() {
  transfers_.clear();
  at_ = now();
  stepping_ = false;
  wake_.cancel();
}

void SharedDram::ask(DramClient& client, const DramDemand& demand) {
  Transfer transfer;
  transfer.client = &client;
  transfer.demand = demand;
  transfer.left = static_cast<double>(demand.takes);
  transfers_.push_back(transfer);
  // Whoever is told of its transfer's end asks at once for its next one; that is taken in with the rest.
  if (!stepping_) wake_.notify(sc_core::SC_ZERO_TIME);
}

void SharedDram::step() {
  stepping_ = true;
  advance();
  // In the order in which they were asked for.
  std::vector<Transfer> ended;
  for (const Transfer& transfer : transfers_) {
    if (transfer.moving && transfer.left <= kRounding) ended.push_back(transfer);
  }
  transfers_.erase(std::remove_if(transfers_.begin(), transfers_.end(),
                                  [](const Transfer& t) { return t.moving && t.left <= kRounding; }),
                   transfers_.end());
  for (const Transfer& transfer : ended) transfer.client->served(transfer.began, now());
  for (Transfer& transfer : transfers_) {
    if (transfer.moving || transfer.demand.from > now()) continue;
    transfer.moving = true;
    transfer.began = now();
  }
  set_speeds();
  wake_at_next();
  stepping_ = false;
}

void SharedDram::advance() {
  const auto passed = static_cast<double>(now() - at_);
  at_ = now();
  for (Transfer& transfer : transfers_) {
    if (transfer.moving) transfer.left -= passed * transfer.speed;
  }
}

// Max-min fair: who uses least is served first, and never gets more than an even part of what is left.
void SharedDram::set_speeds() {
  std::vector<Transfer*> moving;
  for (Transfer& transfer : transfers_) {
    if (transfer.moving) moving.push_back(&transfer);
  }
  std::stable_sort(moving.begin(), moving.end(),
                   [](const Transfer* a, const Transfer* b) { return a->demand.use < b->demand.use; });
  double left = 1;
  for (std::size_t i = 0; i < moving.size(); ++i) {
    const double even = left / static_cast<double>(moving.size() - i);
    const double use = moving[i]->demand.use;
    const bool enough = use <= even;
    moving[i]->speed = enough ? 1 : even / use;
    left -= enough ? use : even;
  }
}

void SharedDram::wake_at_next() {
  Ticks next = -1;
  for (const Transfer& transfer : transfers_) {
    const Ticks at =
        transfer.moving
            ? now() + static_cast<Ticks>(std::ceil(std::max(0.0, transfer.left / transfer.speed - kRounding)))
            : transfer.demand.from;
    next = next < 0 ? at : std::min(next, at);
  }
  wake_.cancel();
  if (next >= 0) wake_.notify(next > now() ? duration(next - now()) : sc_core::SC_ZERO_TIME);
}

}  // namespace lanewise::sim
