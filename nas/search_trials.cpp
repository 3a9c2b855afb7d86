// SPDX-License-Identifier: Apache-2.0
#include "nas/search_trials.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

namespace lanewise::nas {
namespace {

// Calls `work` for each number below `count`, on so many threads.
void for_each(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr problem;
  std::mutex mutex;
  const auto go = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        problem = std::current_exception();
        return;
      }
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads && static_cast<std::size_t>(t) < count; ++t) others.emplace_back(go);
  go();
  for (std::thread& thread : others) thread.join();
  if (problem) std::rethrow_exception(problem);
}

struct Runner {
  std::unique_ptr<Algorithm> algorithm;
  std::vector<Genotype> batch;
  std::vector<Evaluation> answers;
  Trial trial;
  bool done = false;

  void ask(std::int64_t samples) {
    const std::size_t left = static_cast<std::size_t>(samples) - trial.best.size();
    batch = left == 0 ? std::vector<Genotype>{} : algorithm->ask();
    if (batch.size() > left) batch.resize(left);
    done = batch.empty();
  }
  void tell() {
    algorithm->tell(batch, answers);
    for (const Evaluation& answer : answers) {
      const double before = trial.best.empty() ? std::numeric_limits<double>::infinity() : trial.best.back();
      const bool keeps = !(answer.violation > 0);
      trial.best.push_back(keeps ? std::min(before, answer.objectives.front()) : before);
    }
  }
};

}  // namespace

std::vector<Trial> search_trials(Problem& problem, const TrialOptions& options) {
  std::vector<Runner> runners(static_cast<std::size_t>(options.seeds));
  for (std::size_t i = 0; i < runners.size(); ++i) {
    SearchOptions own;
    own.seed = runners[i].trial.seed = i + 1;
    runners[i].algorithm = make_algorithm(options.algorithm, problem, own);
  }
  std::int64_t samples = 0;
  for (bool going = true; going;) {
    for_each(runners.size(), options.threads, [&](std::size_t i) {
      if (!runners[i].done) runners[i].ask(options.samples);
    });
    std::vector<Genotype> all;
    for (const Runner& runner : runners) all.insert(all.end(), runner.batch.begin(), runner.batch.end());
    going = !all.empty();
    const std::vector<Evaluation> answers = problem.evaluate(all);
    auto next = answers.begin();
    for (Runner& runner : runners) {
      const auto end = next + static_cast<std::ptrdiff_t>(runner.batch.size());
      runner.answers.assign(next, end);
      next = end;
    }
    for_each(runners.size(), options.threads, [&](std::size_t i) {
      if (!runners[i].done) runners[i].tell();
    });
    samples += static_cast<std::int64_t>(all.size());
    if (options.progress) options.progress(samples, options.samples * options.seeds);
  }
  std::vector<Trial> out;
  for (Runner& runner : runners) out.push_back(std::move(runner.trial));
  return out;
}

}  // namespace lanewise::nas
