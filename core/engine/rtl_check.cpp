// SPDX-License-Identifier: Apache-2.0
#include "core/engine/rtl_check.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/raw_rtl_check.hpp"

namespace lanewise::engine {
namespace {

namespace fs = std::filesystem;

constexpr double kLargestError = 1000;  // %
constexpr std::int64_t kMostRows = 1000000000;
constexpr const char* kSection = "checked_against_rtl.";
const char* const kKeys[] = {"rows", "mape", "worst", "source", "members"};

bool is_known(const std::string& key) {
  return std::any_of(std::begin(kKeys), std::end(kKeys), [&](const char* known) { return key == known; });
}

const RawEntry& require_key(const RawConfig& raw, const char* key) {
  const RawEntry* entry = raw.find(kSection + std::string(key));
  if (entry == nullptr) throw Error(raw.path + ": key '" + kSection + key + "': missing");
  return *entry;
}

std::int64_t rows_of(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = single_value(raw, entry);
  std::int64_t rows = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || rows < 1 || rows > kMostRows) {
    throw Error(raw.place(entry) + "'" + text + "' must be a whole number from 1 to 1000000000");
  }
  return rows;
}

double percent_of(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = single_value(raw, entry);
  const std::string unit = " %";
  const bool has_unit = text.size() > unit.size() && text.compare(text.size() - unit.size(), unit.size(), unit) == 0;
  try {
    const double percent = has_unit ? parse_number(text.substr(0, text.size() - unit.size())) : -1;
    if (percent >= 0 && percent <= kLargestError) return percent;
  } catch (const Error&) {
    // Said below, with the place.
  }
  throw Error(raw.place(entry) + "'" + text + "' must be a number from 0 to 1000 and %, like 0.5 %");
}

std::vector<std::string> members_of(const RawConfig& raw, const RawEntry& entry) {
  if (!entry.is_list || entry.values.empty()) throw Error(raw.place(entry) + "must be a list of hwconfigs' names");
  return entry.values;
}

}  // namespace

bool is_rtl_check(const RawEntry& entry) { return entry.key.rfind(kSection, 0) == 0; }

std::optional<RtlCheck> rtl_check_of(const RawConfig& raw) {
  bool found = false;
  for (const RawEntry& entry : raw.entries) {
    if (!is_rtl_check(entry)) continue;
    found = true;
    if (!is_known(entry.key.substr(std::string(kSection).size()))) {
      throw Error(raw.place(entry) + "unknown key: must be rows, mape, worst, source or members");
    }
  }
  if (!found) return std::nullopt;
  RtlCheck check;
  check.rows = rows_of(raw, require_key(raw, "rows"));
  check.mape_percent = percent_of(raw, require_key(raw, "mape"));
  check.worst_percent = percent_of(raw, require_key(raw, "worst"));
  if (check.worst_percent < check.mape_percent) {
    refuse(raw, require_key(raw, "worst"), single_value(raw, require_key(raw, "worst")),
           "must be no less than mape, the mean");
  }
  check.source = single_value(raw, require_key(raw, "source"));
  check.members = members_of(raw, require_key(raw, "members"));
  return check;
}

std::optional<RtlCheck> load_rtl_check(const std::string& hwconfig_path, const std::string& family) {
  const fs::path path = fs::path(hwconfig_path).parent_path() / "families" / (family + ".yaml");
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  return rtl_check_of(read_raw_config(path.string()));
}

bool is_checked_member(const RtlCheck& check, const std::string& hwconfig_path, const EngineConfig& config) {
  const fs::path path(hwconfig_path);
  const auto named = std::find(check.members.begin(), check.members.end(), path.stem().string());
  return path.extension() == ".yaml" && named != check.members.end() &&
         engine_hash(load_engine(hwconfig_path).config) == engine_hash(config);
}

}  // namespace lanewise::engine
