// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/json.hpp"
#include "report/trace.hpp"
#include "report/workload.hpp"

namespace lanewise::report {
namespace {

constexpr int kEngines = 1, kNetworks = 2;  // processes of the trace

class Events {
 public:
  explicit Events(record::FileWriter& file, double clock_hz) : file_(file), ns_a_cycle_(1e9 / clock_hz) {
    file_.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
  }
  void name(const char* what, int process, std::size_t track, const std::string& name) {
    write("{\"ph\":\"M\",\"name\":\"" + std::string(what) + "\",\"pid\":" + std::to_string(process) +
          ",\"tid\":" + std::to_string(track) + ",\"args\":{\"name\":" + string_json(name) + "}}");
  }
  void slice(int process, std::size_t track, const std::string& name, std::int64_t begin, std::int64_t end,
             const std::string& arguments) {
    const std::int64_t from = ns(begin), until = ns(end);
    write("{\"ph\":\"X\",\"name\":" + string_json(name) + ",\"pid\":" + std::to_string(process) +
          ",\"tid\":" + std::to_string(track) + ",\"ts\":" + us(from) + ",\"dur\":" + slice_length(from, until) +
          ",\"args\":" + arguments + "}");
  }
  // An asynchronous pair, since frames of one network may overlap.
  void span(std::size_t track, const std::string& name, std::int64_t id, std::int64_t begin, std::int64_t end) {
    const std::string what = ",\"cat\":\"frame\",\"name\":" + string_json(name) + ",\"id\":" + std::to_string(id) +
                             ",\"pid\":" + std::to_string(kNetworks) + ",\"tid\":" + std::to_string(track);
    write("{\"ph\":\"b\"" + what + ",\"ts\":" + us(ns(begin)) + "}");
    write("{\"ph\":\"e\"" + what + ",\"ts\":" + us(ns(end)) + "}");
  }
  void end() {
    file_.write("\n]}\n");
    file_.finish();
  }

 private:
  std::int64_t ns(std::int64_t cycles) const { return std::llround(as_double(cycles) * ns_a_cycle_); }
  static std::string us(std::int64_t ns) {
    const std::string part = std::to_string(ns % 1000);
    return std::to_string(ns / 1000) + "." + std::string(3 - part.size(), '0') + part;
  }
  void write(const std::string& event) {
    file_.write(std::string(first_ ? "\n" : ",\n") + event);
    first_ = false;
  }

  record::FileWriter& file_;
  double ns_a_cycle_;
  bool first_ = true;
};

}  // namespace

void write_workload_trace(record::FileWriter& file, const study::WorkloadAnswer& answer) {
  Events events(file, answer.clock_hz);
  events.name("process_name", kEngines, 0, "engines");
  events.name("process_name", kNetworks, 0, "networks");
  for (std::size_t e = 0; e < answer.engines.size(); ++e) {
    events.name("thread_name", kEngines, e + 1, answer.engines[e].name);
  }
  for (std::size_t n = 0; n < answer.networks.size(); ++n) {
    events.name("thread_name", kNetworks, n + 1, answer.networks[n].name);
  }
  for (const study::CommandRun& run : answer.runs) {
    const study::NetworkUse& network = answer.networks[run.network];
    const auto name_of = [&](std::size_t command) {
      return command < network.command_names.size() ? network.command_names[command] : std::to_string(command);
    };
    const Json arguments = {{"frame", run.frame},
                            {"commands", run.last - run.first + 1},
                            {"first", name_of(run.first)},
                            {"last", name_of(run.last)},
                            {"cycles", run.end - run.begin}};
    events.slice(kEngines, run.engine + 1, network.name, run.begin, run.end,
                 arguments.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  std::int64_t id = 0;
  for (const study::FrameRun& frame : answer.frames) {
    if (frame.done < 0) continue;
    events.span(frame.network + 1, answer.networks[frame.network].name + (frame.missed ? " (missed)" : ""), ++id,
                frame.release, frame.done);
  }
  events.end();
}

}  // namespace lanewise::report
