// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/bus_requests.hpp"

#include <algorithm>

namespace lanewise::mapping {
namespace {

constexpr std::int64_t kPage = 4096;  // where a tensor begins

}  // namespace

BusRequests::BusRequests(const SubgraphShape& shape, const engine::EngineConfig& engine)
    : shape_(shape), burst_(engine.dram.burst.count()) {
  load_ = {engine.dma.load_request.count(), engine.dma.load_request_time, engine.cache.load_miss};
  store_ = {engine.dma.store_request.count(), engine.dma.store_request_time, engine.cache.store_miss};
  weights_at_ = round_up(shape.input_bytes().count(), kPage);
  outputs_at_ = weights_at_ + round_up(shape.weight_bytes().count(), kPage);
  if (engine.cache.size.count() > 0) cache_.emplace(engine);
}

Transfer BusRequests::input(const TileRanges& tile) {
  Transfer transfer;
  const auto bytes = [&](std::int64_t elements) { return packed_bytes(elements, shape_.input_precision).count(); };
  for (std::int64_t row = tile.in_rows.begin; row < tile.in_rows.end; ++row) {
    for (std::int64_t column = tile.in_columns.begin; column < tile.in_columns.end; ++column) {
      const std::int64_t pixel = (tile.image * shape_.in_height + row) * shape_.in_width + column;
      add(load_, bytes(pixel * shape_.in_channels + tile.channels.begin), bytes(tile.channels.size()), transfer);
    }
  }
  return transfer;
}

Transfer BusRequests::weights(const TileRanges& tile) {
  Transfer transfer;
  const auto bytes = [&](std::int64_t elements) { return packed_bytes(elements, shape_.weight_precision).count(); };
  // A request's worth of output channels at a time, for all taps and input channels.
  const std::int64_t together = load_.largest == 0
                                    ? tile.outputs.size()
                                    : std::max<std::int64_t>(1, load_.largest * 8 / bits(shape_.weight_precision));
  for (std::int64_t output = tile.outputs.begin; output < tile.outputs.end; output += together) {
    const std::int64_t outputs = std::min(together, tile.outputs.end - output);
    for (std::int64_t row = tile.kernel_rows.begin; row < tile.kernel_rows.end; ++row) {
      for (std::int64_t column = tile.kernel_columns.begin; column < tile.kernel_columns.end; ++column) {
        const std::int64_t tap = row * shape_.window.kernel[1] + column;
        for (std::int64_t channel = tile.channels.begin; channel < tile.channels.end; ++channel) {
          const std::int64_t place = (tap * shape_.in_channels + channel) * shape_.out_channels + output;
          add(load_, weights_at_ + bytes(place), bytes(outputs), transfer);
        }
      }
    }
  }
  return transfer;
}

Transfer BusRequests::store(const TileRanges& tile) {
  Transfer transfer;
  const auto bytes = [&](std::int64_t elements) { return packed_bytes(elements, shape_.output_precision).count(); };
  for (std::int64_t row = tile.rows.begin; row < tile.rows.end; ++row) {
    for (std::int64_t column = tile.columns.begin; column < tile.columns.end; ++column) {
      const std::int64_t pixel = (tile.image * shape_.out_height + row) * shape_.out_width + column;
      add(store_, outputs_at_ + bytes(pixel * shape_.out_channels + tile.outputs.begin), bytes(tile.outputs.size()),
          transfer);
    }
  }
  return transfer;
}

void BusRequests::add(const Direction& direction, std::int64_t address, std::int64_t bytes, Transfer& transfer) {
  transfer.bytes += bytes;
  const std::int64_t largest = direction.largest == 0 ? bytes : direction.largest;
  for (std::int64_t done = 0; done < bytes; done += largest) {
    const std::int64_t piece = std::min(largest, bytes - done);
    const std::int64_t begin = address + done, end = begin + piece;
    if (cache_) transfer.request_cycles += direction.miss * static_cast<double>(cache_->misses(begin, piece));
    if (direction.largest == 0) {
      transfer.dram_bytes += round_up(piece, burst_);
      continue;
    }
    // Each request takes the size, and so the place, that brings the most of what is left; the smaller one of equals.
    for (std::int64_t at = begin; at < end;) {
      std::int64_t size = burst_, most = 0;
      for (std::int64_t tried = burst_; tried <= std::max(burst_, largest); tried *= 2) {
        const std::int64_t brought = std::min(tried - at % tried, end - at);
        if (brought <= most) continue;
        most = brought;
        size = tried;
      }
      transfer.dram_bytes += size;
      transfer.request_cycles += direction.request;
      at += most;
    }
  }
}

}  // namespace lanewise::mapping
