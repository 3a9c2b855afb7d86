// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/cascade.hpp"

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/cascade_parts.hpp"
#include "core/mapping/weight_storage.hpp"

namespace lanewise::mapping {
namespace {

RowStripes stripes_of(const Cascade& cascade) {
  if (cascade.subgraphs.size() < 2) throw InternalError("a cascade needs two subgraphs");
  std::vector<const SubgraphShape*> chain;
  for (const Subgraph& subgraph : cascade.subgraphs) {
    if (!can_be_striped(subgraph.shape)) {
      throw InternalError("subgraph '" + subgraph.name + "' cannot run stripe by stripe");
    }
    chain.push_back(&subgraph.shape);
  }
  return cut_rows(chain, cascade.stripe_rows, cascade.halo);
}

}  // namespace

std::int64_t buffer_banks_of(const SubgraphShape& shape, std::int64_t rows, const engine::EngineConfig& engine) {
  const Bytes bytes = packed_bytes(rows * shape.out_width * shape.out_channels, shape.output_precision);
  return ceil_div(bytes.count(), engine.memory.bank_size.count());
}

std::int64_t weight_banks_of(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  return ceil_div(onchip_weight_bytes(shape, engine).count(), engine.memory.bank_size.count());
}

std::vector<std::int64_t> live_banks(const std::vector<std::int64_t>& buffers, const std::vector<bool>& holds) {
  std::vector<std::int64_t> live(buffers.size() + 1, 0);
  for (std::size_t b = 0; b < buffers.size(); ++b) {
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (holds[b] || i == b || i == b + 1) live[i] += buffers[b];
    }
  }
  return live;
}

CascadeParts::CascadeParts(const Cascade& cascade, const engine::EngineConfig& engine)
    : cascade_(cascade), cut_(stripes_of(cascade)) {
  for (std::size_t b = 0; b < cut_.buffer_rows.size(); ++b) {
    buffers_.push_back(buffer_banks_of(cascade.subgraphs[b].shape, cut_.buffer_rows[b], engine));
  }
  live_ = mapping::live_banks(buffers_, cut_.holds);
  for (const Subgraph& subgraph : cascade.subgraphs) {
    if (cascade.keeps_weights) weight_banks_ += weight_banks_of(subgraph.shape, engine);
  }
}

SubgraphContext CascadeParts::context(std::size_t subgraph, bool first) const {
  const Subgraph& whole = cascade_.subgraphs[subgraph];
  SubgraphContext context = whole.context;
  context.input_on_chip = subgraph > 0 || context.input_on_chip;
  context.output_on_chip = subgraph + 1 < cascade_.subgraphs.size() || context.output_on_chip;
  context.resident_banks += live_[subgraph];
  context.resident_weight_banks = weight_banks_;
  context.weights_on_chip = weight_banks_ > 0 && whole.shape.uses_array() && !first;
  return context;
}

std::vector<std::int64_t> buffer_banks(const Cascade& cascade, const engine::EngineConfig& engine) {
  return CascadeParts(cascade, engine).buffers();
}

std::vector<Subgraph> parts_of(const Cascade& cascade, const engine::EngineConfig& engine, int number) {
  const CascadeParts cut(cascade, engine);
  std::vector<bool> loaded(cascade.subgraphs.size(), false);
  std::vector<Subgraph> parts;
  for (std::size_t stripe = 0; stripe < cut.stripes(); ++stripe) {
    for (std::size_t i = 0; i < cascade.subgraphs.size(); ++i) {
      const SubgraphShape::Range rows = cut.rows(i, stripe);
      if (rows.size() == 0) continue;
      const Subgraph& whole = cascade.subgraphs[i];
      Subgraph part = whole;
      part.shape = rows_of(whole.shape, rows.begin, rows.end);
      part.context = cut.context(i, !loaded[i]);
      part.part = {number, i, static_cast<std::int64_t>(stripe), rows.begin,
                   whole.shape.input_range(0, rows.begin, rows.end).begin};
      loaded[i] = true;
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

}  // namespace lanewise::mapping
