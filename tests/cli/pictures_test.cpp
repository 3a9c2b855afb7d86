// SPDX-License-Identifier: Apache-2.0
// The pictures of the docs are of the kind that the program draws now, and every drawing can be read by who does not
// see it, and on dark ground.
#include <map>
#include <regex>
#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

// What a drawing is made of: elements with their classes.
std::set<std::string> kinds_of(const std::string& svg) {
  std::set<std::string> kinds;
  const std::regex element("<([a-z]+)(?: class=\"([a-z ]+)\")?");
  for (std::sregex_iterator at(svg.begin(), svg.end(), element), end; at != end; ++at) {
    kinds.insert((*at)[1].str() + "." + (*at)[2].str());
  }
  return kinds;
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  const std::size_t at = from + begin.size();
  return text.substr(at, text.find(end, at) - at);
}

void expect_whole(const std::string& path) {
  SCOPED_TRACE(path);
  const std::string svg = text_of(path);
  EXPECT_EQ(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0), 0u);
  EXPECT_NE(svg.find(" role=\"img\" aria-labelledby=\"title description\""), std::string::npos);
  EXPECT_GT(between(svg, "<title id=\"title\">", "</title>").size(), 10u);
  EXPECT_GT(between(svg, "<desc id=\"description\">", "</desc>").size(), 30u);
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf\""), std::string::npos);
  if (!fs::exists("/usr/bin/rsvg-convert")) return;
  const ScratchFolder scratch;
  const Finished drawn = Running({"--output", scratch.file("out.png"), path}, "/usr/bin/rsvg-convert").wait();
  EXPECT_EQ(drawn.status, 0) << drawn.err;
  EXPECT_EQ(drawn.err, "");
  EXPECT_GT(fs::file_size(scratch.file("out.png")), 10000u);
}

TEST(Pictures, of_the_docs_are_of_the_kind_that_is_drawn_now) {
  const ScratchFolder scratch;
  ::setenv("LANEWISE", (std::string(LANEWISE_BINARY_DIR) + "/lanewise").c_str(), 1);
  const Finished made = Running({"scripts/make-pictures", scratch.file("made")}, "/bin/bash").wait();
  ASSERT_EQ(made.status, 0) << made.err;
  std::set<std::string> kept, drawn;
  for (const auto& entry : fs::directory_iterator("docs/pictures")) {
    if (entry.path().extension() == ".svg") kept.insert(entry.path().filename());
  }
  for (const auto& entry : fs::directory_iterator(scratch.file("made"))) drawn.insert(entry.path().filename());
  EXPECT_EQ(kept, drawn);
  EXPECT_EQ(kept.size(), 3u);
  for (const std::string& name : drawn) {
    const std::string now = text_of(scratch.file("made") + "/" + name), then = text_of("docs/pictures/" + name);
    EXPECT_EQ(kinds_of(then), kinds_of(now)) << name << ": run scripts/make-pictures";
    EXPECT_EQ(between(then, "<title id=\"title\">", "</title>"), between(now, "<title id=\"title\">", "</title>"))
        << name;
    expect_whole(scratch.file("made") + "/" + name);
  }
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

// Every row is a mark, and a mark that is Pareto-optimal in the answer is one in the picture.
TEST(SweepPlot, shows_every_row_and_marks_those_that_the_answer_marks) {
  const ScratchFolder scratch;
  const std::vector<Arguments> varied = {
      {"--vary", "engine.parallelism_factor=8,16,32"},
      {"--vary", "engine.parallelism_factor=8,16", "--vary", "dram.bandwidth=3.2 GB/s,12.8 GB/s", "--objectives",
       "latency_ms,energy_uj"},
      {"--vary", "engine.parallelism_factor=8,16", "--vary", "dram.bandwidth=3.2 GB/s,12.8 GB/s", "--vary", "batch=1,2",
       "--objectives", "energy_uj"},
      {"--vary", "dram.bandwidth=1 GB/s,2 GB/s,3 GB/s,4 GB/s,5 GB/s,6 GB/s,7 GB/s,8 GB/s,9 GB/s"}};
  for (const Arguments& more : varied) {
    const std::string plot = scratch.file("plot.svg");
    Arguments words = {"sweep", "models/ds_cnn_kws.tflite", kSqueezeNet, "--hw", kEngine, "--plot", plot};
    words.insert(words.end(), more.begin(), more.end());
    const Json answer = run_json(words);
    const std::string svg = text_of(plot);
    expect_whole(plot);
    std::size_t rows = 0, best = 0;
    for (const Json& row : answer["rows"]) {
      if (row.contains("failure") && row["failure"] != "" && !row["failure"].is_null()) continue;
      ++rows;
      best += row["pareto"].get<bool>() ? 1 : 0;
      for (const auto& [key, value] : row["settings"].items()) {
        EXPECT_NE(svg.find(key + " " + value.get<std::string>()), std::string::npos) << key;
      }
    }
    EXPECT_GT(rows, 2u);
    EXPECT_EQ(count(svg, "<title>"), rows) << more.back();
    EXPECT_EQ(count(svg, "Pareto-optimal</title>"), best);
    EXPECT_EQ(count(svg, "class=\"frame\""), 2u);  // a panel each
  }
}

TEST(SweepPlot, is_refused_where_it_cannot_be_drawn) {
  const ScratchFolder scratch;
  const std::string file = scratch.file("one.svg");
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--plot", file, "--out", file}, 2, {"--plot", "--out"});
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--plot", "/nowhere/one.svg"}, 1, {"/nowhere/one.svg"});
  expect_refused({"sweep", "doorbell", "--hw", kEngine, "--plot", file}, 1, {"--plot", "workload"});
}

}  // namespace
}  // namespace lanewise::cli::testing
