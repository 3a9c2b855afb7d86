// SPDX-License-Identifier: Apache-2.0
// A value change dump read back by what the standard says, compared with the timeline it was written from.
#include "report/waveform.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "core/base/error.hpp"
#include "tests/report/timelines.hpp"

namespace lanewise::report::testing {
namespace {

struct Signal {
  std::string type, scope, name;
  int size = 0;
  std::vector<std::pair<std::int64_t, std::string>> changes;  // time, value

  // The value at a time: that of the last change not after it.
  std::string at(std::int64_t time) const {
    std::string value;
    for (const auto& [when, what] : changes) {
      if (when <= time) value = what;
    }
    return value;
  }
};

struct Dump {
  std::string timescale;
  std::map<std::string, std::string> states;  // bits -> meaning
  std::map<std::string, Signal> signals;      // by scope.name
  std::int64_t end = 0;
  std::vector<std::int64_t> times;
};

class Reader {
 public:
  explicit Reader(const std::string& text) : words_(text) {}

  Dump read() {
    std::string word;
    while (words_ >> word && word != "$enddefinitions") definition(word);
    words_ >> word;
    EXPECT_EQ(word, "$end");
    std::int64_t now = -1;
    while (words_ >> word) {
      if (word[0] == '#') {
        const std::int64_t next = std::stoll(word.substr(1));
        EXPECT_GT(next, now) << "times must grow";
        dump_.times.push_back(now = next);
      } else if (word[0] == 'b' || word[0] == 'r') {
        std::string id;
        words_ >> id;
        EXPECT_EQ(by_id_.count(id), 1u) << id;
        dump_.signals[by_id_[id]].changes.emplace_back(now, word.substr(1));
      } else {
        EXPECT_TRUE(word == "$dumpvars" || word == "$end") << word;
      }
    }
    dump_.end = now;
    return dump_;
  }

 private:
  std::vector<std::string> until_end() {
    std::vector<std::string> out;
    for (std::string word; words_ >> word && word != "$end";) out.push_back(word);
    return out;
  }

  void definition(const std::string& keyword) {
    const std::vector<std::string> words = until_end();
    if (keyword == "$timescale") {
      for (const std::string& word : words) dump_.timescale += word;
    } else if (keyword == "$scope") {
      scopes_.push_back(words.at(1));
    } else if (keyword == "$upscope") {
      scopes_.pop_back();
    } else if (keyword == "$var") {
      Signal signal{words.at(0), scopes_.back(), words.at(3), std::stoi(words.at(1)), {}};
      const std::string key = signal.scope + "." + signal.name;
      EXPECT_EQ(by_id_.count(words.at(2)), 0u) << "two signals of one name";
      by_id_[words.at(2)] = key;
      dump_.signals[key] = signal;
    } else if (keyword == "$comment" && words.size() > 3 && words[0] == "states") {
      for (std::size_t i = 3; i + 1 < words.size(); i += 2) dump_.states[words[i]] = words[i + 1];
    } else {
      EXPECT_TRUE(keyword == "$comment" || keyword == "$version") << keyword;
    }
  }

  std::istringstream words_;
  Dump dump_;
  std::vector<std::string> scopes_;
  std::map<std::string, std::string> by_id_;
};

std::string text_of(const record::Timeline& timeline) {
  const WrittenFile file("waveform");
  record::FileWriter writer(file.path());
  write_waveform(writer, timeline, kRun);
  return file.text();
}

// -1 where nothing drives the signal.
std::int64_t number(const std::string& bits) { return bits == "z" ? -1 : std::stoll(bits, nullptr, 2); }

// Every signal of every unit at every moment at which something may change, against the slices themselves.
void expect_shows(const Dump& dump, const record::Timeline& timeline, double units_a_cycle) {
  const auto time = [&](double cycles) { return std::llround(cycles * units_a_cycle); };
  for (std::size_t u = 0; u < timeline.units.size(); ++u) {
    const Signal& state = dump.signals.at(timeline.units[u] + ".state");
    const Signal& subgraph = dump.signals.at(timeline.units[u] + ".pass");
    const Signal& tile = dump.signals.at(timeline.units[u] + ".tile");
    std::int64_t end = 0;
    for (const record::Slice& slice : timeline.slices) {
      if (static_cast<std::size_t>(slice.unit) != u) continue;
      if (time(slice.begin) > end) {
        EXPECT_EQ(dump.states.at(state.at(end)), "idle") << timeline.units[u] << " at " << end;
        EXPECT_EQ(number(subgraph.at(end)), -1);
      }
      for (const std::int64_t at : {time(slice.begin), time(slice.end) - 1}) {
        EXPECT_EQ(dump.states.at(state.at(at)), slice.stall ? "stall:" + state_of(slice) : "busy") << at;
        EXPECT_EQ(number(subgraph.at(at)), slice.subgraph) << at;
        EXPECT_EQ(number(tile.at(at)), slice.tile) << at;
      }
      end = time(slice.end);
    }
    EXPECT_EQ(dump.states.at(state.at(end)), "idle");
    for (std::size_t c = 1; c < state.changes.size(); ++c) {
      EXPECT_NE(state.changes[c].second, state.changes[c - 1].second) << "a change that changes nothing";
    }
  }
}

TEST(Waveform, read_back_it_is_the_timeline) {
  const record::Timeline timeline = two_subgraphs();
  const Dump dump = Reader(text_of(timeline)).read();
  EXPECT_EQ(dump.timescale, "1ps") << "some times are parts of a cycle";
  EXPECT_EQ(dump.end, 60000);
  expect_shows(dump, timeline, 1000);
  const Signal& counter = dump.signals.at("counters.dram_read_bytes_per_cycle");
  EXPECT_EQ(counter.type, "real");
  for (std::size_t s = 0; s < timeline.samples.size(); ++s) {
    EXPECT_EQ(std::stod(counter.at(std::llround(timeline.samples[s].at * 1000))), timeline.samples[s].value);
  }
}

TEST(Waveform, whole_cycles_are_nanoseconds) {
  record::Timeline timeline = two_subgraphs();
  for (record::Slice& slice : timeline.slices) {
    slice.begin = std::floor(slice.begin);
    slice.end = std::floor(slice.end);
  }
  for (record::CounterSample& sample : timeline.samples) sample.at = std::floor(sample.at);
  const Dump dump = Reader(text_of(timeline)).read();
  EXPECT_EQ(dump.timescale, "1ns");
  EXPECT_EQ(dump.end, 60);
  expect_shows(dump, timeline, 1);
}

TEST(Waveform, many_slices_read_back_too) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(seed);
    const record::Timeline timeline = by_lot(seed);
    expect_shows(Reader(text_of(timeline)).read(), timeline, 1000);
  }
}

TEST(Waveform, a_word_of_state_is_wide_enough_for_every_cause) {
  record::Timeline timeline = two_subgraphs();
  timeline.slices.clear();
  double at = 0;
  for (const record::StallCauseName& name : record::stall_cause_names()) {
    timeline.slices.push_back({0, 0, 0, at, at + 1, name.cause});
    ++at;
  }
  const Dump dump = Reader(text_of(timeline)).read();
  EXPECT_EQ(dump.signals.at("load_dma.state").size, 4);
  EXPECT_EQ(dump.states.size(), record::stall_cause_names().size() + 2);  // and busy, idle
  expect_shows(dump, timeline, 1000);
}

TEST(Waveform, more_signals_than_printable_characters_keep_names_apart) {
  record::Timeline timeline = two_subgraphs();
  timeline.slices.clear();
  timeline.units.clear();
  for (std::int32_t unit = 0; unit < 100; ++unit) {
    timeline.units.push_back("unit" + std::to_string(unit));
    timeline.slices.push_back({unit, unit % 2, unit, static_cast<double>(unit), unit + 2.0, {}});
  }
  expect_shows(Reader(text_of(timeline)).read(), timeline, 1000);
}

TEST(Waveform, the_same_timeline_gives_the_same_bytes) {
  EXPECT_EQ(text_of(by_lot(7)), text_of(by_lot(7)));
  EXPECT_NE(text_of(by_lot(7)), text_of(by_lot(8)));
}

TEST(Waveform, an_empty_timeline_is_still_a_waveform) {
  record::Timeline nothing;
  nothing.clock_hz = 1e9;
  EXPECT_TRUE(Reader(text_of(nothing)).read().signals.empty());
}

TEST(Waveform, a_timeline_that_cannot_be_is_refused) {
  const WrittenFile file("refused");
  record::FileWriter writer(file.path());
  record::Timeline timeline = two_subgraphs();
  timeline.slices[1].begin = 9;
  EXPECT_THROW(write_waveform(writer, timeline, kRun), InternalError);
}

}  // namespace
}  // namespace lanewise::report::testing
