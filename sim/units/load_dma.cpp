// SPDX-License-Identifier: Apache-2.0
#include "sim/units/load_dma.hpp"

#include <algorithm>
#include <string>

namespace lanewise::sim {
namespace {

using mapping::TransferKind;

std::size_t index(TransferKind kind) { return static_cast<std::size_t>(kind); }
constexpr TransferKind kLoads[] = {TransferKind::kWeights, TransferKind::kInput, TransferKind::kOperand};

}  // namespace

LoadDma::LoadDma(const sc_core::sc_module_name& name) : sc_module(name) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i] = std::make_unique<DmaChannel>(("channel" + std::to_string(i)).c_str(),
                                               [this](const Stream& stream) { answered(stream); });
  }
  SC_METHOD(step);
  sensitive << wake_ << commands.arrived() << weight_commands.arrived() << subgraph_computed.arrived()
            << input_freed.arrived() << input_freed_by_post.arrived() << weights_freed.arrived()
            << operand_freed.arrived();
  dont_initialize();
}

void LoadDma::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence_ = &sequence;
  counters_of_jobs_ = &counters_of_jobs;
  enabled_.clear();
  weights_enabled_.clear();
  transfers_ = answered_ = weights_asked_ = computed_ = 0;
  computed_at_ = start_ = Moment::begin(sequence.start);
  for (const Job& job : sequence.jobs) {
    transfers_ += static_cast<std::size_t>(
        std::count_if(job.plan->dma.begin(), job.plan->dma.end(),
                      [](const mapping::DmaEntry& entry) { return entry.kind != TransferKind::kStore; }));
  }
  for (FreeBuffers& buffers : buffers_) buffers.reset();
  loads_.fill(0);
  operand_slots_ = 0;
  for (int channel = 0; channel < kChannels; ++channel) {
    cursors_[static_cast<std::size_t>(channel)] = {};
    channels[static_cast<std::size_t>(channel)]->begin(sequence);
    begin_subgraph(channel);
  }
  log_.reset(sequence.start, keep.slices);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

int LoadDma::channel_of(TransferKind kind) const {
  const int available = static_cast<int>(std::min<std::int64_t>(kChannels, sequence_->engine->dma.load_channels));
  const int wanted = kind == TransferKind::kInput ? 0 : kind == TransferKind::kWeights ? 1 : 2;
  return wanted < available ? wanted : 0;
}

TokenIn& LoadDma::freed(TransferKind kind) {
  if (kind == TransferKind::kWeights) return weights_freed;
  if (kind == TransferKind::kOperand) return operand_freed;
  return sequence_->jobs[cursors_[static_cast<std::size_t>(channel_of(kind))].job].plan->uses_array
             ? input_freed
             : input_freed_by_post;
}

// The channel has come to a subgraph: it has buffers of its own.
void LoadDma::begin_subgraph(int channel) {
  const mapping::TilePlan& plan = *sequence_->jobs[cursors_[static_cast<std::size_t>(channel)].job].plan;
  for (const TransferKind kind : kLoads) {
    if (channel_of(kind) != channel) continue;
    const int slots = kind == TransferKind::kWeights ? plan.weight_slots
                      : kind == TransferKind::kInput ? plan.input_slots
                                                     : plan.operand_slots;
    // Input and weight buffers are freed only where another tile comes; operand buffers after each tile.
    const std::int64_t stale = kind == TransferKind::kOperand ? std::min(operand_slots_, loads_[index(kind)]) : 0;
    if (kind == TransferKind::kOperand) operand_slots_ = slots;
    loads_[index(kind)] = 0;
    if (kind == TransferKind::kWeights) weights_asked_ = 0;
    buffers_[index(kind)].begin_subgraph(slots, stale);
  }
}

// Moves the channel's cursor to its next transfer; false where there is none.
bool LoadDma::find_next(int channel) {
  Cursor& cursor = cursors_[static_cast<std::size_t>(channel)];
  while (cursor.job < sequence_->jobs.size()) {
    const std::vector<mapping::DmaEntry>& program = sequence_->jobs[cursor.job].plan->dma;
    for (; cursor.turn < program.size(); ++cursor.turn) {
      const TransferKind kind = program[cursor.turn].kind;
      if (kind != TransferKind::kStore && channel_of(kind) == channel) return true;
    }
    if (cursor.job + 1 == sequence_->jobs.size()) return false;
    ++cursor.job;
    cursor.turn = 0;
    begin_subgraph(channel);
  }
  return false;
}

void LoadDma::step() {
  if (sequence_ == nullptr) return;
  for (int channel = 0; channel < kChannels; ++channel) start_transfers(channel);
}

void LoadDma::start_transfers(int number) {
  DmaChannel& channel = *channels[static_cast<std::size_t>(number)];
  while (find_next(number)) {
    Cursor& cursor = cursors_[static_cast<std::size_t>(number)];
    const Job& job = sequence_->jobs[cursor.job];
    const mapping::DmaEntry& entry = job.plan->dma[cursor.turn];
    const Moment* const from = enabled(cursor, entry.kind);
    if (from == nullptr) return;
    const Moment* const free_from = channel.free_from();
    if (free_from == nullptr) return;  // its next answer wakes this unit
    const Moment* const room = entry.kind == TransferKind::kWeights ? weight_buffer(cursor) : from;
    if (room == nullptr) return;
    const Moment* const buffer = buffers_[index(entry.kind)].front(freed(entry.kind));
    if (buffer == nullptr) return;
    const mapping::Transfer& what = job.plan->transfer(entry);
    Stream stream;
    stream.job = cursor.job;
    stream.turn = job.turns[cursor.turn];
    stream.step = static_cast<std::size_t>(entry.step);
    stream.kind = entry.kind;
    stream.bytes = what.bytes;
    stream.dram_bytes = what.dram_bytes;
    stream.row_misses = ticks_up(what.row_miss_cycles + what.request_cycles);
    stream.region = entry.kind == TransferKind::kWeights ? Region::kWeights : Region::kActivations;
    stream.enabled = *from;
    stream.wanted = latest({from, room});
    stream.wanted.wait_unless(job.what_if.second_buffer(entry.kind), Resource::kOnChipMemory, *buffer);
    stream.shares = &job.what_if.transfers(entry.kind);
    if (entry.kind == TransferKind::kWeights) ++weights_asked_;
    const Moment at = latest({free_from, &stream.wanted});
    buffers_[index(entry.kind)].take(freed(entry.kind));
    ++loads_[index(entry.kind)];
    ++cursor.turn;
    channel.start(stream, at);
  }
}

// Since when the transfer's subgraph may load; null while that is not known.
const Moment* LoadDma::enabled(const Cursor& cursor, TransferKind kind) {
  std::vector<Moment>& known = kind == TransferKind::kWeights ? weights_enabled_ : enabled_;
  TokenIn& tokens = kind == TransferKind::kWeights ? weight_commands : commands;
  while (known.size() <= cursor.job) {
    const Moment* const at = tokens->front();
    if (at == nullptr) return nullptr;
    known.push_back(*at);
    tokens->take();
  }
  return &known[cursor.job];
}

// The subgraph's weight buffers beside those of its predecessor are free at once, all others once that has computed.
const Moment* LoadDma::weight_buffer(const Cursor& cursor) {
  const Job& job = sequence_->jobs[cursor.job];
  if (job.early_weights == 0 || weights_asked_ < job.early_weights) return &start_;
  for (; computed_ < cursor.job; ++computed_) {
    if (!sequence_->jobs[computed_].plan->uses_array) continue;
    const Moment* const at = subgraph_computed->front();
    if (at == nullptr) return nullptr;
    computed_at_ = *at;
    subgraph_computed->take();
  }
  return &computed_at_;
}

void LoadDma::answered(const Stream& stream) {
  const Moment& end = stream.ended;
  Counters& counters = (*counters_of_jobs_)[stream.job];
  switch (stream.kind) {
    case TransferKind::kInput:
      (sequence_->jobs[stream.job].plan->uses_array ? input_ready : input_ready_for_post)->send(end);
      counters.inputs_loaded = end;
      break;
    case TransferKind::kWeights: {
      const Moment unpacked = decoder->unpacked(stream);
      weights_ready->send(unpacked);
      counters.weights_loaded = unpacked;
      break;
    }
    default:
      operand_ready->send(end);
      break;
  }
  ++answered_;
  log_.working_on(stream.job, stream.step);
  log_.idle_until(stream.enabled);
  log_.stalled_until(Stall::kLoadBuffer, stream.wanted);
  log_.stalled_until(Stall::kDram, stream.moving_from);
  log_.busy_until(end);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace lanewise::sim
