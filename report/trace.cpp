// SPDX-License-Identifier: Apache-2.0
#include "report/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

#include "report/json.hpp"
#include "report/timeline_view.hpp"

namespace lanewise::report {
namespace {

std::string quoted(const std::string& text) { return string_json(text); }

std::vector<std::string> quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  out.reserve(texts.size());
  for (const std::string& text : texts) out.push_back(quoted(text));
  return out;
}

// A JSON string that goes on: its closing quote is left off.
std::string open_quoted(const std::string& text) {
  std::string out = quoted(text);
  out.pop_back();
  return out;
}

class TraceWriter {
 public:
  TraceWriter(record::FileWriter& file, const record::Timeline& timeline) : file_(file), timeline_(timeline) {}

  void write(const TimedRun& run) {
    std::string overrides;
    for (const engine::Override& change : run.identity.overrides)
      overrides += fmt::format("{}{}:{}", overrides.empty() ? "" : ",", quoted(change.key), quoted(change.value));
    file_.write(
        fmt::format("{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"network\":{},\"engine\":{},"
                    "\"engine_overrides\":{{{}}},\"engine_hash\":{},\"tool_version\":{},\"clock_hz\":{},\"cycles\":{}}}"
                    ",\n\"traceEvents\":[\n",
                    quoted(run.network), quoted(run.engine), overrides, quoted(run.identity.hash),
                    quoted(run.tool_version), timeline_.clock_hz, timeline_.cycles));
    metadata("process_name", 0, "name", quoted(run.identity.title(run.engine) + ": " + run.network));
    track(kSubgraphTrack, quoted("passes"));
    const std::vector<std::string> units = quoted(timeline_.units);
    for (std::size_t u = 0; u < units.size(); ++u) track(unit_track(u), units[u]);
    subgraphs(run.subgraphs);
    slices();
    samples();
    file_.write("\n]}\n");
    file_.finish();
  }

 private:
  static constexpr std::size_t kSubgraphTrack = 1;
  static std::size_t unit_track(std::size_t unit) { return unit + 2; }

  // Perfetto keeps whole nanoseconds and rounds begin and length each by itself: rounded here, and both from the same
  // grid, neighbours still touch and never overlap there.
  std::int64_t nanoseconds(double cycles) const { return std::llround(cycles / timeline_.clock_hz * 1e9); }
  static void append_microseconds(fmt::memory_buffer& to, std::int64_t nanoseconds) {
    fmt::format_to(std::back_inserter(to), "{}.{:03}", nanoseconds / 1000, nanoseconds % 1000);
  }

  template <class... Arguments>
  void event(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    line_.clear();
    if (!first_) line_.append(std::string_view(",\n"));
    first_ = false;
    fmt::format_to(std::back_inserter(line_), format, std::forward<Arguments>(arguments)...);
    flush();
  }
  void flush() { file_.write({line_.data(), line_.size()}); }

  void metadata(const char* name, std::size_t track, const char* key, const std::string& value) {
    event("{{\"ph\":\"M\",\"pid\":1,\"tid\":{},\"name\":\"{}\",\"args\":{{\"{}\":{}}}}}", track, name, key, value);
  }
  void track(std::size_t number, const std::string& name) {
    metadata("thread_name", number, "name", name);
    metadata("thread_sort_index", number, "sort_index", std::to_string(number));
  }

  std::string times(double begin, double end) const {
    const std::int64_t from = nanoseconds(begin);
    fmt::memory_buffer text;
    text.append(std::string_view("\"ts\":"));
    append_microseconds(text, from);
    text.append(std::string_view(",\"dur\":"));
    text.append(slice_length(from, nanoseconds(end)));
    return fmt::to_string(text);
  }

  // A subgraph lasts from the end of the subgraph before it. Its first work may lie earlier, where the engine
  // prefetches for it.
  void subgraphs(const std::vector<TimedRun::Subgraph>& run) {
    std::vector<double> first_work(run.size(), std::numeric_limits<double>::infinity());
    for (const record::Slice& slice : timeline_.slices) {
      const auto subgraph = static_cast<std::size_t>(slice.subgraph);
      if (!slice.stall && subgraph < first_work.size())
        first_work[subgraph] = std::min(first_work[subgraph], slice.begin);
    }
    std::int64_t begin = 0;
    for (std::size_t subgraph = 0; subgraph < run.size(); ++subgraph) {
      const std::int64_t cycles = run[subgraph].latency_cycles;
      const double work = std::isfinite(first_work[subgraph]) ? first_work[subgraph] : static_cast<double>(begin);
      event(
          "{{\"ph\":\"X\",\"pid\":1,\"tid\":{},{},\"cat\":\"pass\",\"name\":{},\"args\":{{\"pass\":{},"
          "\"begin_cycle\":{},\"cycles\":{},\"first_work_cycle\":{}}}}}",
          kSubgraphTrack, times(static_cast<double>(begin), static_cast<double>(begin + cycles)),
          quoted(run[subgraph].name), subgraph, begin, cycles, cycles_text(work));
      begin += cycles;
    }
  }

  void slices() {
    const std::vector<std::string> names = quoted(timeline_.subgraphs);
    std::vector<std::string> open_names;
    for (const std::string& name : timeline_.subgraphs) open_names.push_back(open_quoted(name));
    for (const record::Slice& slice : timeline_.slices) {
      const auto subgraph = static_cast<std::size_t>(slice.subgraph);
      const std::string cause = slice.stall ? record::to_string(*slice.stall) : "";
      const bool busy = !slice.stall;
      const std::string tile = slice.tile >= 0 ? fmt::format("\"tile\":{},", slice.tile) : "";
      std::string look;
      if (!busy) {
        look = fmt::format("\"cat\":\"stall\",\"cname\":\"{}\",\"name\":{}", record::name_of(*slice.stall).colour,
                           quoted("stall: " + cause));
      } else if (slice.tile >= 0) {
        look = fmt::format("\"cat\":\"busy\",\"name\":{} tile {}\"", open_names[subgraph], slice.tile);
      } else {
        look = fmt::format("\"cat\":\"busy\",\"name\":{}", names[subgraph]);
      }
      event(
          "{{\"ph\":\"X\",\"pid\":1,\"tid\":{},{},{},\"args\":{{\"pass\":{},{}\"state\":{},\"begin_cycle\":{},"
          "\"cycles\":{}}}}}",
          unit_track(static_cast<std::size_t>(slice.unit)), times(slice.begin, slice.end), look, names[subgraph], tile,
          busy ? "\"busy\"" : quoted(cause), cycles_text(slice.begin), cycles_text(slice.end - slice.begin));
    }
  }

  void samples() {
    const std::vector<std::string> names = quoted(timeline_.counters);
    for (const record::CounterSample& sample : timeline_.samples) {
      const std::int64_t at = nanoseconds(sample.at);
      event("{{\"ph\":\"C\",\"pid\":1,\"ts\":{}.{:03},\"name\":{},\"args\":{{\"value\":{}}}}}", at / 1000, at % 1000,
            names[static_cast<std::size_t>(sample.counter)], sample.value);
    }
  }

  record::FileWriter& file_;
  const record::Timeline& timeline_;
  fmt::memory_buffer line_;
  bool first_ = true;
};

}  // namespace

std::string slice_length(std::int64_t from_ns, std::int64_t until_ns) {
  const std::int64_t ns = until_ns - from_ns;
  return ns == 0 ? "0.000" : fmt::format("{}.{:03}999", (ns - 1) / 1000, (ns - 1) % 1000);
}

void write_trace(record::FileWriter& file, const record::Timeline& timeline, const TimedRun& run) {
  check_timeline(timeline);
  TraceWriter(file, timeline).write(run);
}

}  // namespace lanewise::report
