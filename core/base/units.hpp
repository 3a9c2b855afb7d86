// SPDX-License-Identifier: Apache-2.0
// Units as types: a number that has a unit cannot be mistaken for one of another unit.
#pragma once

#include <cstdint>

namespace lanewise {

// A number with a unit. Quantities of one kind add, subtract and compare; scaling by a bare number keeps the unit.
template <class Tag, class Rep>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep count) : count_(count) {}
  constexpr Rep count() const { return count_; }

  constexpr Quantity operator+(Quantity other) const { return Quantity(count_ + other.count_); }
  constexpr Quantity operator-(Quantity other) const { return Quantity(count_ - other.count_); }
  constexpr Quantity operator*(Rep factor) const { return Quantity(count_ * factor); }
  constexpr Quantity operator/(Rep divisor) const { return Quantity(count_ / divisor); }
  constexpr Quantity& operator+=(Quantity other) {
    count_ += other.count_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    count_ -= other.count_;
    return *this;
  }
  constexpr bool operator==(Quantity other) const { return count_ == other.count_; }
  constexpr bool operator!=(Quantity other) const { return count_ != other.count_; }
  constexpr bool operator<(Quantity other) const { return count_ < other.count_; }
  constexpr bool operator<=(Quantity other) const { return count_ <= other.count_; }
  constexpr bool operator>(Quantity other) const { return count_ > other.count_; }
  constexpr bool operator>=(Quantity other) const { return count_ >= other.count_; }

 private:
  Rep count_ = Rep{};
};

using Cycles = Quantity<struct CyclesTag, std::int64_t>;
using Bytes = Quantity<struct BytesTag, std::int64_t>;
using BytesPerCycle = Quantity<struct BytesPerCycleTag, double>;
using BytesPerSecond = Quantity<struct BytesPerSecondTag, double>;
using Hertz = Quantity<struct HertzTag, double>;
using Seconds = Quantity<struct SecondsTag, double>;
using Picojoules = Quantity<struct PicojoulesTag, double>;
using PicojoulesPerByte = Quantity<struct PicojoulesPerByteTag, double>;
using Milliwatts = Quantity<struct MilliwattsTag, double>;
using SquareMillimetres = Quantity<struct SquareMillimetresTag, double>;

// A whole count as a floating-point number, for rates, ratios and averages. Exact up to 2^53.
constexpr double as_double(std::int64_t count) { return static_cast<double>(count); }
template <class Tag>
constexpr double as_double(Quantity<Tag, std::int64_t> quantity) {
  return as_double(quantity.count());
}

// Smallest integer not below a/b, for a >= 0 and b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
// Smallest multiple of b not below a.
constexpr std::int64_t round_up(std::int64_t a, std::int64_t b) { return ceil_div(a, b) * b; }

}  // namespace lanewise
