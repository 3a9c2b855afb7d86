// SPDX-License-Identifier: Apache-2.0
#include "sim/dma_channel.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::sim {

DmaChannel::DmaChannel(const sc_core::sc_module_name& name, std::function<void(std::size_t)> complete,
                       std::function<void()> changed)
    : sc_module(name), dram("dram"), memory("memory"), complete_(std::move(complete)), changed_(std::move(changed)) {
  dram.register_nb_transport_bw(this, &DmaChannel::answer);
  SC_METHOD(wake);
  sensitive << wake_;
  dont_initialize();
}

void DmaChannel::begin(const Pass& pass) {
  pass_ = &pass;
  setting_up_ = false;
  under_way_.clear();
  next_payload_ = 0;
  payloads_.resize(static_cast<std::size_t>(pass.engine.dma.transfers_in_flight));
  for (std::unique_ptr<StreamPayload>& payload : payloads_) {
    if (!payload) payload = std::make_unique<StreamPayload>();
  }
}

void DmaChannel::start(std::size_t turn, Cycles delay) {
  setting_up_ = true;
  next_turn_ = turn;
  set_up_at_ = now() + ticks(delay + pass_->engine.dma.setup);
  wake_.notify(duration(set_up_at_ - now()));  // the earlier of this and what is waited for already
}

void DmaChannel::request() {
  const mapping::DmaEntry& entry = pass_->plan.dma[next_turn_];
  const mapping::Transfer& what = pass_->plan.transfer(entry);
  StreamPayload& payload = *payloads_[next_payload_];
  next_payload_ = (next_payload_ + 1) % payloads_.size();
  Stream& stream = payload.stream();
  stream.turn = next_turn_;
  stream.bytes = what.bytes;
  stream.dram_bytes = what.dram_bytes;
  stream.write = entry.kind == mapping::TransferKind::kStore;
  stream.pace = 0;
  stream.region = entry.kind == mapping::TransferKind::kWeights ? Region::kWeights : Region::kActivations;
  setting_up_ = false;
  under_way_.push_back({next_turn_, kUnknown});
  sc_core::sc_time delay;
  memory->b_transport(payload.payload(), delay);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  dram->nb_transport_fw(payload.payload(), phase, delay);
}

tlm::tlm_sync_enum DmaChannel::answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time& delay) {
  const Stream& stream = stream_of(payload);
  const Ticks end = now() + static_cast<Ticks>(delay.value());
  for (UnderWay& transfer : under_way_) {
    if (transfer.turn == stream.turn) transfer.end = end;
  }
  wake_.notify(delay);
  return tlm::TLM_COMPLETED;
}

Ticks DmaChannel::moving_time(std::size_t turn) const {
  const double bytes = static_cast<double>(pass_->plan.transfer(pass_->plan.dma[turn]).dram_bytes);
  return ticks_up(bytes / pass_->engine.dram_bandwidth().count());
}

void DmaChannel::wake() {
  const Ticks at = now();
  while (!under_way_.empty() && under_way_.front().end != kUnknown && under_way_.front().end <= at) {
    const std::size_t turn = under_way_.front().turn;
    under_way_.pop_front();
    complete_(turn);
  }
  if (setting_up_ && set_up_at_ <= at) request();
  if (free()) changed_();
  // The kernel keeps one notification of an event: ask again for the next thing to wait for.
  Ticks next = -1;
  if (setting_up_) next = set_up_at_;
  if (!under_way_.empty() && under_way_.front().end != kUnknown) {
    next = next < 0 ? under_way_.front().end : std::min(next, under_way_.front().end);
  }
  if (next >= 0) wake_.notify(duration(std::max<Ticks>(0, next - at)));
}

}  // namespace lanewise::sim
