// SPDX-License-Identifier: Apache-2.0
#include "core/engine/kinds/engine_kind.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::engine {
namespace {

constexpr const EngineKind* kKinds[] = {&kTilesKind, &kStreamsKind};
static_assert(sizeof(kKinds) / sizeof(kKinds[0]) == kEngineKindCount);

}  // namespace

bool EngineKind::owns(const std::string& key) const {
  const std::vector<const char*> own = own_keys();
  return std::any_of(own.begin(), own.end(), [&](const char* one) { return key == one; });
}

BytesPerCycle shared_dram_bandwidth(const EngineConfig& config) {
  return BytesPerCycle(config.dram.bandwidth.count() / config.array.clock.count());
}

const EngineKind& engine_kind(DmaKind kind) { return *kKinds[static_cast<std::size_t>(kind)]; }

const EngineKind& engine_kind(const std::string& name) {
  std::string known;
  for (std::size_t i = 0; i < kEngineKindCount; ++i) {
    if (name == kKinds[i]->name) return *kKinds[i];
    known += (i == 0 ? "" : i + 1 == kEngineKindCount ? " or " : ", ") + std::string(kKinds[i]->name);
  }
  throw Error("'" + name + "' is unknown: must be " + known);
}

bool reads_key(DmaKind kind, const std::string& key) {
  return engine_kind(kind).owns(key) ||
         std::none_of(std::begin(kKinds), std::end(kKinds), [&](const EngineKind* other) { return other->owns(key); });
}

std::string engine_kind_names() {
  std::string names;
  for (const EngineKind* kind : kKinds) names += (names.empty() ? "" : ", ") + std::string(kind->name);
  return names;
}

std::string engine_kind_meanings() {
  std::string text;
  for (const EngineKind* kind : kKinds) {
    text += (text.empty() ? "`" : ". `") + std::string(kind->name) + "`: " + kind->meaning;
  }
  return text;
}

}  // namespace lanewise::engine
