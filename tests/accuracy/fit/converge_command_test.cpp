// SPDX-License-Identifier: Apache-2.0
// lanewise-fit converge and evolve as a person runs them: prices in, one network out, also where it was cut off.
#include <map>

#include "core/engine/engine_config.hpp"
#include "core/record/csv.hpp"
#include "nas/space/network_space.hpp"
#include "nas/space/space.hpp"
#include "tests/accuracy/fit/supernet_command.hpp"

namespace lanewise::cli::testing {
namespace {

class ConvergeCommand : public SupernetCommand {
 protected:
  // A network takes a thousandth of its parameters, in ms. All are in one table, a third of them in another.
  ConvergeCommand() {
    std::string table = "encoding,latency_ms\n", third = table;
    const auto space = nas::make_network_space(nas::parse_space("small.yaml", accuracy::testing::kSmallSpace), nullptr);
    nas::Genotype genotype(space->genes().size(), 0);
    for (;;) {
      const nas::Genotype canonical = space->canonical(genotype);
      const std::string encoding = space->encode(canonical);
      if (ms_.emplace(encoding,
                      static_cast<double>(network::parameters(space->build(canonical, engine::EngineConfig{}))) / 1000)
              .second) {
        const std::string row = encoding + "," + std::to_string(ms_[encoding]) + "\n";
        table += row;
        if (ms_.size() % 3 == 0) third += row;
      }
      std::size_t gene = 0;
      while (gene < genotype.size() && ++genotype[gene] == static_cast<int>(space->genes()[gene].values.size())) {
        genotype[gene++] = 0;
      }
      if (gene == genotype.size()) break;
    }
    all_prices_ = scratch_.write("all.csv", table);
    prices_ = scratch_.write("prices.csv", third);
  }
  Arguments converge(const std::string& out, const Arguments& more = {}) const {
    Arguments words = {"converge",
                       "--space",
                       space_,
                       "--data",
                       scratch_.file("images"),
                       "--prices",
                       prices_,
                       "--set",
                       "batch=32",
                       "--set",
                       "augment=none",
                       "--set",
                       "checkpoint=5",
                       "--set",
                       "sandwich=0",
                       "--steps",
                       "120",
                       "--rate",
                       "0.1",
                       "--latency-ms",
                       "0.5",
                       "--out",
                       scratch_.file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string text(const std::string& folder, const char* name) const {
    return text_of(scratch_.file(folder + "/" + name));
  }

  std::map<std::string, double> ms_;
  std::string prices_, all_prices_;
};

TEST_F(ConvergeCommand, one_network_within_the_limit_is_left) {
  const Finished trained = run_fit(converge("one", {"--json"}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(trained.err, "");
  const Json answer = Json::parse(trained.out);
  const std::string network = answer.at("network");
  EXPECT_EQ(text("one", "network.txt"), network + "\n");
  EXPECT_LE(ms_.at(network), 0.55);  // predicted
  EXPECT_NEAR(answer.at("predicted_ms").get<double>(), ms_.at(network), 0.05);
  EXPECT_LT(answer.at("architecture").at("entropy").get<double>(),
            0.5 * answer.at("architecture").at("most_entropy").get<double>());
  EXPECT_EQ(answer.at("prices").at("networks").get<std::size_t>(), ms_.size() / 3);
  EXPECT_GT(answer.at("held_out").at("accuracy").get<double>(), 0.6);
  const record::CsvTable curve = record::read_csv(scratch_.file("one/curve.csv"));
  const std::size_t entropy = *curve.find("entropy"), distance = *curve.find("distance"),
                    ms = *curve.find("expected_ms");
  EXPECT_LT(std::stod(curve.rows.back().cells[entropy]), std::stod(curve.rows.front().cells[entropy]));
  EXPECT_LT(std::stod(curve.rows.back().cells[distance]), std::stod(curve.rows.front().cells[distance]));
  EXPECT_GT(std::stod(curve.rows.back().cells[ms]), 0);
  EXPECT_EQ(curve.rows.front().cells[ms], "");  // architecture weights do not learn yet
  // The file with its weights is the network, and measures as it was told to.
  const Finished counted = run_fit({"count", scratch_.file("one/network.onnx"), "--json"});
  EXPECT_EQ(counted.status, 0) << counted.err;
  // What was shared is a supernet like others.
  const Finished inherited =
      run_fit({"inherit", "--encoding", network, "--supernet", scratch_.file("one/shared.supernet"), "--json"});
  ASSERT_EQ(inherited.status, 0) << inherited.err;
  EXPECT_EQ(Json::parse(inherited.out).at("networks").at(0).at("accuracy"), answer.at("held_out").at("accuracy"));
  const Finished again = run_fit(converge("one", {"--json"}));
  EXPECT_EQ(Json::parse(again.out).at("network"), network);
  EXPECT_EQ(Json::parse(again.out).at("was_there"), true);
}

TEST_F(ConvergeCommand, killed_and_started_again_it_ends_in_the_same_bytes) {
  ASSERT_EQ(run_fit(converge("whole")).status, 0);
  const std::string checkpoint = scratch_.file("cut/shared.supernet.checkpoint");
  int kills = 0;
  for (int i = 0; i < 2; ++i) {
    Running running(converge("cut"), kFitProgram);
    std::error_code none;
    const auto before = fs::last_write_time(checkpoint, none);
    const bool was_there = !none;
    for (int waited = 0; waited < 20000; ++waited) {
      const auto now = fs::last_write_time(checkpoint, none);
      if (!none && (!was_there || now != before)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    running.send(SIGKILL);
    kills += running.wait().status == 128 + SIGKILL ? 1 : 0;
  }
  EXPECT_GT(kills, 0);
  ASSERT_EQ(run_fit(converge("cut")).status, 0);
  for (const char* name : {"shared.supernet", "network.txt", "curve.csv", "network.onnx"}) {
    EXPECT_TRUE(text("cut", name) == text("whole", name)) << name;
  }
}

TEST_F(ConvergeCommand, evolution_finds_the_best_of_all_that_keep_to_the_limit) {
  ASSERT_EQ(run_fit(command("one", {"--set", "sandwich=0"}, "100")).status, 0);
  const Arguments words = {
      "evolve",     "--supernet", scratch_.file("one"), "--prices", all_prices_,     "--latency-ms", "0.3",
      "--networks", "1000",       "--population",       "8",        "--recalibrate", "64",           "--json"};
  const Finished found = run_fit(words);
  ASSERT_EQ(found.status, 0) << found.err;
  const Json answer = Json::parse(found.out);
  // A thousand are more than the space has: every network within the limit is measured, and no other.
  std::size_t within = 0;
  for (const auto& [encoding, ms] : ms_) within += ms <= 0.3 ? 1 : 0;
  EXPECT_EQ(answer.at("measured").get<std::size_t>(), within);
  EXPECT_EQ(answer.at("asked").get<std::size_t>(), ms_.size());
  double least = 1e9;
  for (const Json& row : answer.at("networks")) {
    EXPECT_LE(ms_.at(row.at("encoding")), 0.3);
    least = std::min(least, row.at("loss").get<double>());
  }
  EXPECT_EQ(answer.at("network").at("loss").get<double>(), least);
  Arguments parallel = words;
  parallel.insert(parallel.end(), {"--jobs", "3"});
  EXPECT_EQ(Json::parse(run_fit(parallel).out).at("networks"), answer.at("networks"));
}

TEST_F(ConvergeCommand, wrong_input_is_refused_in_a_line) {
  expect_fit_refused(converge("two", {"--set", "random=1"}), 1, {"recipe key 'random'", "at least 2"});
  expect_fit_refused(converge("two", {"--rate", "-1"}), 2, {"--rate"});
  scratch_.write("prices.csv", "encoding,latency_ms\nr-s4/i3e2c4r1/h0,0\n");
  expect_fit_refused(converge("two"), 1, {"prices.csv", "r-s4/i3e2c4r1/h0", "above 0"});
  scratch_.write("prices.csv", "encoding,latency_ms\nr-s4/i3e2c4r1/h0,1\n");
  expect_fit_refused(converge("two"), 1, {"prices.csv"});
  scratch_.write("prices.csv", "encoding,ms\nr-s4/i3e2c4r1/h0,1\n");
  expect_fit_refused(converge("two"), 1, {"prices.csv", "latency_ms"});
}

}  // namespace
}  // namespace lanewise::cli::testing
