// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <exception>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "python/bindings/bindings.hpp"

namespace lanewise::python {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenReports{100}, kBetweenSignals{50};

// Whether `apart` has passed since the last time that it had, for each thread by itself.
bool is_time(Clock::time_point& last, std::chrono::milliseconds apart) {
  const Clock::time_point now = Clock::now();
  if (now - last < apart) return false;
  last = now;
  return true;
}

}  // namespace

void check_signals() {
  thread_local Clock::time_point last{};
  if (!is_time(last, kBetweenSignals)) return;
  const py::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

Progress progress_of(const py::object& callback) {
  Progress progress;
  progress.stopped = [] {
    check_signals();
    return false;
  };
  if (callback.is_none()) return progress;
  // The last copy may go while another thread has Python's lock.
  const std::shared_ptr<const py::object> called(new py::object(callback), [](const py::object* object) {
    const py::gil_scoped_acquire gil;
    delete object;
  });
  struct Last {
    std::string phase;
    Clock::time_point time{};
  };
  progress.report = [called, last = std::make_shared<Last>()](const std::string& phase, std::int64_t done,
                                                              std::int64_t total) {
    if (phase == last->phase && done != total && !is_time(last->time, kBetweenReports)) return;
    last->phase = phase;
    const py::gil_scoped_acquire gil;
    (*called)(phase, done, total);
  };
  return progress;
}

void bind_errors(py::module_& module) {
  static py::exception<Error> error(module, "Error");
  error.doc() =
      "A mistake that the caller can correct. Its text is the line that the command line prints behind `lanewise: "
      "error: "
      "`: file, place, value and rule.";
  static py::exception<InternalError> internal(module, "InternalError", PyExc_RuntimeError);
  internal.doc() = "A broken invariant of Lanewise: a bug, whatever the caller did.";
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Interrupted& stopped) {
      PyErr_SetString(PyExc_KeyboardInterrupt, stopped.what());
    } catch (const Error& mistake) {
      error(printable(mistake.what()).c_str());
    } catch (const InternalError& bug) {
      internal(printable(bug.what()).c_str());
    }
  });
  module.def("_before_fork", [] { without_gil([] { before_fork(); }); });
  module.def("_after_fork", &after_fork);
}

}  // namespace lanewise::python
