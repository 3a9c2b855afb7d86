// SPDX-License-Identifier: Apache-2.0
#include "sim/load_dma.hpp"

#include <algorithm>
#include <string>

namespace lanewise::sim {
namespace {

using mapping::TransferKind;

std::size_t index(TransferKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

LoadDma::LoadDma(const sc_core::sc_module_name& name) : sc_module(name) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i] = std::make_unique<DmaChannel>(("channel" + std::to_string(i)).c_str(),
                                               [this](std::size_t turn) { complete(turn); },
                                               [this] { wake_.notify(sc_core::SC_ZERO_TIME); });
  }
  SC_METHOD(step);
  sensitive << wake_ << commands.data_written() << input_freed.data_written() << input_freed_by_post.data_written()
            << weights_freed.data_written() << operand_freed.data_written();
  dont_initialize();
}

void LoadDma::begin(const Pass& pass) {
  pass_ = &pass;
  started_ = false;
  free_[index(TransferKind::kWeights)] = pass.plan.weight_slots;
  free_[index(TransferKind::kInput)] = pass.plan.input_slots;
  free_[index(TransferKind::kOperand)] = pass.plan.operand_slots;
  next_turn_.fill(0);
  for (const std::unique_ptr<DmaChannel>& channel : channels) channel->begin(pass);
  log_.reset(pass.start);
}

int LoadDma::channel_of(TransferKind kind) const {
  const int available = static_cast<int>(std::min<std::int64_t>(kChannels, pass_->engine.dma.load_channels));
  const int wanted = kind == TransferKind::kInput ? 0 : kind == TransferKind::kWeights ? 1 : 2;
  return wanted < available ? wanted : 0;
}

// Moves the channel's cursor to its next transfer; false while the program has not started, or there is none.
bool LoadDma::find_next(int channel) {
  std::size_t& turn = next_turn_[static_cast<std::size_t>(channel)];
  for (; turn < pass_->plan.dma.size(); ++turn) {
    const mapping::DmaEntry& entry = pass_->plan.dma[turn];
    if (entry.kind == TransferKind::kStore || channel_of(entry.kind) != channel) continue;
    return started_;
  }
  return false;
}

bool LoadDma::done() {
  for (int channel = 0; channel < kChannels; ++channel) {
    find_next(channel);
    if (next_turn_[static_cast<std::size_t>(channel)] < pass_->plan.dma.size()) return false;
    if (!channels[static_cast<std::size_t>(channel)]->quiet()) return false;
  }
  return true;
}

void LoadDma::step() {
  if (pass_ == nullptr) return;
  started_ = commands.receive() > 0 || started_;
  free_[index(TransferKind::kInput)] += input_freed.receive() + input_freed_by_post.receive();
  free_[index(TransferKind::kWeights)] += weights_freed.receive();
  free_[index(TransferKind::kOperand)] += operand_freed.receive();
  for (int channel = 0; channel < kChannels; ++channel) start_transfers(channel);
  note();
}

void LoadDma::start_transfers(int number) {
  DmaChannel& channel = *channels[static_cast<std::size_t>(number)];
  std::size_t& turn = next_turn_[static_cast<std::size_t>(number)];
  while (channel.free() && find_next(number)) {
    int& buffers = free_[index(pass_->plan.dma[turn].kind)];
    if (buffers == 0) return;
    --buffers;
    channel.start(turn++, Cycles(0));
  }
}

void LoadDma::complete(std::size_t turn) {
  switch (pass_->plan.dma[turn].kind) {
    case TransferKind::kInput:
      (pass_->plan.uses_array ? input_ready : input_ready_for_post).send(1);
      break;
    case TransferKind::kWeights:
      weights_ready.send(1);
      break;
    default:
      operand_ready.send(1);
      break;
  }
  log_.reattribute(Stall::kDram, -channels.front()->moving_time(turn));
}

// While transfers are under way the DRAM is waited for, except for the time that data moves, which `complete` makes
// busy.
void LoadDma::note() {
  bool under_way = false, blocked = false;
  for (int number = 0; number < kChannels; ++number) {
    under_way = under_way || !channels[static_cast<std::size_t>(number)]->quiet();
    blocked = blocked || find_next(number);
  }
  if (under_way) {
    log_.stalled(Stall::kDram, now());
  } else if (blocked) {
    log_.stalled(Stall::kLoadBuffer, now());
  } else {
    log_.idle(now());
  }
}

}  // namespace lanewise::sim
