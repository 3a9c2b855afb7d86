# SPDX-License-Identifier: Apache-2.0
"""From the tables of the command line to DataFrames: numbers as numbers, flags as flags, units in the names."""

import io
from typing import Any, Dict

import pandas as pd

from lanewise import _core

# Columns of words, also where every cell is empty or looks like a number.
_TEXT = frozenset({
    "network", "engine", "source", "tool_version", "subgraph", "block", "family", "bound_by", "rtl_check",
    "engine_overrides", "engine_hash", "failure", "out_of_range", "estimator_family", "missed_limits",
    "uncertain_limits", "ceiling", "operator", "kind", "detail", "input_shape", "output_shape", "blocks",
    "weight_form", "split", "quantity", "of", "subgraph_key", "networks", "name", "description", "shard", "store",
    "split_row", "split_engine", "split_shape",
})
_FLAGS = frozenset({"pareto", "in_range", "other_family", "set_pareto", "limits_met"})


def _column(name: str, cells: "pd.Series[Any]") -> "pd.Series[Any]":
    if name in _TEXT:
        return cells
    given = cells != ""
    numbers = pd.to_numeric(cells.where(given), errors="coerce")
    if numbers.isna().equals(~given):
        if name in _FLAGS and given.all():
            return numbers.astype(bool)
        # pandas reads the last digit of a fraction less exactly than Python does.
        return numbers if pd.api.types.is_integer_dtype(numbers) else cells.where(given, "nan").astype(float)
    return cells


def read(text: str) -> pd.DataFrame:
    """A table of the command line's CSV. Empty cells are NaN in columns of numbers and "" in columns of words."""
    raw = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)
    return pd.DataFrame({name: _column(name, raw[name]) for name in raw.columns})


def with_key_units(table: pd.DataFrame) -> pd.DataFrame:
    """Turns columns of engine keys whose values carry a unit into numbers, with the unit at the end of their names."""
    known = set(_core.key_names())
    renamed: Dict[str, str] = {}
    for key in table.columns:
        unit = _core.key_unit(key) if key in known else ""
        if key in known and set(table[key].unique()) <= {"true", "false"}:
            table[key] = table[key] == "true"
            continue
        if not unit or pd.api.types.is_numeric_dtype(table[key]):
            continue
        numbers = {text: _core.key_number(key, text) for text in table[key].unique() if text != ""}
        values = table[key].map(numbers).astype(float)
        whole = unit == "bytes" and values.notna().all()
        table[key] = values.astype("int64") if whole else values
        renamed[key] = f"{key}_{unit}"
    return table.rename(columns=renamed)
