// SPDX-License-Identifier: Apache-2.0
#include "sim/store_dma.hpp"

#include <algorithm>
#include <string>

namespace lanewise::sim {

StoreDma::StoreDma(const sc_core::sc_module_name& name) : sc_module(name) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i] = std::make_unique<DmaChannel>(("channel" + std::to_string(i)).c_str(),
                                               [this](std::size_t turn) { complete(turn); },
                                               [this] { wake_.notify(sc_core::SC_ZERO_TIME); });
  }
  SC_METHOD(step);
  sensitive << wake_ << output_ready.data_written();
  dont_initialize();
}

void StoreDma::begin(const Pass& pass) {
  pass_ = &pass;
  ready_ = 0;
  next_turn_ = next_channel_ = 0;
  for (const std::unique_ptr<DmaChannel>& channel : channels) channel->begin(pass);
  finished_at_ = pass.start;
  log_.reset(pass.start);
}

bool StoreDma::find_next() {
  const auto& program = pass_->plan.dma;
  while (next_turn_ < program.size() && program[next_turn_].kind != mapping::TransferKind::kStore) ++next_turn_;
  return next_turn_ < program.size();
}

bool StoreDma::quiet() const {
  return std::all_of(channels.begin(), channels.end(), [](const auto& channel) { return channel->quiet(); });
}

bool StoreDma::done() { return pass_ == nullptr || (!find_next() && quiet()); }

void StoreDma::step() {
  if (pass_ == nullptr) return;
  ready_ += output_ready.receive();
  const std::size_t available =
      static_cast<std::size_t>(std::min<std::int64_t>(kChannels, pass_->engine.dma.store_channels));
  while (ready_ > 0 && find_next() && channels[next_channel_]->free()) {
    --ready_;
    // The tile is complete once its last element has left the post-processor's pipeline.
    channels[next_channel_]->start(next_turn_++, pass_->engine.post_processing.latency);
    next_channel_ = (next_channel_ + 1) % available;
  }
  if (quiet()) {
    log_.idle(now());
  } else {
    log_.stalled(Stall::kDram, now());  // except for the time that data moves, which `complete` makes busy
  }
}

void StoreDma::complete(std::size_t turn) {
  finished_at_ = now();
  log_.reattribute(Stall::kDram, -channels.front()->moving_time(turn));
  output_freed.send(1);
}

}  // namespace lanewise::sim
