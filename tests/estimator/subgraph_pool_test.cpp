// SPDX-License-Identifier: Apache-2.0
#include "estimator/subgraph_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/rank_correlation.hpp"
#include "tests/estimator/toy_world.hpp"

namespace lanewise::estimator {
namespace {

class Pool : public ::testing::Test {
 protected:
  // A third of the points, mixed, is known.
  Pool() : world_(toy::make_world(8, 60, 3)) {
    for (std::size_t i = 0; i < world_.samples.size(); ++i) {
      if (i % 3 == 0) {
        known_.push_back({i, world_.samples[i].measurement.latency});
      } else {
        asked_.push_back(i);
      }
    }
  }
  SubgraphPool pool(int threads = 2) const { return SubgraphPool(world_.samples, Split::kUnseenShape, threads); }

  toy::World world_;
  std::vector<KnownPoint> known_;
  std::vector<std::size_t> asked_;
};

TEST_F(Pool, predicts_what_an_estimator_of_the_same_rows_predicts) {
  std::vector<bool> exclude(world_.samples.size());
  std::vector<Estimator::Query> queries;
  for (const std::size_t i : asked_) {
    exclude[i] = true;
    queries.push_back({&world_.samples[i].subgraph, world_.samples[i].engine});
  }
  const Estimator model = Estimator::train(world_.samples, toy::quick_options(), exclude);
  std::vector<double> expected;
  for (const Prediction& prediction : model.predict(queries)) {
    expected.push_back(static_cast<double>(prediction.latency.count()));
  }
  EXPECT_EQ(pool().predict(known_, asked_, toy::quick_options()), expected);
}

TEST_F(Pool, answers_depend_on_neither_order_nor_threads) {
  TrainOptions one = toy::quick_options();
  one.threads = 1;
  const std::vector<double> errors = pool(1).expected_errors(known_, asked_, one);
  const std::vector<double> cycles = pool(1).predict(known_, asked_, one);
  std::reverse(known_.begin(), known_.end());
  EXPECT_EQ(pool(3).expected_errors(known_, asked_, toy::quick_options()), errors);
  EXPECT_EQ(pool(3).predict(known_, asked_, toy::quick_options()), cycles);
}

TEST_F(Pool, expects_errors_where_they_are) {
  const SubgraphPool points = pool();
  const std::vector<double> expected = points.expected_errors(known_, asked_, toy::quick_options());
  const std::vector<double> predicted = points.predict(known_, asked_, toy::quick_options());
  ASSERT_EQ(expected.size(), asked_.size());
  std::vector<double> actual;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    EXPECT_GT(expected[i], 0);
    const auto measured = static_cast<double>(world_.samples[asked_[i]].measurement.latency.count());
    actual.push_back(std::abs(std::log(measured / predicted[i])));
  }
  EXPECT_GT(spearman(expected, actual), 0.2);
}

TEST_F(Pool, expects_errors_of_a_few_rows_of_one_group) {
  known_.resize(1);
  for (const double error : pool().expected_errors(known_, asked_, toy::quick_options())) EXPECT_GT(error, 0);
}

TEST_F(Pool, refuses_to_learn_from_nothing) {
  EXPECT_THROW(pool().predict({}, asked_, toy::quick_options()), Error);
  EXPECT_THROW(pool().expected_errors({}, asked_, toy::quick_options()), Error);
}

}  // namespace
}  // namespace lanewise::estimator
