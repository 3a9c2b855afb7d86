// SPDX-License-Identifier: Apache-2.0
#include "sim/store_dma.hpp"

#include <algorithm>

namespace lanewise::sim {

StoreDma::StoreDma(const sc_core::sc_module_name& name)
    : sc_module(name), dram0("dram0"), dram1("dram1"), memory0("memory0"), memory1("memory1") {
  dram0.register_nb_transport_bw(this, &StoreDma::answer, 0);
  dram1.register_nb_transport_bw(this, &StoreDma::answer, 1);
  memory0.register_nb_transport_bw(this, &StoreDma::ignore, 0);
  memory1.register_nb_transport_bw(this, &StoreDma::ignore, 1);
  SC_METHOD(step);
  sensitive << wake_ << output_ready.data_written();
  dont_initialize();
}

void StoreDma::begin(const Pass& pass) {
  pass_ = &pass;
  ready_ = 0;
  next_step_ = 0;
  for (Channel& channel : channels_) channel.state = State::kFree;
  finished_at_ = pass.start;
  log_.reset(pass.start);
}

bool StoreDma::find_next() {
  while (next_step_ < pass_->plan.steps.size() && pass_->step(next_step_).store.bytes == 0) ++next_step_;
  return next_step_ < pass_->plan.steps.size();
}

bool StoreDma::done() {
  return pass_ == nullptr ||
         (!find_next() && std::all_of(channels_.begin(), channels_.end(),
                                      [](const Channel& channel) { return channel.state == State::kFree; }));
}

void StoreDma::step() {
  if (pass_ == nullptr) return;
  ready_ += output_ready.receive();
  const Ticks at = now();
  const int channels = static_cast<int>(std::min<std::int64_t>(kChannels, pass_->engine.dma.store_channels));
  for (int number = 0; number < channels; ++number) {
    Channel& channel = channels_[static_cast<std::size_t>(number)];
    if (channel.state == State::kFree && ready_ > 0 && find_next()) {
      --ready_;
      channel.step = next_step_++;
      channel.state = State::kSettingUp;
      // The tile is complete once its last element has left the post-processor's pipeline.
      channel.setup_until = at + ticks(pass_->engine.post_processing.latency + pass_->engine.dma.setup);
    }
    if (channel.state != State::kSettingUp) continue;
    if (channel.setup_until <= at) {
      request(number);
    } else {
      wake_.notify(duration(channel.setup_until - at));
    }
  }
  note(at);
}

void StoreDma::request(int number) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  const mapping::Transfer& what = pass_->step(channel.step).store;
  Stream& stream = channel.payload.stream();
  stream.bytes = what.bytes;
  stream.dram_bytes = what.dram_bytes;
  stream.write = true;
  stream.pace = 0;
  stream.region = Region::kActivations;
  channel.state = State::kMoving;
  Socket* sockets[] = {&memory(number), number == 0 ? &dram0 : &dram1};
  for (Socket* socket : sockets) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    (*socket)->nb_transport_fw(channel.payload.payload(), phase, delay);
  }
}

void StoreDma::reserve(int number, double rate) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  channel.reservation.stream().region = Region::kActivations;
  channel.reservation.stream().rate = rate;
  tlm::tlm_phase phase = rate_change;
  sc_core::sc_time delay;
  memory(number)->nb_transport_fw(channel.reservation.payload(), phase, delay);
}

tlm::tlm_sync_enum StoreDma::answer(int number, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                    sc_core::sc_time&) {
  if (phase == rate_change) {
    reserve(number, stream_of(payload).rate);
    return tlm::TLM_ACCEPTED;
  }
  reserve(number, 0);
  channels_[static_cast<std::size_t>(number)].state = State::kFree;
  finished_at_ = now();
  output_freed.send(1);
  wake_.notify(sc_core::SC_ZERO_TIME);
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum StoreDma::ignore(int, tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  return tlm::TLM_ACCEPTED;
}

void StoreDma::note(Ticks at) {
  const bool working = std::any_of(channels_.begin(), channels_.end(),
                                   [](const Channel& channel) { return channel.state != State::kFree; });
  if (working) {
    log_.busy(at);
  } else {
    log_.idle(at);
  }
}

}  // namespace lanewise::sim
