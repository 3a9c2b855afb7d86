// SPDX-License-Identifier: Apache-2.0
#include "report/waveform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "report/timeline_view.hpp"

namespace lanewise::report {
namespace {

// One word without white space, and without the dollar sign that keywords begin with.
std::string word(std::string text) {
  for (char& c : text) {
    if (std::isgraph(static_cast<unsigned char>(c)) == 0 || c == '$') c = '_';
  }
  return text.empty() ? "_" : text;
}

// The same of each of several words.
std::string words(const std::string& text) {
  std::string out = word(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') out[i] = ' ';
  }
  return out;
}

// Short names of signals: digits to the base of the 94 printable characters.
std::string identifier(std::size_t number) {
  constexpr std::size_t kCharacters = 94;
  std::string out;
  do {
    out += static_cast<char>('!' + number % kCharacters);
    number /= kCharacters;
  } while (number > 0);
  return out;
}

std::string binary(std::size_t value, int digits) {
  std::string out;
  for (int digit = digits - 1; digit >= 0; --digit) out += (value >> digit & 1U) != 0 ? '1' : '0';
  return out;
}

bool whole(double cycles) { return cycles == std::floor(cycles); }

bool all_whole(const record::Timeline& t) {
  return whole(t.cycles) &&
         std::all_of(t.slices.begin(), t.slices.end(),
                     [](const record::Slice& s) { return whole(s.begin) && whole(s.end); }) &&
         std::all_of(t.samples.begin(), t.samples.end(), [](const record::CounterSample& s) { return whole(s.at); });
}

class WaveformWriter {
 public:
  WaveformWriter(record::FileWriter& file, const record::Timeline& timeline)
      : file_(file), t_(timeline), causes_(stall_causes(timeline)), picoseconds_(!all_whole(timeline)) {
    while ((std::size_t{1} << state_bits_) < causes_.size() + 2) ++state_bits_;
  }

  void write(const TimedRun& run) {
    header(run);
    collect();
    dump();
    file_.finish();
  }

 private:
  // Of a unit; counters come after the units' signals.
  enum Signal : std::size_t { kState, kSubgraph, kTile, kSignals };

  // A slice that ends, one that begins, or a sample. Ends come before begins of the same moment.
  struct Change {
    std::int64_t at = 0;
    enum class Kind { kEnd, kBegin, kSample } kind = Kind::kEnd;
    std::size_t place = 0;
  };

  std::int64_t units_of_time(double cycles) const { return std::llround(picoseconds_ ? cycles * 1000 : cycles); }
  std::string name(std::size_t unit, Signal signal) const { return identifier(unit * kSignals + signal); }
  std::string counter_name(std::size_t counter) const { return identifier(t_.units.size() * kSignals + counter); }

  void header(const TimedRun& run) {
    file_.write(fmt::format("$version lanewise {} $end\n", word(run.tool_version)));
    file_.write(fmt::format("$comment {} on {}: 1 ns is 1 cycle of the engine's clock, {} Hz $end\n", word(run.network),
                            word(run.engine), t_.clock_hz));
    for (const engine::Override& change : run.identity.overrides)
      file_.write(fmt::format("$comment engine override {}={} $end\n", word(change.key), words(change.value)));
    if (!run.identity.hash.empty()) file_.write(fmt::format("$comment engine hash: {} $end\n", run.identity.hash));
    file_.write("$comment states of units\n");
    for (std::size_t state = 0; state < causes_.size() + 2; ++state) {
      const std::string meaning = state == 0   ? "idle"
                                  : state == 1 ? "busy"
                                               : "stall:" + word(record::to_string(causes_[state - 2]));
      file_.write(fmt::format("{} {}\n", binary(state, state_bits_), meaning));
    }
    file_.write("$end\n$comment passes\n");
    for (std::size_t subgraph = 0; subgraph < t_.subgraphs.size(); ++subgraph) {
      file_.write(fmt::format("{} {}\n", subgraph, word(t_.subgraphs[subgraph])));
    }
    file_.write(fmt::format("$end\n$timescale 1 {} $end\n", picoseconds_ ? "ps" : "ns"));
    file_.write(fmt::format("$scope module {} $end\n", word(run.engine)));
    for (std::size_t unit = 0; unit < t_.units.size(); ++unit) {
      file_.write(fmt::format("$scope module {} $end\n", word(t_.units[unit])));
      file_.write(
          fmt::format("$var reg {0} {1} state [{2}:0] $end\n", state_bits_, name(unit, kState), state_bits_ - 1));
      file_.write(fmt::format("$var integer 32 {} pass $end\n", name(unit, kSubgraph)));
      file_.write(fmt::format("$var integer 32 {} tile $end\n$upscope $end\n", name(unit, kTile)));
    }
    if (!t_.counters.empty()) {
      file_.write("$scope module counters $end\n");
      for (std::size_t c = 0; c < t_.counters.size(); ++c) {
        file_.write(fmt::format("$var real 64 {} {} $end\n", counter_name(c), word(t_.counters[c])));
      }
      file_.write("$upscope $end\n");
    }
    file_.write("$upscope $end\n$enddefinitions $end\n");
  }

  void collect() {
    changes_.reserve(2 * t_.slices.size() + t_.samples.size());
    for (std::size_t s = 0; s < t_.slices.size(); ++s) {
      const std::int64_t begin = units_of_time(t_.slices[s].begin);
      const std::int64_t end = units_of_time(t_.slices[s].end);
      if (begin == end) continue;
      changes_.push_back({begin, Change::Kind::kBegin, s});
      changes_.push_back({end, Change::Kind::kEnd, s});
    }
    for (std::size_t s = 0; s < t_.samples.size(); ++s) {
      changes_.push_back({units_of_time(t_.samples[s].at), Change::Kind::kSample, s});
    }
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
      if (a.at != b.at) return a.at < b.at;
      return a.kind != b.kind ? a.kind < b.kind : a.place < b.place;
    });
  }

  void apply(const Change& change) {
    if (change.kind == Change::Kind::kSample) {
      const record::CounterSample& sample = t_.samples[change.place];
      const auto counter = static_cast<std::size_t>(sample.counter);
      set(t_.units.size() * kSignals + counter, fmt::format("r{} ", sample.value));
      return;
    }
    const record::Slice& slice = t_.slices[change.place];
    const std::size_t first = static_cast<std::size_t>(slice.unit) * kSignals;
    std::size_t state = 0;
    std::int32_t subgraph = -1, tile = -1;
    if (change.kind == Change::Kind::kBegin) {
      if (slice.stall) {
        const auto cause = std::find(causes_.begin(), causes_.end(), *slice.stall);
        state = static_cast<std::size_t>(cause - causes_.begin()) + 2;
      } else {
        state = 1;
      }
      subgraph = slice.subgraph;
      tile = slice.tile;
    }
    set(first + kState, fmt::format("b{} ", binary(state, state_bits_)));
    set(first + kSubgraph, number(subgraph));
    set(first + kTile, number(tile));
  }

  // Nothing drives the number while there is none.
  static std::string number(std::int32_t value) { return value < 0 ? "bz " : fmt::format("b{:b} ", value); }

  void set(std::size_t signal, std::string value) {
    if (next_[signal].empty()) touched_.push_back(signal);
    next_[signal] = std::move(value);
  }

  // Writes what has changed since the last moment.
  void settle(std::int64_t at) {
    std::sort(touched_.begin(), touched_.end());
    bool stamped = false;
    for (const std::size_t signal : touched_) {
      std::string value = std::exchange(next_[signal], "");
      if (value == now_[signal]) continue;
      if (!stamped) file_.write(fmt::format("#{}\n", at));
      stamped = true;
      file_.write(value + identifier(signal) + '\n');
      now_[signal] = std::move(value);
    }
    touched_.clear();
  }

  void dump() {
    const std::size_t signals = t_.units.size() * kSignals;
    now_.resize(signals + t_.counters.size());
    next_.resize(now_.size());
    for (std::size_t signal = 0; signal < now_.size(); ++signal) {
      now_[signal] = signal >= signals             ? "r0 "
                     : signal % kSignals == kState ? fmt::format("b{} ", binary(0, state_bits_))
                                                   : number(-1);
    }
    std::size_t c = 0;
    while (c < changes_.size() && changes_[c].at == 0) apply(changes_[c++]);
    for (const std::size_t signal : touched_) now_[signal] = std::exchange(next_[signal], "");
    touched_.clear();
    file_.write("#0\n$dumpvars\n");
    for (std::size_t signal = 0; signal < now_.size(); ++signal) {
      file_.write(now_[signal] + identifier(signal) + '\n');
    }
    file_.write("$end\n");
    for (; c < changes_.size(); ++c) {
      apply(changes_[c]);
      if (c + 1 == changes_.size() || changes_[c + 1].at != changes_[c].at) settle(changes_[c].at);
    }
    const std::int64_t last = changes_.empty() ? 0 : changes_.back().at;
    const std::int64_t end = units_of_time(t_.cycles);
    if (end > last) file_.write(fmt::format("#{}\n", end));
  }

  record::FileWriter& file_;
  const record::Timeline& t_;
  const std::vector<record::StallCause> causes_;
  const bool picoseconds_;
  int state_bits_ = 4;
  std::vector<Change> changes_;
  std::vector<std::string> now_, next_;  // value of each signal: as written; as it will be, "" if unchanged
  std::vector<std::size_t> touched_;
};

}  // namespace

void write_waveform(record::FileWriter& file, const record::Timeline& timeline, const TimedRun& run) {
  check_timeline(timeline);
  WaveformWriter(file, timeline).write(run);
}

}  // namespace lanewise::report
