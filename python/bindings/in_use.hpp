// SPDX-License-Identifier: Apache-2.0
// Objects that change while they work, as searches do, are for one thread at a time: another one is refused.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "core/base/error.hpp"

namespace lanewise::python {

class InUse {
 public:
  // Refuses where another thread has not left yet, or never will because this process was forked from under it.
  class Guard {
   public:
    Guard(InUse& object, const char* what) : object_(object) {
      std::thread::id nobody{};
      const std::thread::id self = std::this_thread::get_id();
      outermost_ = object_.by_.compare_exchange_strong(nobody, self);
      if (!outermost_ && nobody != self) {
        throw Error(std::string(what) + " is at work in another thread: give each thread one of its own");
      }
    }
    ~Guard() {
      if (outermost_) object_.by_ = std::thread::id{};
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    InUse& object_;
    bool outermost_ = false;
  };

 private:
  std::atomic<std::thread::id> by_{};
};

}  // namespace lanewise::python
