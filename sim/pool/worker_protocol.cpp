// SPDX-License-Identifier: Apache-2.0
#include "sim/pool/worker_protocol.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <istream>
#include <ostream>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/unit_text.hpp"
#include "sim/simulate.hpp"

namespace lanewise::sim {
namespace {

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', begin)) {
    fields.push_back(line.substr(begin, tab - begin));
    begin = tab + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

// Every term with all its bits, each behind a tab.
std::string to_text(const record::EnergyBreakdown& energy) {
  std::string text;
  for (std::size_t i = 0; i < record::kEnergyTermCount; ++i) {
    text += fmt::format("\t{:a}", energy[static_cast<record::EnergyTerm>(i)].count());
  }
  return text;
}

std::string to_text(const engine::PerResource<double>& gains) {
  std::string text;
  for (const double gain : gains) text += fmt::format("\t{:a}", gain);
  return text;
}

std::int64_t whole(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }
double real(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

constexpr std::size_t kEnergy = 13, kGains = kEnergy + record::kEnergyTermCount;
constexpr std::size_t kResultFields = kGains + engine::kResourceCount;
// An answer is worth a system call of its own after this long.
constexpr std::chrono::milliseconds kLongestWait{20};

}  // namespace

std::string ready_line() { return fmt::format("ready\t{}\n", version()); }

std::string engine_line(const engine::EngineConfig& engine) {
  std::string line = "engine";
  for (const auto& [key, value] : record::engine_values(engine)) line += '\t' + key + '=' + value;
  return line + '\n';
}

std::string job_line(std::size_t id, const std::string& subgraph_key) {
  return fmt::format("job\t{}\t{}\n", id, subgraph_key);
}

std::string result_line(std::size_t id, const record::SubgraphResult& result) {
  if (!result.failure.empty()) return fmt::format("failed\t{}\t{}\n", id, one_line(result.failure));
  const record::Measurement& m = result.measurement;
  return fmt::format("ok\t{}\t{}\t{}\t{:a}\t{}\t{}\t{}\t{}\t{}\t{:a}\t{}\t{}{}{}\n", id, m.latency.count(), m.macs,
                     m.utilization, m.dram_read.count(), m.dram_write.count(), m.sram_read.count(),
                     m.sram_write.count(), m.peak_sram.count(), m.energy.count(), m.bound_by, record::to_text(m.units),
                     to_text(m.energy_parts), to_text(m.gains));
}

WorkerReply parse_result_line(const std::string& line) {
  const std::vector<std::string> fields = fields_of(line);
  WorkerReply reply;
  if (fields.size() == 3 && fields[0] == "failed") {
    reply.id = static_cast<std::size_t>(whole(fields[1]));
    reply.result.failure = fields[2];
    return reply;
  }
  if (fields.size() != kResultFields || fields[0] != "ok") throw InternalError("a worker answered '" + line + "'");
  reply.id = static_cast<std::size_t>(whole(fields[1]));
  record::Measurement& m = reply.result.measurement;
  m.latency = Cycles(whole(fields[2]));
  m.macs = whole(fields[3]);
  m.utilization = real(fields[4]);
  m.dram_read = Bytes(whole(fields[5]));
  m.dram_write = Bytes(whole(fields[6]));
  m.sram_read = Bytes(whole(fields[7]));
  m.sram_write = Bytes(whole(fields[8]));
  m.peak_sram = Bytes(whole(fields[9]));
  m.energy = Picojoules(real(fields[10]));
  m.bound_by = fields[11];
  m.units = record::parse_unit_times(fields[12]);
  for (std::size_t i = 0; i < record::kEnergyTermCount; ++i) {
    m.energy_parts[static_cast<record::EnergyTerm>(i)] = Picojoules(real(fields[kEnergy + i]));
  }
  std::size_t field = kGains;
  for (double& gain : m.gains) gain = real(fields[field++]);
  return reply;
}

int serve_jobs(std::istream& in, std::ostream& out) {
  using Clock = std::chrono::steady_clock;
  engine::EngineConfig engine;
  std::string line;
  out << ready_line() << std::flush;
  Clock::time_point flushed = Clock::now();
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields[0] == "engine") {
      std::vector<std::pair<std::string, std::string>> values;
      for (std::size_t i = 1; i < fields.size(); ++i) {
        const std::size_t equals = fields[i].find('=');
        values.emplace_back(fields[i].substr(0, equals), fields[i].substr(equals + 1));
      }
      engine = record::engine_from_values(values);
      continue;
    }
    if (fields.size() != 3 || fields[0] != "job") throw InternalError("the parent said '" + line + "'");
    const auto id = static_cast<std::size_t>(whole(fields[1]));
    record::SubgraphResult result;
    bool usable = true;
    try {
      result.measurement = simulate(mapping::parse_subgraph_key(fields[2]), engine);
    } catch (const Error& error) {
      result.failure = error.what();
    } catch (const std::exception& error) {
      result.failure = error.what();
      usable = false;  // the SystemC kernel does not survive an exception thrown inside it
    }
    out << result_line(id, result);
    if (!usable || in.rdbuf()->in_avail() <= 0 || Clock::now() - flushed > kLongestWait) {
      out << std::flush;
      flushed = Clock::now();
    }
    if (!usable) return 1;
  }
  return 0;
}

}  // namespace lanewise::sim
