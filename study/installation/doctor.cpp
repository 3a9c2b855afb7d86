// SPDX-License-Identifier: Apache-2.0
#include "study/installation/doctor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/version.hpp"
#include "estimator/card.hpp"
#include "estimator/default_estimator.hpp"
#include "estimator/estimator.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/installation/programs.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

// Files of a kind in all data folders, each name once; with any suffix, those that only explain left out.
std::set<std::string> names_in(const std::string& kind, const std::string& suffix) {
  std::set<std::string> names;
  for (const std::string& folder : data_folders()) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / kind, failed)) {
      const std::string end = entry.path().extension().string();
      if (entry.is_regular_file(failed) && (suffix.empty() ? end != ".md" : end == suffix)) {
        names.insert(entry.path().stem().string());
      }
    }
  }
  return names;
}

void look_at_data(Diagnosis& diagnosis) {
  const char* const named = std::getenv("LANEWISE_HOME");
  std::error_code ignored;
  if (named != nullptr && *named != '\0' && !fs::is_directory(named, ignored)) {
    diagnosis.findings.push_back({"LANEWISE_HOME", Health::kWrong, false,
                                  fmt::format("names '{}', which is no folder", named),
                                  "unset it, or let it name a checkout, a data folder or an installation's prefix"});
  }
  const struct {
    const char *name, *kind, *suffix;
  } kinds[] = {{"engines", "hwconfigs", ".yaml"},   {"families of engines", "hwconfigs/families", ".yaml"},
               {"networks", "models", ""},          {"search spaces", "spaces", ".yaml"},
               {"campaigns", "campaigns", ".yaml"}, {"workloads", "workloads", ".yaml"}};
  for (const auto& each : kinds) {
    const std::set<std::string> names = names_in(each.kind, each.suffix);
    const bool needed = std::string(each.kind) != "workloads";
    if (!names.empty()) {
      diagnosis.findings.push_back(
          {each.name, Health::kFine, needed, fmt::format("{}: {}", names.size(), fmt::join(names, ", ")), ""});
    } else {
      diagnosis.findings.push_back({each.name, Health::kMissing, needed, fmt::format("no {}/ holds any", each.kind),
                                    "install Lanewise anew, or let LANEWISE_HOME name a checkout or an installation"});
    }
  }
}

Finding look_at_estimator(const std::string& family) {
  const std::string by_hand =
      fmt::format("lanewise measure on engines of the family, then lanewise train --out {}.lwm", family);
  const std::string made = look_for_data("campaigns", "quick-" + family)
                               ? fmt::format("in a checkout scripts/make-estimator {}; else {}", family, by_hand)
                               : by_hand;
  Finding finding{"estimator " + family, Health::kMissing, false,
                  "none: estimates need --estimator FILE, a search measures and trains first", made};
  const fs::path described = find_data("", "hwconfigs/families/" + family + ".yaml");
  // As for an engine of that family, whose file lies in the folder above.
  const auto path =
      estimator::find_default_estimator(described.parent_path().parent_path() / described.filename(), family);
  if (!path) return finding;
  try {
    const estimator::Estimator loaded = estimator::Estimator::load(*path);
    finding = {finding.name, Health::kFine, false,
               fmt::format("{}, trained by lanewise {}", *path, loaded.card().tool_version), ""};
  } catch (const Error& error) {
    // Whatever asks for the family's estimator finds this one, and stops.
    finding.health = Health::kWrong;
    finding.needed = true;
    finding.found = error.what();
    finding.remedy = "make it anew (" + made + "), or take it away";
  }
  return finding;
}

std::string locale_of_characters() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "C";
}

}  // namespace

const char* to_string(Health health) {
  switch (health) {
    case Health::kFine:
      return "fine";
    case Health::kMissing:
      return "missing";
    case Health::kWrong:
      return "wrong";
  }
  throw InternalError("no such health");
}

bool Diagnosis::works() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.needed && finding.health != Health::kFine; });
}

Diagnosis diagnose() {
  Diagnosis diagnosis;
  diagnosis.version = version();
  std::error_code ignored;
  diagnosis.program = fs::read_symlink("/proc/self/exe", ignored).string();
  diagnosis.libraries = look_at_libraries();
  diagnosis.data_folders = data_folders();
  look_at_data(diagnosis);
  diagnosis.findings.push_back(look_at_worker());
  for (const std::string& family : names_in("hwconfigs/families", ".yaml")) {
    diagnosis.findings.push_back(look_at_estimator(family));
  }
  diagnosis.findings.push_back(look_at_fit());
  diagnosis.findings.push_back(look_at_python());
  for (Finding& finding : look_at_shells()) diagnosis.findings.push_back(std::move(finding));
  diagnosis.findings.push_back(look_at_manual());
  const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  diagnosis.machine = {sim::default_workers(), ::sysconf(_SC_PHYS_PAGES) * page, ::sysconf(_SC_AVPHYS_PAGES) * page,
                       locale_of_characters()};
  return diagnosis;
}

}  // namespace lanewise::study
