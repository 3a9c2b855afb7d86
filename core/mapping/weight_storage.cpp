// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/weight_storage.hpp"

#include <algorithm>
#include <cmath>

#include "core/mapping/array_work.hpp"

namespace lanewise::mapping {
namespace {

using Compression = engine::EngineConfig::Compression;

double bits_for(std::int64_t values) { return std::ceil(std::log2(static_cast<double>(values))); }

// Of a weight whose value takes so many bits, with zeros left out.
double without_zeros(const network::WeightForm& form, const Compression& compression, double value_bits) {
  switch (compression.zeros) {
    case engine::ZeroCoding::kNone:
      break;
    case engine::ZeroCoding::kBitmask:
      return 1 + form.density * value_bits;
    case engine::ZeroCoding::kZeroRuns: {
      // Of the gaps between independent weights that are not zero, each 2^bits zeros take an entry more.
      const double reach = std::pow(2.0, static_cast<double>(compression.zero_run_bits));
      const double entries = form.density / (1 - std::pow(1 - form.density, reach));
      return entries * (static_cast<double>(compression.zero_run_bits) + value_bits);
    }
    case engine::ZeroCoding::kIndices:
      if (!form.structured()) break;
      return static_cast<double>(form.kept) / static_cast<double>(form.of) * (value_bits + bits_for(form.of));
  }
  return value_bits;
}

std::int64_t coded_bytes(double bits, std::int64_t weights, std::int64_t biases, Precision precision) {
  constexpr double kRounding = 1e-9;
  const double bytes = bits * static_cast<double>(weights) / 8;
  return static_cast<std::int64_t>(std::ceil(bytes * (1 - kRounding))) + packed_bytes(biases, precision).count();
}

// Whether the decoder keeps up with what would be without it.
bool keeps_up(const SubgraphShape& shape, const engine::EngineConfig& engine, const ArrayWork& work,
              const WeightStorage& storage) {
  const double decode = storage.decoded / static_cast<double>(engine.compression.weights_per_cycle);  // of a weight
  const bool from_dram = loads_weights(shape, engine);
  const double plain = from_dram ? storage.plain_bits / 8 / engine.dram_bandwidth().count() : 0;  // the same, unpacked
  if (!storage.on_chip) return decode <= plain;
  // Each stripe decodes anew; a tile may be as low as a row of pixels.
  const std::int64_t pixels = shape.batch * shape.conv_height() * shape.conv_width();
  const std::int64_t stripe =
      work.patch_pixels > 0 ? std::min(work.patch_pixels, pixels) : std::min(work.stripe_pixels, shape.conv_width());
  return decode * static_cast<double>(ceil_div(pixels, stripe)) <= plain ||
         decode * weights_of_block(shape, work) <=
             std::max(block_cycles(work, stripe, work.outputs_per_group), work.weight_load_cycles);
}

WeightStorage storage_of(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  return shape.uses_array() && engine.decodes_weights() && !shape.weight_form.plain()
             ? array_work(shape, engine).storage
             : WeightStorage{};
}

}  // namespace

std::int64_t WeightStorage::stored_bytes(std::int64_t weights, std::int64_t biases, Precision precision) const {
  return compressed ? coded_bytes(bits, weights, biases, precision) : packed_bytes(weights + biases, precision).count();
}

std::int64_t WeightStorage::onchip_bytes(std::int64_t weights, std::int64_t biases, Precision precision) const {
  return on_chip ? stored_bytes(weights, biases, precision) : packed_bytes(weights + biases, precision).count();
}

double coded_bits(const network::WeightForm& form, Precision precision, std::int64_t weights,
                  const Compression& compression) {
  const double plain = bits(precision);
  double best = std::min(plain, without_zeros(form, compression, plain));
  if (compression.palette && form.clusters > 0 && form.clusters <= compression.largest_palette) {
    const double palette = static_cast<double>(form.clusters) * plain / static_cast<double>(weights);
    const double index = bits_for(form.clusters);
    best = std::min({best, index + palette, without_zeros(form, compression, index) + palette});
  }
  return best;
}

WeightStorage weight_storage(const SubgraphShape& shape, const engine::EngineConfig& engine, const ArrayWork& work) {
  WeightStorage storage;
  storage.bits = storage.plain_bits = bits(shape.weight_precision);
  if (!engine.decodes_weights() || shape.weight_form.plain()) return storage;
  WeightStorage coded = storage;
  coded.bits = coded_bits(shape.weight_form, shape.weight_precision, kernel_elements(shape), engine.compression);
  coded.compressed = coded.bits < coded.plain_bits;
  coded.on_chip = engine.compression.on_chip;
  coded.decoded = work.mac_share;
  if (!coded.on_chip && !loads_weights(shape, engine)) return storage;
  return coded.compressed && keeps_up(shape, engine, work, coded) ? coded : storage;
}

std::int64_t kernel_elements(const SubgraphShape& shape) {
  return shape.weight_elements() - (shape.bias ? shape.out_channels : 0);
}

Bytes stored_weight_bytes(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  const WeightStorage storage = storage_of(shape, engine);
  if (!storage.compressed) return shape.weight_bytes();
  const std::int64_t kernels = kernel_elements(shape);
  return Bytes(storage.stored_bytes(kernels, shape.weight_elements() - kernels, shape.weight_precision));
}

Bytes onchip_weight_bytes(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  return storage_of(shape, engine).on_chip ? stored_weight_bytes(shape, engine) : shape.weight_bytes();
}

}  // namespace lanewise::mapping
