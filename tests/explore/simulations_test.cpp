// SPDX-License-Identifier: Apache-2.0
// One simulation at a time, which can be given up, and which holds up nothing else.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/explore/small_subject.hpp"

namespace lanewise::explore::testing {
namespace {

// Simulates nothing until it is let go or stopped.
class Held : public study::MeasurementSource {
 public:
  explicit Held(std::atomic<int>& started, std::atomic<bool>& let_go) : started_(started), let_go_(let_go) {}
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<study::SubgraphQuery>& subgraphs,
                                                       const Progress& progress) override {
    ++started_;
    while (!let_go_) {
      progress("simulating", 1, static_cast<std::int64_t>(subgraphs.size()));
      std::this_thread::yield();
    }
    std::vector<record::SubgraphResult> results(subgraphs.size());
    for (std::size_t i = 0; i < subgraphs.size(); ++i) {
      results[i].measurement = sim::simulate(*subgraphs[i].subgraph, *subgraphs[i].engine);
    }
    return results;
  }

 private:
  std::atomic<int>& started_;
  std::atomic<bool>& let_go_;
};

class Simulating : public ::testing::Test {
 protected:
  std::atomic<int> started{0};
  std::atomic<bool> let_go{false};
  Session session{shared_subject(), std::make_unique<Held>(started, let_go), ""};

  std::future<Reply> simulate(const Json& request = design()) {
    return std::async(std::launch::async, [this, request] { return session.post("/api/simulate", request.dump()); });
  }
  void wait_for_start(int number) const {
    while (started < number) std::this_thread::yield();
  }
};

TEST_F(Simulating, only_one_at_a_time_and_estimates_go_on) {
  std::future<Reply> first = simulate();
  wait_for_start(1);
  const Reply second = session.post("/api/simulate", design({{"engine.clock", "1 GHz"}}).dump());
  EXPECT_EQ(second.status, 409);
  EXPECT_NE(second.body.find("one at a time"), std::string::npos);
  for (const char* bandwidth : {"1.6 GB/s", "6.4 GB/s", "12.8 GB/s"}) {
    EXPECT_EQ(session.post("/api/estimate", design({{"dram.bandwidth", bandwidth}}).dump()).status, 200);
  }
  EXPECT_TRUE(Json::parse(session.get("/api/progress", {}).body).at("running"));
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  let_go = true;
  const Reply reply = first.get();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(Json::parse(reply.body).contains("simulated"));
  EXPECT_FALSE(Json::parse(session.get("/api/progress", {}).body).at("running"));
}

TEST_F(Simulating, one_that_is_cancelled_ends_at_once_and_another_may_begin) {
  EXPECT_FALSE(Json::parse(session.post("/api/cancel", "{}").body).at("cancelled"));
  std::future<Reply> first = simulate();
  wait_for_start(1);
  EXPECT_TRUE(Json::parse(session.post("/api/cancel", "{}").body).at("cancelled"));
  EXPECT_TRUE(Json::parse(first.get().body).at("cancelled"));
  let_go = true;
  Reply again = session.post("/api/simulate", design().dump());
  while (again.status == 409) again = session.post("/api/simulate", design().dump());  // until the first has let go
  EXPECT_TRUE(Json::parse(again.body).contains("simulated"));
}

TEST_F(Simulating, the_session_may_end_meanwhile) {
  std::future<Reply> first = simulate();
  wait_for_start(1);
  session.close();
  EXPECT_TRUE(Json::parse(first.get().body).at("cancelled"));
}

TEST(Concurrency, many_estimates_at_once_are_those_of_one_after_the_other) {
  Session session(shared_subject(), study::make_simulator(), "");
  const std::vector<std::string> lanes = {"8", "12", "16", "20", "24", "32", "48", "64"};
  std::vector<std::string> alone;
  for (const std::string& value : lanes) {
    alone.push_back(session.post("/api/estimate", design({{"engine.dot_product_lanes", value}}).dump()).body);
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 2 * lanes.size(); ++i) {
        const std::size_t at = (i + static_cast<std::size_t>(t)) % lanes.size();
        if (session.post("/api/estimate", design({{"engine.dot_product_lanes", lanes[at]}}).dump()).body != alone[at])
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lanewise::explore::testing
