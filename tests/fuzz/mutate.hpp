// SPDX-License-Identifier: Apache-2.0
// How inputs are changed. Each takes the corpus and returns one new input; the same random numbers give the same bytes.
#pragma once

#include <string>

#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

// Bits, bytes and blocks, whatever the format.
std::string mutate_bytes(const Inputs& corpus, Random& random);
// Lines, words and numbers of a text, and parts of other texts of the corpus; now and then bytes.
std::string mutate_text(const Inputs& corpus, Random& random);
// The fields of an ONNX model: sizes, names, types, attributes, what is connected; now and then bytes.
std::string mutate_onnx(const Inputs& corpus, Random& random);
// What the tables of a TensorFlow Lite file hold: shapes, codes, operands, options, numbers; now and then bytes.
std::string mutate_tflite(const Inputs& corpus, Random& random);
// Values, columns and tables of an SQLite database; now and then bytes.
std::string mutate_store(const Inputs& corpus, Random& random);
// The header and the parts of a model file under a checksum that fits; now and then bytes.
std::string mutate_estimator(const Inputs& corpus, Random& random);

// In place: what mutate_bytes does to one input, and what mutate_text does, once.
void change_bytes(std::string& bytes, const Inputs& corpus, Random& random);
void change_text(std::string& text, const Inputs& corpus, Random& random);

// Numbers and texts at which readers break: limits of types, signs, powers of two, infinities.
std::int64_t odd_integer(Random& random);
double odd_real(Random& random);
std::string odd_number_text(Random& random);
std::string odd_text(Random& random);

// How many changes an input gets: mostly few.
int changes(Random& random);

}  // namespace lanewise::fuzz
