// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine_identity.hpp"

namespace lanewise::engine {
namespace {

std::string joined(const std::vector<Override>& overrides, const char* separator) {
  std::string text;
  for (const Override& change : overrides) text += (text.empty() ? "" : separator) + change.key + "=" + change.value;
  return text;
}

std::string title_of(const std::string& name, const std::vector<Override>& overrides) {
  std::vector<Override> shown;
  for (const Override& change : overrides) {
    if (change.key != "name" && change.key != "description") shown.push_back(change);  // the title begins with the name
  }
  return shown.empty() ? name : name + " with " + joined(shown, ", ");
}

}  // namespace

std::string EngineIdentity::title(const std::string& name) const { return title_of(name, overrides); }
std::string EngineIdentity::overrides_text() const { return joined(overrides, "; "); }

EngineIdentity identity_of(const EngineConfig& config) { return {config.overrides, engine_hash(config)}; }

std::string engine_title(const EngineConfig& config) { return title_of(config.name, config.overrides); }

}  // namespace lanewise::engine
