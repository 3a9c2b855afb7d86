// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/kernel.hpp"

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "core/base/error.hpp"

namespace lanewise::python {
namespace {

// A mutex that its owner may take again. std::recursive_mutex knows its owner by a number that a forked child does not
// keep, and could not be released there.
struct Kernel {
  std::mutex mutex;
  std::atomic<std::thread::id> owner{};
  int depth = 0;

  void take() {
    if (owner.load() == std::this_thread::get_id()) {
      ++depth;
      return;
    }
    mutex.lock();
    owner = std::this_thread::get_id();
    depth = 1;
  }
  void release() {
    if (--depth > 0) return;
    owner = std::thread::id{};
    mutex.unlock();
  }
};

// Never destroyed: threads may end after the module.
Kernel& kernel() {
  static Kernel* const one = new Kernel;
  return *one;
}

std::atomic<pid_t> trained_in{0};

}  // namespace

KernelHold::KernelHold() { kernel().take(); }
KernelHold::~KernelHold() { kernel().release(); }

void before_fork() { kernel().take(); }
void after_fork() { kernel().release(); }

void require_trainable() {
  pid_t nobody = 0;
  if (trained_in.compare_exchange_strong(nobody, ::getpid()) || nobody == ::getpid()) return;
  throw Error(
      "this process was forked from one that had trained, and XGBoost cannot train in both: start processes by "
      "multiprocessing.get_context('spawn')");
}

}  // namespace lanewise::python
