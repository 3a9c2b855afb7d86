// SPDX-License-Identifier: Apache-2.0
// What the page may ask: right numbers for right requests, one line for wrong ones.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"
#include "tests/explore/small_subject.hpp"

namespace lanewise::explore::testing {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "lanewise-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Explored {
  Session session;
  explicit Explored(const std::string& folder = "") : session(shared_subject(), study::make_simulator(), folder) {}
  Json ask(const std::string& path, const Json& body) {
    const Reply reply = session.post(path, body.dump());
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body);
  }
  Json look(const std::string& path) { return Json::parse(session.get(path, {}).body); }
  // What every mistake must look like.
  void refuses(const std::string& path, const std::string& body, const std::vector<std::string>& named,
               int status = 400) {
    SCOPED_TRACE(path + " " + body.substr(0, 200));
    const Reply reply = session.post(path, body);
    EXPECT_EQ(reply.status, status) << reply.body;
    const std::string error = Json::parse(reply.body).at("error");
    EXPECT_EQ(error.rfind("lanewise: error: ", 0), 0u) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
    for (const std::string& word : named) EXPECT_NE(error.find(word), std::string::npos) << word << " in " << error;
  }
};

TEST(Session, estimates_what_the_study_estimates) {
  Explored explored;
  const Json answer =
      explored.ask("/api/estimate", design({{"engine.parallelism_factor", "32"}, {"dram.bandwidth", "6.4 GB/s"}}));
  const engine::EngineConfig engine =
      engine::load_engine(kHwconfig, {{"engine.parallelism_factor", "32"}, {"dram.bandwidth", "6.4 GB/s"}}).config;
  study::EstimateOptions options;
  options.level = shared_subject().level;
  const study::NetworkAnswer truth =
      study::estimate_network(*shared_subject().networks[0].graph, engine, *shared_subject().estimator, options);
  const Json& total = answer.at("answer").at("total");
  EXPECT_EQ(total.at("latency_cycles"), truth.total.latency_cycles);
  EXPECT_EQ(total.at("energy_uj"), truth.total.energy_uj);
  EXPECT_EQ(total.at("interval").at("low_cycles"), truth.reliability->interval->low_cycles);
  EXPECT_EQ(answer.at("answer").at("source"), "estimated");
  EXPECT_EQ(answer.at("answer").at("engine_overrides").at("dram.bandwidth"), "6.4 GB/s");
  EXPECT_EQ(answer.at("answer").at("engine_hash"), engine::engine_hash(engine));
  EXPECT_EQ(answer.at("layers").size(), truth.subgraphs.size());
  EXPECT_FALSE(answer.contains("simulated"));
}

TEST(Session, a_simulation_stands_beside_its_estimate_with_the_error) {
  Explored explored;
  const Json request = design({{"memory.bank_size", "16 KiB"}});
  const Json answer = explored.ask("/api/simulate", request);
  const study::NetworkAnswer truth = study::simulate_network(
      *shared_subject().networks[0].graph, engine::load_engine(kHwconfig, {{"memory.bank_size", "16 KiB"}}).config);
  const Json& simulated = answer.at("simulated");
  EXPECT_EQ(simulated.at("answer").at("source"), "simulated");
  EXPECT_EQ(simulated.at("answer").at("total").at("latency_cycles"), truth.total.latency_cycles);
  EXPECT_EQ(simulated.at("answer").at("total").at("energy_uj"), truth.total.energy_uj);
  const double estimated = answer.at("answer").at("total").at("latency_cycles");
  const double cycles = static_cast<double>(truth.total.latency_cycles);
  EXPECT_DOUBLE_EQ(simulated.at("error").at("latency_percent"), 100 * (estimated - cycles) / cycles);
  const double low = answer.at("answer").at("total").at("interval").at("low_cycles");
  const double high = answer.at("answer").at("total").at("interval").at("high_cycles");
  EXPECT_EQ(simulated.at("error").at("within_interval"), cycles >= low && cycles <= high);
  for (std::size_t i = 0; i < truth.subgraphs.size(); ++i) {
    EXPECT_EQ(answer.at("layers")[i].at("simulated_cycles"), truth.subgraphs[i].in_network_cycles);
  }
  // From then on the estimate of that design, and of no other, comes with it.
  EXPECT_TRUE(explored.ask("/api/estimate", request).contains("simulated"));
  EXPECT_FALSE(explored.ask("/api/estimate", design()).contains("simulated"));
}

TEST(Session, keys_follow_as_the_family_says_and_only_where_asked) {
  Explored explored;
  const Json keys = {{"engine.parallelism_factor", "32"}};
  EXPECT_TRUE(explored.ask("/api/estimate", design(keys)).at("design").at("followers").empty());
  const Json followers = explored.ask("/api/estimate", design(keys, true)).at("design").at("followers");
  const engine::EngineConfig base = engine::load_engine(kHwconfig).config;
  const auto truth = engine::followers_of(base, {{"engine.parallelism_factor", "32"}}, {shared_subject().rules, {}});
  ASSERT_EQ(followers.size(), truth.size());
  for (const engine::Override& follower : truth) EXPECT_EQ(followers.at(follower.key), follower.value);
  // A key that a person holds does not follow.
  const Json held = {{"engine.parallelism_factor", "32"}, {"accumulators.size", "64 KiB"}};
  const Json others = explored.ask("/api/estimate", design(held, true)).at("design").at("followers");
  EXPECT_FALSE(others.contains("accumulators.size"));
  EXPECT_TRUE(others.contains("post_processing.width"));
}

TEST(Session, genes_change_the_network) {
  Explored explored;
  const Json genes = explored.look("/api/state").at("networks")[0].at("dials");
  ASSERT_FALSE(genes.empty());
  const double before = explored.ask("/api/estimate", design()).at("metrics").at("macs");
  bool changed = false;
  for (const Json& gene : genes) {
    for (const Json& value : gene.at("values")) {
      const Json answer = explored.ask("/api/estimate", design(Json::object(), false, {{gene.at("name"), value}}));
      if (answer.at("refusal").is_null()) changed = changed || answer.at("metrics").at("macs") != before;
    }
  }
  EXPECT_TRUE(changed);
}

TEST(Session, dials_hold_the_values_of_the_family_and_say_what_was_trained_on) {
  Explored explored;
  const Json state = explored.look("/api/state");
  std::size_t keys = 0;
  for (const Json& dial : state.at("dials")) {
    SCOPED_TRACE(dial.dump());
    ++keys;
    const std::size_t given = dial.at("given");
    EXPECT_EQ(dial.at("values")[given], engine::value_text(shared_subject().engine, dial.at("name")));
    EXPECT_EQ(dial.at("trained").size(), dial.at("values").size());
    // Every stop by itself is an engine, or is refused by a rule that is said.
    for (const Json& value : dial.at("values")) {
      const Json answer = explored.ask("/api/estimate", design({{dial.at("name"), value}}));
      EXPECT_TRUE(answer.at("refusal").is_string() || answer.at("metrics").at("latency_ms") > 0) << value;
    }
  }
  EXPECT_GT(keys, 60u);
  for (const engine::FamilyRange& range : shared_subject().family.ranges) {
    for (const Json& dial : state.at("dials")) {
      if (dial.at("name") != range.key) continue;
      EXPECT_TRUE(dial.at("first"));
      EXPECT_GE(dial.at("values").size(), range.values.size() + range.outside_values.size());
    }
  }
}

TEST(Session, what_cannot_be_is_a_refusal_and_no_error) {
  Explored explored;
  // More than the banks can take in a cycle: a rule between keys.
  const Json rule =
      explored.ask("/api/estimate", design({{"dram.bandwidth", "51.2 GB/s"}, {"memory.weight_banks", "4"}}));
  ASSERT_TRUE(rule.at("refusal").is_string());
  EXPECT_NE(rule.at("refusal").get<std::string>().find("dram.bandwidth"), std::string::npos);
  EXPECT_FALSE(rule.contains("answer"));
  EXPECT_TRUE(explored.ask("/api/simulate", design({{"dram.bandwidth", "51.2 GB/s"}, {"memory.weight_banks", "4"}}))
                  .at("refusal")
                  .is_string());
  // It can be put aside all the same, and has no files.
  const Json basket =
      explored.ask("/api/basket/add", design({{"dram.bandwidth", "51.2 GB/s"}, {"memory.weight_banks", "4"}}));
  EXPECT_TRUE(basket.at("designs")[0].at("refusal").is_string());
  EXPECT_EQ(explored.session.get("/api/file", {{"design", "1"}, {"kind", "engine"}}).status, 400);
}

TEST(Session, beyond_the_training_data_is_said) {
  Explored explored;
  const Json answer = explored.ask("/api/estimate", design({{"dram.latency", "400 ns"}}));
  EXPECT_EQ(answer.at("answer").at("total").at("in_range"), false);
  EXPECT_FALSE(answer.at("answer").at("total").at("out_of_range").empty());
}

TEST(Session, along_a_dial_every_stop_is_what_its_own_estimate_is) {
  Explored explored;
  Json request = design({{"dram.latency", "50 ns"}});
  request["dial"] = "engine.parallelism_factor";
  const Json points = explored.ask("/api/along", request).at("points");
  ASSERT_GT(points.size(), 5u);
  for (const Json& point : points) {
    const Json alone = explored.ask(
        "/api/estimate", design({{"dram.latency", "50 ns"}, {"engine.parallelism_factor", point.at("value")}}));
    if (point.at("refusal").is_string()) {
      EXPECT_EQ(point.at("refusal"), alone.at("refusal"));
    } else {
      EXPECT_EQ(point.at("metrics"), alone.at("metrics"));
    }
  }
}

TEST(Session, limits_are_held_against_designs) {
  Explored explored;
  EXPECT_EQ(
      explored.ask("/api/limits", {{"limits", {"latency_ms<=0.001 ms", "area_mm2<=1*baseline"}}}).at("limits").size(),
      2u);
  const Json limits = explored.ask("/api/estimate", design()).at("limits");
  EXPECT_GT(limits[0].at("violation"), 0);
  EXPECT_EQ(limits[1].at("violation"), 0);
  EXPECT_DOUBLE_EQ(limits[1].at("bound"), shared_subject().engine.total_area().count());
  explored.refuses("/api/limits", R"({"limits":["latency<<5"]})", {"latency<<5"});
  explored.refuses("/api/limits", R"({"limits":["accuracy>=0.7"]})", {"accuracy"});
  explored.refuses("/api/limits", R"({"limits":"latency_ms<=5"})", {"'limits'", "list"});
  // What was refused changed nothing.
  EXPECT_EQ(explored.look("/api/state").at("limits").size(), 2u);
}

TEST(Session, a_basket_is_kept_compared_and_saved) {
  const Folder folder;
  Explored explored(folder.path("new"));
  explored.ask("/api/basket/add", design());
  Json second = design({{"engine.clock", "1 GHz"}});
  second["label"] = "../../evil <b>\xC3\xA4</b>";
  explored.ask("/api/basket/add", second);
  explored.ask("/api/simulate", second.contains("label") ? design({{"engine.clock", "1 GHz"}}) : second);
  const Json designs = explored.look("/api/basket").at("designs");
  ASSERT_EQ(designs.size(), 2u);
  EXPECT_EQ(designs[1].at("label"), second.at("label"));
  EXPECT_FALSE(designs[0].contains("simulated"));
  EXPECT_TRUE(designs[1].at("simulated").at("error").at("latency_percent").is_number());
  const Json saved = explored.ask("/api/basket/save", Json::object());
  EXPECT_EQ(saved.at("files"),
            (Json{"design-1.yaml", "design-1.onnx", "design-2.yaml", "design-2.onnx", "basket.csv"}));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) EXPECT_EQ(entry.path().filename(), "new");
  for (const auto& entry : fs::directory_iterator(folder.path("new"))) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 5u);
  // The files are the designs.
  const engine::EngineConfig engine = engine::load_engine(folder.path("new/design-2.yaml")).config;
  EXPECT_EQ(engine::engine_hash(engine),
            engine::engine_hash(engine::load_engine(kHwconfig, {{"engine.clock", "1 GHz"}}).config));
  const network::Graph graph = network::import_network(folder.path("new/design-2.onnx"));
  EXPECT_EQ(study::simulate_network(graph, engine).total.latency_cycles,
            designs[1].at("simulated").at("metrics").at("latency_ms").get<double>() * engine.array.clock.count() / 1e3);
  const std::string table = text_of(folder.path("new/basket.csv"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);  // a header, two estimates, one simulation
  // A later run of the same folder writes over none of them.
  Explored later(folder.path("new"));
  EXPECT_EQ(later.ask("/api/basket/add", design()).at("designs")[0].at("number"), 3);
  explored.ask("/api/basket/remove", {{"number", 1}});
  EXPECT_EQ(explored.look("/api/basket").at("designs").size(), 1u);
  explored.refuses("/api/basket/remove", R"({"number":1})", {"no design 1"});
}

TEST(Session, nothing_of_a_request_becomes_a_path) {
  const Folder folder;
  Explored explored(folder.path());
  explored.ask("/api/basket/add", design());
  for (const std::string number :
       {"../1", "1/../../etc/passwd", "/etc/passwd", "-1", "1.yaml", "", "99", "4294967297"}) {
    const Reply reply = explored.session.get("/api/file", {{"design", number}, {"kind", "engine"}});
    EXPECT_EQ(reply.status, 400) << number;
    EXPECT_EQ(reply.body.find("root:"), std::string::npos);
  }
  EXPECT_EQ(explored.session.get("/api/file", {{"design", "1"}, {"kind", "../engine"}}).status, 400);
  EXPECT_EQ(explored.session.get("/api/../../etc/passwd", {}).status, 404);
  const Reply file = explored.session.get("/api/file", {{"design", "1"}, {"kind", "engine"}});
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.file_name, "design-1.yaml");
  EXPECT_NE(file.body.find("name: ne-256-design-1"), std::string::npos);
  const Reply table = explored.session.get("/api/file", {{"kind", "table"}});
  EXPECT_EQ(table.file_name, "basket.csv");
}

TEST(Session, without_a_folder_nothing_is_saved) {
  Explored explored;
  explored.ask("/api/basket/add", design());
  explored.refuses("/api/basket/save", "{}", {"--out"});
  EXPECT_THROW(Explored("models/squeezenet1_1.onnx"), Error);
}

TEST(Session, refuses_what_is_no_request) {
  Explored explored;
  const std::string path = "/api/estimate";
  explored.refuses(path, "", {"no JSON"});
  explored.refuses(path, "{", {"no JSON"});
  explored.refuses(path, "[]", {"array"});
  explored.refuses(path, std::string(60000, '['), {"no JSON"});
  explored.refuses(path, "{}", {"'design'", "missing"});
  explored.refuses(path, R"({"design":1})", {"'design'", "object"});
  explored.refuses(path, R"({"design":{}})", {"'design.network'", "missing"});
  explored.refuses(path, R"({"design":{"network":-1}})", {"'design.network'"});
  explored.refuses(path, R"({"design":{"network":1.5}})", {"'design.network'"});
  explored.refuses(path, R"({"design":{"network":7}})", {"network 7"});
  explored.refuses(path, R"({"design":{"network":0},"path":"/etc/passwd"})", {"'path'", "unknown"});
  explored.refuses(path, R"({"design":{"network":0,"follow":"yes"}})", {"'design.follow'"});
  explored.refuses(path, R"({"design":{"network":0,"keys":[]}})", {"'design.keys'"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"engine.clock":1}}})",
                   {"'design.keys.engine.clock'", "text"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"engine.clok":"1 GHz"}}})",
                   {"engine.clok", "did you mean 'engine.clock'"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"name":"evil"}}})", {"name", "no key"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"dma.kind":"streams"}}})", {"dma.kind"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"engine.parallelism_factor":"0"}}})",
                   {"engine.parallelism_factor=0", "out of range"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"engine.clock":"fast"}}})", {"engine.clock=fast"});
  explored.refuses(path, R"({"design":{"network":0,"keys":{"engine.clock":"1 GHz\n"}}})", {"\\n"});
  explored.refuses(path, R"({"design":{"network":0,"genes":{"fuse.nothing":"ibn"}}})", {"fuse.nothing"});
  explored.refuses(path, R"({"design":{"network":0,"genes":{"channels":"huge"}}})", {"channels=huge", "as_is"});
  explored.refuses("/api/along", R"({"design":{"network":0},"dial":"nothing"})", {"'dial'", "nothing"});
  explored.refuses("/api/basket/add", R"({"design":{"network":0},"label":")" + std::string(81, 'x') + "\"}",
                   {"'label'", "81"});
  explored.refuses("/api/basket/remove", R"({"number":"1"})", {"'number'"});
  explored.refuses("/api/cancel", R"({"now":true})", {"'now'"});
  explored.refuses("/api/nothing", "{}", {"/api/nothing"}, 404);
}

TEST(Session, a_basket_is_bounded) {
  Explored explored;
  const std::string body = design({{"dram.bandwidth", "51.2 GB/s"}, {"memory.weight_banks", "4"}}).dump();
  for (std::size_t i = 0; i < Basket::kMost; ++i) ASSERT_EQ(explored.session.post("/api/basket/add", body).status, 200);
  explored.refuses("/api/basket/add", body, {"100"});
}

TEST(Session, a_space_that_is_named_says_which_dials_come_first) {
  Subject subject = small_subject();
  subject.space = nas::load_space("spaces/engine-only.yaml");
  subject.space_given = true;
  Session session(subject, study::make_simulator(), "");
  const Json state = Json::parse(session.get("/api/state", {}).body);
  std::size_t first = 0;
  for (const Json& dial : state.at("dials")) first += dial.at("first") ? 1 : 0;
  const nas::EngineSpace space(subject.space.engine, subject.engine, subject.family.ranges, subject.rules);
  EXPECT_EQ(first, space.genes().size());
  EXPECT_GT(first, 0u);
}

}  // namespace
}  // namespace lanewise::explore::testing
