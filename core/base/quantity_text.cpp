// SPDX-License-Identifier: Apache-2.0
#include "core/base/quantity_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

// A unit that is a power of ten of the one a Quantity stores.
struct DecimalUnit {
  const char* name;
  int exponent;
};
using DecimalUnits = std::vector<DecimalUnit>;  // smallest first

// A unit that is a power of two bytes.
struct BinaryUnit {
  const char* name;
  int shift;
};

constexpr std::array<BinaryUnit, 4> kByteUnits{{{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};

const DecimalUnits& bytes_per_cycle_units() {
  static const DecimalUnits units{{"B/cycle", 0}};
  return units;
}
const DecimalUnits& bytes_per_second_units() {
  static const DecimalUnits units{{"MB/s", 6}, {"GB/s", 9}};
  return units;
}
const DecimalUnits& hertz_units() {
  static const DecimalUnits units{{"Hz", 0}, {"kHz", 3}, {"MHz", 6}, {"GHz", 9}};
  return units;
}
const DecimalUnits& second_units() {
  static const DecimalUnits units{{"ns", -9}, {"us", -6}, {"ms", -3}, {"s", 0}};
  return units;
}
const DecimalUnits& picojoule_units() {
  static const DecimalUnits units{{"fJ", -3}, {"pJ", 0}, {"nJ", 3}};
  return units;
}
const DecimalUnits& picojoules_per_byte_units() {
  static const DecimalUnits units{{"pJ/B", 0}};
  return units;
}
const DecimalUnits& milliwatt_units() {
  static const DecimalUnits units{{"uW", -3}, {"mW", 0}, {"W", 3}};
  return units;
}
const DecimalUnits& square_millimetre_units() {
  static const DecimalUnits units{{"um2", -6}, {"mm2", 0}};
  return units;
}

template <class Units>
std::string names_of(const Units& units) {
  std::string names;
  for (const auto& unit : units) names += (names.empty() ? "" : ", ") + std::string(unit.name);
  return names;
}

// "a number and a unit, one of B, KiB" or "a number in B/cycle", for messages.
template <class Units>
std::string expectation(const Units& units) {
  return units.size() == 1 ? "a number in " + names_of(units) : "a number and a unit, one of " + names_of(units);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// A decimal number cut into its mantissa ("12.8"), its exponent and what stands behind it.
struct Decimal {
  std::string_view mantissa;
  std::int64_t exponent = 0;
  bool whole = true;  // neither point nor exponent
  std::string_view rest;
};

// False unless `text` starts with a digit. Longer exponents than any double has saturate.
bool split_decimal(std::string_view text, Decimal& decimal) {
  std::size_t at = digits_from(text, 0);
  if (at == 0) return false;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    at = digits_from(text, at + 1);
    decimal.whole = false;
  }
  decimal.mantissa = text.substr(0, at);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t from = at + 1;
    const bool negative = from < text.size() && text[from] == '-';
    if (negative || (from < text.size() && text[from] == '+')) ++from;
    const std::size_t end = digits_from(text, from);
    if (end > from) {
      std::int64_t exponent = 0;
      for (std::size_t i = from; i < end; ++i)
        exponent = std::min<std::int64_t>(exponent * 10 + (text[i] - '0'), 99999);
      decimal.exponent = negative ? -exponent : exponent;
      decimal.whole = false;
      at = end;
    }
  }
  decimal.rest = trimmed(text.substr(at));
  return true;
}

std::string quoted(const std::string& text) { return "'" + text + "'"; }

template <class Units>
Decimal decimal_with_unit(const std::string& text, const Units& units) {
  const std::string_view body = trimmed(text);
  if (body.empty()) throw Error("'' is empty: must be " + expectation(units));
  Decimal decimal;
  if (body.front() == '-' && split_decimal(body.substr(1), decimal)) {
    throw Error(quoted(text) + " is negative: must be " + expectation(units) + ", 0 or above");
  }
  if (!split_decimal(body, decimal)) throw Error(quoted(text) + " is not a number: must be " + expectation(units));
  if (decimal.rest.empty()) throw Error(quoted(text) + " has no unit: must be " + expectation(units));
  return decimal;
}

// The double nearest to mantissa x 10^exponent: scaling in the text loses nothing, scaling in doubles would.
double scaled(const std::string& text, const Decimal& decimal, int exponent) {
  const std::string digits = std::string(decimal.mantissa) + "e" + std::to_string(decimal.exponent + exponent);
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc()) throw Error(quoted(text) + " is too large or too small a number");
  return value;
}

double parse_decimal(const std::string& text, const DecimalUnits& units) {
  const Decimal decimal = decimal_with_unit(text, units);
  for (const DecimalUnit& unit : units) {
    if (decimal.rest == unit.name) return scaled(text, decimal, unit.exponent);
  }
  throw Error(quoted(text) + " has an unknown unit " + quoted(std::string(decimal.rest)) + ": must be " +
              expectation(units));
}

// The shortest digits that identify a double: digits[0].digits[1]… x 10^exponent.
struct Shortest {
  std::string digits;
  int exponent = 0;
};

Shortest shortest(double value) {
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string text(buffer.data(), result.ptr);
  const std::size_t e = text.find('e');
  Shortest out;
  for (std::size_t i = 0; i < e; ++i) {
    if (is_digit(text[i])) out.digits += text[i];
  }
  const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, text.data() + text.size(), out.exponent);
  return out;
}

// As a plain decimal where that is readable, with an exponent elsewhere.
std::string plain(const Shortest& number, int exponent) {
  constexpr int kSmallest = -7, kLargest = 15;
  const std::string& digits = number.digits;
  const int count = static_cast<int>(digits.size());
  if (exponent < kSmallest || exponent > kLargest) {
    const std::string fraction = count > 1 ? "." + digits.substr(1) : "";
    return digits.substr(0, 1) + fraction + "e" + std::to_string(exponent);
  }
  if (exponent < 0) return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const int whole = exponent + 1;
  if (count <= whole) return digits + std::string(static_cast<std::size_t>(whole - count), '0');
  return digits.substr(0, static_cast<std::size_t>(whole)) + "." + digits.substr(static_cast<std::size_t>(whole));
}

std::string decimal_text(double value, const DecimalUnits& units) {
  const auto stored = std::find_if(units.begin(), units.end(), [](const DecimalUnit& u) { return u.exponent == 0; });
  if (!std::isfinite(value)) throw InternalError("a quantity is not a finite number");
  if (value < 0) return "-" + decimal_text(-value, units);
  if (value == 0) return "0 " + std::string(stored == units.end() ? units.front().name : stored->name);
  const Shortest number = shortest(value);
  DecimalUnit chosen = units.front();
  for (const DecimalUnit& unit : units) {
    if (number.exponent >= unit.exponent) chosen = unit;
  }
  return plain(number, number.exponent - chosen.exponent) + " " + chosen.name;
}

// Whole numbers up to the 63 bits of a byte count; decimals as far as a double is exact.
std::int64_t whole_bytes(const std::string& text, const Decimal& decimal, const BinaryUnit& unit) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const auto too_large = [&] { return Error(quoted(text) + " is too large a number of bytes"); };
  if (decimal.whole) {
    std::int64_t count = 0;
    const auto result =
        std::from_chars(decimal.mantissa.data(), decimal.mantissa.data() + decimal.mantissa.size(), count);
    if (result.ec != std::errc() || count > (std::numeric_limits<std::int64_t>::max() >> unit.shift)) throw too_large();
    return count << unit.shift;
  }
  const double bytes = scaled(text, decimal, 0) * static_cast<double>(std::int64_t{1} << unit.shift);
  if (!(bytes <= kExact)) throw too_large();
  const auto count = static_cast<std::int64_t>(bytes);
  if (static_cast<double>(count) != bytes) throw Error(quoted(text) + " is not a whole number of bytes");
  return count;
}

}  // namespace

Bytes parse_bytes(const std::string& text) {
  const Decimal decimal = decimal_with_unit(text, kByteUnits);
  for (const BinaryUnit& unit : kByteUnits) {
    if (decimal.rest == unit.name) return Bytes(whole_bytes(text, decimal, unit));
  }
  throw Error(quoted(text) + " has an unknown unit " + quoted(std::string(decimal.rest)) + ": must be " +
              expectation(kByteUnits));
}

BytesPerCycle parse_bytes_per_cycle(const std::string& text) {
  return BytesPerCycle(parse_decimal(text, bytes_per_cycle_units()));
}
BytesPerSecond parse_bytes_per_second(const std::string& text) {
  return BytesPerSecond(parse_decimal(text, bytes_per_second_units()));
}
Hertz parse_hertz(const std::string& text) { return Hertz(parse_decimal(text, hertz_units())); }
Seconds parse_seconds(const std::string& text) { return Seconds(parse_decimal(text, second_units())); }
Picojoules parse_picojoules(const std::string& text) { return Picojoules(parse_decimal(text, picojoule_units())); }
PicojoulesPerByte parse_picojoules_per_byte(const std::string& text) {
  return PicojoulesPerByte(parse_decimal(text, picojoules_per_byte_units()));
}
Milliwatts parse_milliwatts(const std::string& text) { return Milliwatts(parse_decimal(text, milliwatt_units())); }
SquareMillimetres parse_square_millimetres(const std::string& text) {
  return SquareMillimetres(parse_decimal(text, square_millimetre_units()));
}

double parse_number(const std::string& text) {
  const std::string_view body = trimmed(text);
  Decimal decimal;
  if (!body.empty() && body.front() == '-' && split_decimal(body.substr(1), decimal)) {
    throw Error(quoted(text) + " is negative: must be a number, 0 or above");
  }
  if (!split_decimal(body, decimal)) throw Error(quoted(text) + " is not a number");
  if (!decimal.rest.empty()) {
    throw Error(quoted(text) + " has " + quoted(std::string(decimal.rest)) +
                " behind it: must be a number without a unit");
  }
  return scaled(text, decimal, 0);
}

std::string number_text(double value) {
  if (!std::isfinite(value)) throw InternalError("a number is not finite");
  if (value < 0) return "-" + number_text(-value);
  if (value == 0) return "0";
  const Shortest number = shortest(value);
  return plain(number, number.exponent);
}

std::string to_text(Bytes value) {
  BinaryUnit chosen = kByteUnits.front();
  for (const BinaryUnit& unit : kByteUnits) {
    if (value.count() != 0 && value.count() % (std::int64_t{1} << unit.shift) == 0) chosen = unit;
  }
  return std::to_string(value.count() / (std::int64_t{1} << chosen.shift)) + " " + chosen.name;
}
std::string to_text(BytesPerCycle value) { return decimal_text(value.count(), bytes_per_cycle_units()); }
std::string to_text(BytesPerSecond value) { return decimal_text(value.count(), bytes_per_second_units()); }
std::string to_text(Hertz value) { return decimal_text(value.count(), hertz_units()); }
std::string to_text(Seconds value) { return decimal_text(value.count(), second_units()); }
std::string to_text(Picojoules value) { return decimal_text(value.count(), picojoule_units()); }
std::string to_text(PicojoulesPerByte value) { return decimal_text(value.count(), picojoules_per_byte_units()); }
std::string to_text(Milliwatts value) { return decimal_text(value.count(), milliwatt_units()); }
std::string to_text(SquareMillimetres value) { return decimal_text(value.count(), square_millimetre_units()); }

}  // namespace lanewise
