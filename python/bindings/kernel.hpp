// SPDX-License-Identifier: Apache-2.0
// SystemC has one kernel per process: whoever simulates, in this process or with workers that this process waits for,
// holds it.
#pragma once

namespace lanewise::python {

// Waits until nobody else holds it; a thread that holds it already may take it again, as a callback of long work does
// that simulates. Taken without Python's lock alone: else the two locks could wait for each other.
class KernelHold {
 public:
  KernelHold();
  ~KernelHold();
  KernelHold(const KernelHold&) = delete;
  KernelHold& operator=(const KernelHold&) = delete;
};

// For os.register_at_fork: a child must not begin with a simulation half done by a thread that it does not have.
void before_fork();
void after_fork();

// To be called when this process trains: XGBoost's threads do not survive a fork, so that a child of a process that has
// trained would wait for them without end. Throws Error there, naming what to do.
void require_trainable();

}  // namespace lanewise::python
