// SPDX-License-Identifier: Apache-2.0
#include "report/memory.hpp"

#include <fmt/format.h>

#include <map>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;
using mapping::MemoryMap;
using mapping::PlacedTensor;
using mapping::Residence;
using mapping::SubgraphMemory;

bool on_chip(const PlacedTensor& tensor) { return tensor.residence == Residence::kOnChip; }

std::int64_t lost_banks(const SubgraphMemory& subgraph) { return subgraph.free - subgraph.largest_hole; }

// Letters for the tensors on chip, taken again when all have been; two that live at once rarely share one.
std::vector<char> letters(const MemoryMap& memory) {
  static const std::string kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::vector<char> out;
  std::size_t next = 0;
  for (const PlacedTensor& tensor : memory.tensors) {
    out.push_back(on_chip(tensor) ? kLetters[next++ % kLetters.size()] : ' ');
  }
  return out;
}

// One subgraph's banks, a character each: letters are tensors, '.' is free, '-' left to streaming, '=' buffers between
// the subgraphs of a cascade.
std::string bank_row(const MemoryMap& memory, const std::vector<char>& letter, std::size_t subgraph) {
  const auto banks = static_cast<std::size_t>(memory.activation_banks);
  std::string row(banks, '.');
  const SubgraphMemory& use = memory.subgraphs[subgraph];
  const auto streaming = static_cast<std::size_t>(use.streaming), striped = static_cast<std::size_t>(use.striped);
  row.replace(banks - streaming, streaming, std::string(streaming, '-'));
  row.replace(banks - streaming - striped, striped, std::string(striped, '='));
  for (std::size_t i = 0; i < memory.tensors.size(); ++i) {
    const PlacedTensor& tensor = memory.tensors[i];
    if (!on_chip(tensor) || subgraph < tensor.first_subgraph || subgraph > tensor.last_subgraph) continue;
    row.replace(static_cast<std::size_t>(tensor.first_bank), static_cast<std::size_t>(tensor.banks),
                std::string(static_cast<std::size_t>(tensor.banks), letter[i]));
  }
  return row;
}

std::string head(const study::MemoryAnswer& answer) {
  const MemoryMap& m = answer.partition.memory;
  std::string out = fmt::format("{} on {}, by lanewise {}\n\n", answer.network, answer.identity.title(answer.engine),
                                answer.tool_version);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<17} {}\n", label, text);
  };
  line("activation banks", fmt::format("{} of {}", grouped(m.activation_banks), bytes_text(m.bank_size.count())));
  line("kept on chip", fmt::format("{} tensors, {}; at most {} at once", grouped(m.kept_tensors()),
                                   bytes_text(m.kept_bytes().count()), bytes_text(m.peak().count())));
  if (m.striped_tensors() > 0) {
    line("striped", fmt::format("{} tensors, {} in buffers of cascades", grouped(m.striped_tensors()),
                                bytes_text(m.striped_buffer_bytes().count())));
  }
  line("spilled to DRAM",
       fmt::format("{} tensors, {}", grouped(m.spilled_tensors()), bytes_text(m.spilled_bytes().count())));
  std::map<Residence, std::int64_t> reasons;
  for (const PlacedTensor& tensor : m.tensors) {
    if (is_spill(tensor.residence)) ++reasons[tensor.residence];
  }
  for (const auto& [reason, count] : reasons) line("", fmt::format("{}: {}", to_string(reason), grouped(count)));
  line("DRAM saved", fmt::format("{} net, by the closed form", bytes_text(m.saved.count())));
  line("own transfers",
       fmt::format("{} of at most {}", bytes_text(m.own_transfers.count()), bytes_text(m.saved_bound.count())));
  return out;
}

std::string subgraph_table(const study::MemoryAnswer& answer, const std::vector<char>& letter) {
  const MemoryMap& m = answer.partition.memory;
  const std::vector<mapping::WholeSubgraph> subgraphs = mapping::whole_subgraphs(answer.partition);
  const bool cascades = !answer.partition.cascades.empty();
  std::vector<Table::Column> columns{{"#"}, {"subgraph", Align::kLeft}, {"kept"}, {"free"}, {"lost"}, {"streaming"}};
  if (cascades) columns.push_back({"striped"});
  columns.push_back({cascades ? "banks (one letter per tensor, . free, = striped, - streaming)"
                              : "banks (one letter per tensor, . free, - streaming)",
                     Align::kLeft});
  Table table(columns);
  for (std::size_t i = 0; i < m.subgraphs.size(); ++i) {
    const SubgraphMemory& subgraph = m.subgraphs[i];
    std::vector<std::string> cells{grouped(static_cast<std::int64_t>(i)),
                                   subgraphs[i].whole->name,
                                   grouped(subgraph.kept),
                                   grouped(subgraph.free),
                                   grouped(lost_banks(subgraph)),
                                   grouped(subgraph.streaming)};
    if (cascades) cells.push_back(grouped(subgraph.striped));
    cells.push_back(bank_row(m, letter, i));
    table.add(cells);
  }
  return table.text();
}

std::string tensor_table(const study::MemoryAnswer& answer, const std::vector<char>& letter) {
  const MemoryMap& m = answer.partition.memory;
  Table table({{"tensor", Align::kLeft},
               {"", Align::kLeft},
               {"subgraphs", Align::kLeft},
               {"KiB"},
               {"banks"},
               {"at", Align::kLeft},
               {"place", Align::kLeft},
               {"DRAM KiB"}});
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const PlacedTensor& t = m.tensors[i];
    table.add(
        {t.name, std::string(1, letter[i]), fmt::format("{}-{}", t.first_subgraph, t.last_subgraph),
         fixed(static_cast<double>(t.bytes.count()) / 1024, 1), grouped(t.banks),
         on_chip(t) ? fmt::format("{}-{}", t.first_bank, t.first_bank + t.banks - 1) : "-", to_string(t.residence),
         on_chip(t) || t.residence == Residence::kStriped ? "-"
                                                          : fixed(static_cast<double>(t.dram.count()) / 1024, 1)});
  }
  return table.text();
}

Json tensor_json(const PlacedTensor& t) {
  return {{"name", t.name},
          {"bytes", t.bytes.count()},
          {"banks", t.banks},
          {"first_pass", t.first_subgraph},
          {"last_pass", t.last_subgraph},
          {"place", to_string(t.residence)},
          {"spilled", is_spill(t.residence)},
          {"first_bank", on_chip(t) ? Json(t.first_bank) : Json(nullptr)},
          {"saved_dram_bytes", on_chip(t) ? t.dram.count() : 0}};
}

}  // namespace

std::string to_json(const study::MemoryAnswer& answer) {
  const MemoryMap& m = answer.partition.memory;
  const std::vector<char> letter = letters(m);
  const std::vector<mapping::WholeSubgraph> wholes = mapping::whole_subgraphs(answer.partition);
  Json subgraphs = Json::array();
  for (std::size_t i = 0; i < m.subgraphs.size(); ++i) {
    const SubgraphMemory& subgraph = m.subgraphs[i];
    subgraphs.push_back({{"name", wholes[i].whole->name},
                         {"kept_banks", subgraph.kept},
                         {"free_banks", subgraph.free},
                         {"lost_banks", lost_banks(subgraph)},
                         {"streaming_banks", subgraph.streaming},
                         {"striped_banks", subgraph.striped},
                         {"map", bank_row(m, letter, i)}});
  }
  Json tensors = Json::array();
  for (const PlacedTensor& tensor : m.tensors) tensors.push_back(tensor_json(tensor));
  Json json = {{"network", answer.network}, {"engine", answer.engine}};
  add_identity(json, answer.identity);
  json.update({{"tool_version", answer.tool_version},
               {"activation_banks", m.activation_banks},
               {"bank_size_bytes", m.bank_size.count()},
               {"total", memory_json(m)},
               {"passes", subgraphs},
               {"tensors", tensors}});
  return dump(json);
}

std::string to_text(const study::MemoryAnswer& answer) {
  const std::vector<char> letter = letters(answer.partition.memory);
  return head(answer) + '\n' + subgraph_table(answer, letter) + '\n' + tensor_table(answer, letter);
}

std::string to_csv(const study::MemoryAnswer& answer) {
  std::string out =
      record::csv_line({"network", "engine", "tool_version", "tensor", "bytes", "banks", "first_pass", "last_pass",
                        "place", "spilled", "first_bank", "saved_dram_bytes", "engine_overrides", "engine_hash"});
  for (const PlacedTensor& t : answer.partition.memory.tensors) {
    out += record::csv_line(
        {answer.network, answer.engine, answer.tool_version, t.name, fmt::format("{}", t.bytes.count()),
         fmt::format("{}", t.banks), fmt::format("{}", t.first_subgraph), fmt::format("{}", t.last_subgraph),
         to_string(t.residence), is_spill(t.residence) ? "1" : "0", on_chip(t) ? fmt::format("{}", t.first_bank) : "",
         fmt::format("{}", on_chip(t) ? t.dram.count() : 0), answer.identity.overrides_text(), answer.identity.hash});
  }
  return out;
}

Json memory_json(const MemoryMap& m) {
  return {{"onchip_peak_bytes", m.peak().count()},
          {"kept_tensors", m.kept_tensors()},
          {"kept_bytes", m.kept_bytes().count()},
          {"spilled_tensors", m.spilled_tensors()},
          {"spilled_bytes", m.spilled_bytes().count()},
          {"saved_dram_bytes", m.saved.count()},
          {"own_transfer_bytes", m.own_transfers.count()},
          {"saved_dram_bytes_bound", m.saved_bound.count()},
          {"striped_tensors", m.striped_tensors()},
          {"striped_buffer_bytes", m.striped_buffer_bytes().count()},
          {"live_activation_bytes", m.peak_activations().count()}};
}

}  // namespace lanewise::report
