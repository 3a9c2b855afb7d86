// SPDX-License-Identifier: Apache-2.0
#include "report/installation.hpp"

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

std::string health_word(const study::Finding& finding) {
  if (finding.health == study::Health::kFine) return "fine";
  return fmt::format("{}{}", study::to_string(finding.health), finding.needed ? ", needed" : "");
}

std::string machine_text(const study::Machine& machine) {
  return fmt::format("{} cores, {} of memory, {} free; locale {}", machine.cores, bytes_text(machine.memory_bytes),
                     bytes_text(machine.free_bytes), machine.locale);
}

}  // namespace

std::string to_json(const study::Diagnosis& diagnosis) {
  Json json = {{"tool_version", diagnosis.version}, {"works", diagnosis.works()},    {"program", diagnosis.program},
               {"libraries", Json::array()},        {"data_folders", Json::array()}, {"findings", Json::array()}};
  for (const study::Library& library : diagnosis.libraries) {
    json["libraries"].push_back(
        {{"name", library.name}, {"version", library.version}, {"package", library.package}, {"file", library.file}});
  }
  for (const std::string& folder : diagnosis.data_folders)
    json["data_folders"].push_back(folder.empty() ? "." : folder);
  for (const study::Finding& finding : diagnosis.findings) {
    json["findings"].push_back({{"name", finding.name},
                                {"health", study::to_string(finding.health)},
                                {"needed", finding.needed},
                                {"found", finding.found},
                                {"remedy", finding.remedy}});
  }
  json["machine"] = {{"cores", diagnosis.machine.cores},
                     {"memory_bytes", diagnosis.machine.memory_bytes},
                     {"free_bytes", diagnosis.machine.free_bytes},
                     {"locale", diagnosis.machine.locale}};
  return dump(json);
}

std::string to_text(const study::Diagnosis& diagnosis) {
  std::string text =
      fmt::format("lanewise {} ({})\n{}\n\n", diagnosis.version, diagnosis.program, machine_text(diagnosis.machine));
  Table libraries({{"library", Table::Align::kLeft}, {"version", Table::Align::kLeft}, {"file", Table::Align::kLeft}});
  for (const study::Library& library : diagnosis.libraries) {
    libraries.add({library.name, library.version.empty() ? "-" : library.version, library.file});
  }
  Table folders({{"folders of engines, networks and estimators", Table::Align::kLeft}});
  for (const std::string& folder : diagnosis.data_folders)
    folders.add({folder.empty() ? ". (the current one)" : folder});
  text += libraries.text() + "\n" + folders.text() + "\n";
  std::size_t widest = 0;
  for (const study::Finding& finding : diagnosis.findings) widest = std::max(widest, finding.name.size());
  for (const study::Finding& finding : diagnosis.findings) {
    text += fmt::format("{:<{}}  {}: {}\n", finding.name, widest, health_word(finding), finding.found);
    if (!finding.remedy.empty()) text += fmt::format("{:<{}}  -> {}\n", "", widest, finding.remedy);
  }
  return text + (diagnosis.works() ? "\nMeasuring, searching and proving work.\n"
                                   : "\nSomething that is needed is missing or wrong: see above.\n");
}

}  // namespace lanewise::report
