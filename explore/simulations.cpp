// SPDX-License-Identifier: Apache-2.0
#include "explore/simulations.hpp"

#include <utility>

namespace lanewise::explore {

Simulations::Simulations(std::unique_ptr<study::MeasurementSource> source) : source_(std::move(source)) {
  thread_ = std::thread([this] { work(); });
}

Simulations::~Simulations() {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    closing_ = true;
    if (task_) task_->cancelled = true;
  }
  changed_.notify_all();
  thread_.join();
}

study::Answered Simulations::simulate(std::shared_ptr<const network::Graph> graph, const engine::EngineConfig& engine) {
  const auto task = std::make_shared<Task>();
  task->graph = std::move(graph);
  task->engine = engine;
  std::unique_lock<std::mutex> lock(guard_);
  if (closing_) throw Cancelled();
  if (task_) throw Busy();
  task_ = task;
  changed_.notify_all();
  changed_.wait(lock, [&] { return task->ended || task->cancelled; });
  if (task->cancelled) throw Cancelled();
  if (task->error) std::rethrow_exception(task->error);
  return std::move(task->answer);
}

bool Simulations::cancel() {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    if (!task_ || task_->cancelled) return false;
    task_->cancelled = true;
  }
  changed_.notify_all();
  return true;
}

Simulations::State Simulations::state() const {
  const std::lock_guard<std::mutex> lock(guard_);
  if (!task_ || task_->cancelled) return {};
  return {true, task_->done, task_->total};
}

void Simulations::run(Task& task) {
  Progress progress;
  progress.stopped = [&] {
    const std::lock_guard<std::mutex> lock(guard_);
    return task.cancelled;
  };
  progress.report = [&](const std::string&, std::int64_t done, std::int64_t total) {
    const std::lock_guard<std::mutex> lock(guard_);
    task.done = done;
    task.total = total;
  };
  study::Answered answer;
  std::exception_ptr error;
  try {
    answer = study::answer({{task.graph.get(), &task.engine}}, *source_, progress).front();
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(guard_);
  task.answer = std::move(answer);
  task.error = error;
  task.ended = true;
  task_ = nullptr;
}

void Simulations::work() {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock<std::mutex> lock(guard_);
      changed_.wait(lock, [this] { return task_ || closing_; });
      if (closing_) return;
      task = task_;
    }
    run(*task);
    changed_.notify_all();
  }
}

}  // namespace lanewise::explore
