// SPDX-License-Identifier: Apache-2.0
#include "sim/units/dma_channel.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::sim {

DmaChannel::DmaChannel(const sc_core::sc_module_name& name, std::function<void(const Stream&)> answered)
    : sc_module(name), dram("dram"), memory("memory"), answered_(std::move(answered)) {
  dram.register_nb_transport_bw(this, &DmaChannel::answer);
}

void DmaChannel::begin(const Sequence& sequence) {
  setup_ = span(sequence.engine->dma.setup, Resource::kDmaSetup);
  free_from_ = Moment::begin(sequence.start);
  limit_ = static_cast<std::size_t>(sequence.engine->dma.transfers_in_flight);
  started_ = ended_ = 0;
  ends_.assign(limit_, Moment::begin(sequence.start));
  while (payloads_.size() < limit_) payloads_.push_back(std::make_unique<StreamPayload>());
}

const Moment* DmaChannel::free_from() {
  if (started_ - ended_ == limit_) return nullptr;
  if (started_ >= limit_) free_from_.wait_for(ends_[started_ % limit_]);
  return &free_from_;
}

void DmaChannel::start(const Stream& what, const Moment& at) {
  free_from_.wait_for(at).add(setup_);
  StreamPayload& payload = *payloads_[started_++ % limit_];
  payload.stream() = what;
  payload.stream().pace = 0;
  payload.stream().requested = free_from_;
  sc_core::sc_time delay;
  memory->b_transport(payload.payload(), delay);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  delay = duration(std::max<Ticks>(0, free_from_ - now()));
  dram->nb_transport_fw(payload.payload(), phase, delay);
}

tlm::tlm_sync_enum DmaChannel::answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
  const Stream& stream = stream_of(payload);
  ends_[ended_++ % limit_] = stream.ended;
  answered_(stream);
  return tlm::TLM_COMPLETED;
}

}  // namespace lanewise::sim
