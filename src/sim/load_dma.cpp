// SPDX-License-Identifier: Apache-2.0
#include "sim/load_dma.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

// Within a step: what the array waits for longest comes first.
constexpr std::array<Load, kLoadCount> kParts{Load::kWeights, Load::kInput, Load::kOperand};

std::size_t index(Load load) { return static_cast<std::size_t>(load); }

}  // namespace

LoadDma::LoadDma(const sc_core::sc_module_name& name)
    : sc_module(name),
      dram0("dram0"),
      dram1("dram1"),
      dram2("dram2"),
      memory0("memory0"),
      memory1("memory1"),
      memory2("memory2") {
  Socket* drams[kChannels] = {&dram0, &dram1, &dram2};
  Socket* memories[kChannels] = {&memory0, &memory1, &memory2};
  for (int channel = 0; channel < kChannels; ++channel) {
    drams[channel]->register_nb_transport_bw(this, &LoadDma::answer, channel);
    memories[channel]->register_nb_transport_bw(this, &LoadDma::ignore, channel);
  }
  SC_METHOD(step);
  sensitive << wake_ << commands.data_written() << input_freed.data_written() << input_freed_by_post.data_written()
            << weights_freed.data_written() << operand_freed.data_written();
  dont_initialize();
}

void LoadDma::begin(const Pass& pass) {
  pass_ = &pass;
  issued_ = 0;
  free_[index(Load::kInput)] = pass.plan.input_slots;
  free_[index(Load::kWeights)] = pass.plan.weight_slots;
  free_[index(Load::kOperand)] = pass.plan.operand_slots;
  for (Channel& channel : channels_) {
    channel.order.clear();
    channel.next_step = 0;
    channel.next_part = 0;
    channel.setting_up = channel.moving = false;
    channel.next_payload = 0;
  }
  log_.reset(pass.start);
}

int LoadDma::channel_of(Load load) const {
  const int channels = static_cast<int>(std::min<std::int64_t>(kChannels, pass_->engine.dma.load_channels));
  const int wanted = load == Load::kInput ? 0 : load == Load::kWeights ? 1 : 2;
  return wanted < channels ? wanted : 0;
}

const mapping::Transfer& LoadDma::transfer(std::size_t step, Load load) const {
  const mapping::TileStep& tile = pass_->step(step);
  return load == Load::kInput ? tile.input_load : load == Load::kWeights ? tile.weight_load : tile.operand_load;
}

// Moves the channel's cursor to its next transfer among the tiles issued; false if there is none.
bool LoadDma::find_next(int number, Load* load) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  for (; channel.next_step < issued_; ++channel.next_step, channel.next_part = 0) {
    for (; channel.next_part < kLoadCount; ++channel.next_part) {
      *load = kParts[static_cast<std::size_t>(channel.next_part)];
      if (channel_of(*load) == number && transfer(channel.next_step, *load).bytes > 0) return true;
    }
  }
  return false;
}

bool LoadDma::done() {
  for (int channel = 0; channel < kChannels; ++channel) {
    Load load{};
    if (find_next(channel, &load) || !channels_[static_cast<std::size_t>(channel)].order.empty()) return false;
  }
  return true;
}

void LoadDma::step() {
  if (pass_ == nullptr) return;
  issued_ += static_cast<std::size_t>(commands.receive());
  free_[index(Load::kInput)] += input_freed.receive() + input_freed_by_post.receive();
  free_[index(Load::kWeights)] += weights_freed.receive();
  free_[index(Load::kOperand)] += operand_freed.receive();
  const Ticks at = now();
  start_transfers(at);
  note(at);
}

void LoadDma::start_transfers(Ticks at) {
  for (int number = 0; number < kChannels; ++number) start_transfers(number, at);
}

void LoadDma::start_transfers(int number, Ticks at) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  for (Load load{}; channel.order.size() < kInFlight && find_next(number, &load);) {
    if (!channel.setting_up) {
      if (free_[index(load)] == 0) return;
      --free_[index(load)];
      channel.setup_until = at + ticks(pass_->engine.dma.setup);
      channel.setting_up = true;
    }
    if (channel.setup_until > at) {
      wake_.notify(duration(channel.setup_until - at));
      return;
    }
    channel.setting_up = false;
    request(number, load);
    ++channel.next_part;
  }
}

void LoadDma::request(int number, Load load) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  const mapping::Transfer& what = transfer(channel.next_step, load);
  StreamPayload& payload = channel.payloads[channel.next_payload];
  channel.next_payload = (channel.next_payload + 1) % kInFlight;
  Stream& stream = payload.stream();
  stream.bytes = what.bytes;
  stream.dram_bytes = what.dram_bytes;
  stream.write = false;
  stream.pace = 0;
  stream.region = load == Load::kWeights ? Region::kWeights : Region::kActivations;
  channel.order.push_back(load);
  Socket* drams[kChannels] = {&dram0, &dram1, &dram2};
  Socket* memories[kChannels] = {&memory0, &memory1, &memory2};
  for (Socket* socket : {memories[number], drams[number]}) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    (*socket)->nb_transport_fw(payload.payload(), phase, delay);
  }
}

void LoadDma::reserve(int number, Stream& stream, double rate) {
  Stream& reservation = reservations_[static_cast<std::size_t>(number)].stream();
  reservation.region = stream.region;
  reservation.rate = rate;
  Socket* memories[kChannels] = {&memory0, &memory1, &memory2};
  tlm::tlm_phase phase = rate_change;
  sc_core::sc_time delay;
  (*memories[number])->nb_transport_fw(reservations_[static_cast<std::size_t>(number)].payload(), phase, delay);
}

tlm::tlm_sync_enum LoadDma::answer(int number, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time&) {
  Channel& channel = channels_[static_cast<std::size_t>(number)];
  Stream& stream = stream_of(payload);
  if (phase == rate_change) {
    reserve(number, stream, stream.rate);
    channel.moving = true;
    note(now());
    return tlm::TLM_ACCEPTED;
  }
  reserve(number, stream, 0);
  channel.moving = false;
  const Load load = channel.order.front();
  channel.order.pop_front();
  switch (load) {
    case Load::kInput:
      (pass_->plan.uses_array ? input_ready : input_ready_for_post).send(1);
      break;
    case Load::kWeights:
      weights_ready.send(1);
      break;
    case Load::kOperand:
      operand_ready.send(1);
      break;
  }
  wake_.notify(sc_core::SC_ZERO_TIME);
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum LoadDma::ignore(int, tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  return tlm::TLM_ACCEPTED;
}

// Busy while any channel moves data or sets a transfer up; else what the first unfinished transfer waits for.
void LoadDma::note(Ticks at) {
  bool working = false, waiting = false, blocked = false;
  for (int number = 0; number < kChannels; ++number) {
    const Channel& channel = channels_[static_cast<std::size_t>(number)];
    Load load{};
    working = working || channel.moving || channel.setting_up;
    waiting = waiting || !channel.order.empty();
    blocked = blocked || find_next(number, &load);
  }
  if (working) {
    log_.busy(at);
  } else if (waiting) {
    log_.stalled(Stall::kDramLatency, at);
  } else if (blocked) {
    log_.stalled(Stall::kLoadBuffer, at);
  } else {
    log_.idle(at);
  }
}

}  // namespace lanewise::sim
