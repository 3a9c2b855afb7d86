// SPDX-License-Identifier: Apache-2.0
// --report: pages that hold the whole answer, need nothing else, and let no name out of its place. What a browser makes
// of them tests/browser looks at.
#include <map>
#include <regex>

#include "tests/cli/codesign_jobs.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const char* const kSpace =
    "name: small\n"
    "network:\n"
    "  input: {channels: 3, height: 16, width: 16}\n"
    "  stem: {channels: 8, kernel: 3, stride: 2}\n"
    "  stages:\n"
    "    a: {type: [ibn, fused_ibn], expansion: [2, 3], channels: {from: 8, to: 24, step: 8}, repeats: [1, 2]}\n"
    "  head: {type: classification, classes: 10}\n"
    "engine: {vary: none}\n"
    "capacity: {parameters: 0.9, macs: 0.9}\n";

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// The script elements of a page, as a browser takes them apart: each ends at the first end tag.
struct Script {
  std::string attributes, text;
};
std::vector<Script> scripts_of(const std::string& page) {
  std::vector<Script> scripts;
  for (std::size_t at = page.find("<script"); at != std::string::npos; at = page.find("<script", at)) {
    const std::size_t begin = page.find('>', at) + 1, end = page.find("</script>", begin);
    if (end == std::string::npos) break;
    scripts.push_back({page.substr(at + 7, begin - at - 8), page.substr(begin, end - begin)});
    at = end;
  }
  return scripts;
}

// The JSON of that name as it is written in the page.
std::string data_of(const std::string& page, const std::string& id) {
  for (const Script& script : scripts_of(page)) {
    if (script.attributes.find("id=\"" + id + "\"") != std::string::npos) return script.text;
  }
  return "";
}

void expect_whole(const std::string& page, const std::string& title) {
  EXPECT_EQ(page.rfind("<!doctype html>\n<html lang=\"en\">", 0), 0u);
  EXPECT_EQ(page.substr(page.size() - 15), "/body>\n</html>\n");
  EXPECT_NE(page.find("<title>" + title), std::string::npos) << page.substr(0, 600);
  EXPECT_EQ(count_of(page, "</script>"), scripts_of(page).size());
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  // Nothing is loaded: no attribute or rule names a place to load from.
  std::string outside = page;
  for (const Script& script : scripts_of(page)) outside.replace(outside.find(script.text), script.text.size(), "");
  EXPECT_FALSE(std::regex_search(outside, std::regex("(src|href|action|data)=|@import|url\\(|<link|<iframe|<img")));
  // What addresses there are in the libraries are names of formats and their own homes.
  const std::regex address("https?://[A-Za-z0-9./_-]*");
  for (std::sregex_iterator at(page.begin(), page.end(), address), end; at != end; ++at) {
    EXPECT_TRUE(std::regex_search(
        at->str(), std::regex("^https?://(www\\.w3\\.org/|d3js\\.org$|unlicense\\.org|www\\.apache\\.org/licenses/)")))
        << at->str();
  }
}

// Runs the verb with --report; the page holds what the verb prints with --json, byte for byte, and the rest is as it is
// without a page.
std::string page_of(const Arguments& verb, const std::string& title) {
  const ScratchFolder folder;
  const std::string file = folder.file("page.html");
  Arguments arguments = verb;
  arguments.insert(arguments.end(), {"--report", file, "--json"});
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  const std::string page = text_of(file);
  EXPECT_FALSE(page.empty());
  expect_whole(page, title);
  std::string answer = finished.out;
  for (std::size_t at = answer.find('<'); at != std::string::npos; at = answer.find('<', at)) {
    answer.replace(at, 1, "\\u003c");
  }
  EXPECT_TRUE(data_of(page, "answer") == answer) << "the page's answer is not that of --json";
  return page;
}

TEST(Page, of_simulate_holds_answer_profile_and_memory) {
  const Arguments verb = {"simulate", kSqueezeNet, "--hw", kEngine};
  const std::string page = page_of(verb, "squeezenet1_1 on ne-256");
  EXPECT_EQ(data_of(page, "answer").find("profile"), std::string::npos) << "--report asks for no more in the answer";
  Arguments with_profile = verb;
  with_profile.emplace_back("--profile");
  EXPECT_EQ(Json::parse(data_of(page, "profile")), Json::array({run_json(with_profile).at("profile")}));
  EXPECT_EQ(Json::parse(data_of(page, "memory")),
            Json::array({run_json({"network", "memory", kSqueezeNet, "--hw", kEngine})}));
  EXPECT_TRUE(Json::parse(data_of(page, "about")).at("resources").contains("dram"));
  EXPECT_TRUE(page == page_of(verb, "squeezenet1_1 on ne-256")) << "the same answer gives the same bytes";
}

TEST(Page, of_several_networks_has_one_entry_each) {
  const std::string page =
      page_of({"simulate", kSqueezeNet, kMobileNet, "--hw", kEngine}, "squeezenet1_1, mobilenet_v2 on");
  EXPECT_EQ(Json::parse(data_of(page, "answer")).size(), 2u);
  EXPECT_EQ(Json::parse(data_of(page, "profile")).size(), 2u);
  EXPECT_EQ(Json::parse(data_of(page, "memory"))[1].at("network"), "mobilenet_v2");
}

TEST(Page, of_sweep_and_compare) {
  page_of({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "engine.parallelism_factor=8,16", "--jobs", "1"},
          "Sweep of engine.parallelism_factor around ne-256");
  page_of({"compare", "ne-256", "ne-512", "--model", kSqueezeNet},
          "squeezenet1_1 on ne-256 against squeezenet1_1 on ne-512");
}

TEST(Page, of_validate_holds_every_row) {
  const ScratchFolder folder;
  std::string rows = text_of("benchmarks/validation/rtl_layers.csv");
  std::size_t end = 0;
  for (int line = 0; line < 13; ++line) end = rows.find('\n', end) + 1;
  const std::string file = folder.write("few.csv", rows.substr(0, end));
  const std::string page = page_of({"validate", file}, "Simulated and measured cycles of few.csv");
  const Json drawn = Json::parse(data_of(page, "rows"));
  ASSERT_EQ(drawn.size(), 12u);
  const Json answer = Json::parse(data_of(page, "answer"));
  double sum = 0;
  for (const Json& row : drawn) sum += std::abs(row.at("error_percent").get<double>());
  EXPECT_NEAR(sum / 12, answer.at("all").at("mape_percent").get<double>(), 1e-9);
  page_of({"validate", "benchmarks/validation/rtl_back_to_back.csv"},
          "Simulated and measured cycles of rtl_back_to_back");
}

TEST(Page, of_evaluate_and_landscape) {
  const ScratchFolder folder;
  ASSERT_EQ(run({"measure", kSqueezeNet, "--hw", kEngine, "--rows", "300", "--engines", "8", "--out", folder.file("a")})
                .status,
            0);
  ASSERT_EQ(run({"train", folder.file("a"), "--out", folder.file("m.lwm"), "--trees", "20", "--depth", "4"}).status, 0);
  page_of({"evaluate", folder.file("m.lwm")}, "Accuracy of the estimator of the family ne");
  page_of({"landscape", folder.write("small.yaml", kSpace), "--hw", kEngine, "--designs", "4", "--walks", "1",
           "--walk-steps", "4", "--descents", "1", "--seeds", "2", "--samples", "6", "--jobs", "1"},
          "Landscape of small on ne-256");
}

TEST(Page, of_codesign_draws_what_the_job_found) {
  const ScratchFolder folder;
  const std::string out = folder.file("job"), file = out + "/page.html";
  const Finished finished = run(codesign(out, {"--report", file, "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::string page = text_of(file);
  expect_whole(page, "Codesign of mobilenet_v2 and ne-256");
  EXPECT_EQ(Json::parse(data_of(page, "answer")), Json::parse(finished.out));
  EXPECT_EQ(Json::parse(data_of(page, "history")).get<std::string>(), text_of(out + "/history.csv"));
  EXPECT_EQ(Json::parse(data_of(page, "front")).get<std::string>(), text_of(out + "/front.csv"));
  // The finalists' blocks are of what the result says that they cost.
  const Json answer = Json::parse(finished.out), finalists = Json::parse(data_of(page, "finalists"));
  ASSERT_EQ(finalists.size(), answer.at("finalists").size());
  for (std::size_t i = 0; i < finalists.size(); ++i) {
    EXPECT_EQ(finalists[i].at("total").at("latency_cycles"),
              answer.at("finalists")[i].at("simulated").at("latency_cycles"));
  }
  EXPECT_EQ(Json::parse(data_of(page, "baseline")).at("total").at("latency_cycles"),
            answer.at("baseline").at("simulated").at("latency_cycles"));
  // A job that is done makes the page from what it left.
  const Finished again = run(codesign(out, {"--report", folder.file("again.html"), "--json"}));
  ASSERT_EQ(again.status, 0) << again.err;
  for (const char* id : {"history", "front", "finalists", "baseline"}) {
    EXPECT_EQ(data_of(text_of(folder.file("again.html")), id), data_of(page, id)) << id;
  }
}

TEST(Page, names_stay_in_their_place) {
  const ScratchFolder folder;
  const std::string plain = "classifier";
  for (const std::string hostile : {"</script>x", "<!--script", "\x1b]\n\xff<b>&\""}) {
    std::string name = hostile;
    name.resize(plain.size(), 'x');
    std::string bytes = text_of(kSqueezeNet);
    for (std::size_t at = bytes.find(plain); at != std::string::npos; at = bytes.find(plain, at + 1)) {
      bytes.replace(at, plain.size(), name);
    }
    const std::string model = folder.write("<b>&'\"" + std::to_string(name[0]) + ".onnx", bytes);
    const std::string page = page_of({"simulate", model, "--hw", kEngine}, "&lt;b&gt;&amp;'&quot;");
    for (const Script& script : scripts_of(page)) {
      if (script.attributes.find("application/json") == std::string::npos) continue;
      EXPECT_TRUE(Json::accept(script.text)) << script.attributes;
      EXPECT_EQ(script.text.find('<'), std::string::npos) << script.attributes;
    }
  }
}

TEST(Page, is_named_where_it_was_written_and_refused_before_any_work) {
  const ScratchFolder folder;
  const Arguments simulate = {"simulate", kSqueezeNet, "--hw", kEngine};
  const auto with = [&](const Arguments& more) {
    Arguments words = simulate;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::string file = folder.file("p.html");
  const Finished finished = run(with({"--report", file}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("wrote " + file + "\n"), std::string::npos) << finished.out;
  EXPECT_EQ(run(with({})).out, finished.out.substr(0, finished.out.find("\nwrote "))) << "the answer stays as it is";
  const std::string missing = folder.file("none/p.html");
  expect_refused(with({"--report", missing}), 1, {missing});
  expect_refused(with({"--report", folder.file("")}), 1, {});
  expect_refused(with({"--report", file, "--out", file}), 2, {"--report", file});
  expect_refused(with({"--report", file, "--trace", file}), 2, {"--report", file});
  expect_refused({"simulate", "doorbell", "--report", file}, 1, {"--report"});
  const std::string job = folder.file("job");
  expect_refused(codesign(job, {"--report", missing}), 1, {missing});
  EXPECT_FALSE(std::filesystem::exists(job)) << "a refused job leaves no folder";
}

}  // namespace
}  // namespace lanewise::cli::testing
