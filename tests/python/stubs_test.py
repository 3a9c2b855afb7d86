# SPDX-License-Identifier: Apache-2.0
"""Every public name says what it takes and gives; the stub of the extension module says what is in it."""

import ast
import inspect
import typing
import unittest
from pathlib import Path

import lanewise as lw
from lanewise import _core

PACKAGE = Path(inspect.getfile(lw)).parent


def members(thing: type):
    for name, member in vars(thing).items():
        if not name.startswith("_"):
            yield name, member


def function_of(member):
    if isinstance(member, property):
        return member.fget
    if isinstance(member, (classmethod, staticmethod)):
        return member.__func__
    return member


class Public(unittest.TestCase):
    def test_every_name_exists_and_no_other_is_public(self):
        for name in lw.__all__:
            self.assertTrue(hasattr(lw, name), name)
        others = {name for name in vars(lw) if not name.startswith("_")} - set(lw.__all__)
        self.assertEqual(others, set())

    def test_every_name_has_a_docstring(self):
        checked = 0
        for name in lw.__all__:
            thing = getattr(lw, name)
            if not (inspect.isclass(thing) or callable(thing)) or name == "ProgressLike":
                continue
            self.assertTrue(inspect.getdoc(thing), name)
            checked += 1
            if not inspect.isclass(thing) or issubclass(thing, tuple):
                continue
            for member, value in members(thing):
                if isinstance(value, property) or callable(function_of(value)):
                    self.assertTrue(inspect.getdoc(value), f"{name}.{member}")
                    checked += 1
        self.assertGreater(checked, 80)

    def test_every_parameter_and_result_has_a_type(self):
        checked = 0
        for name in lw.__all__:
            thing = getattr(lw, name)
            functions = []
            if inspect.isfunction(thing):
                functions.append((name, thing))
            elif inspect.isclass(thing) and thing.__module__.startswith("lanewise._") and not issubclass(thing, tuple):
                functions += [(f"{name}.{member}", function_of(value)) for member, value in members(thing)]
            for place, function in functions:
                if not inspect.isfunction(function) or function.__name__ == "<lambda>":
                    continue
                hints = typing.get_type_hints(function)
                self.assertIn("return", hints, place)
                for parameter in list(inspect.signature(function).parameters)[0 if "." not in place else 1:]:
                    self.assertIn(parameter, hints, f"{place}: {parameter}")
                checked += 1
        self.assertGreater(checked, 60)
        self.assertTrue((PACKAGE / "py.typed").exists())


class Stub(unittest.TestCase):
    def test_it_holds_what_the_module_holds(self):
        tree = ast.parse((PACKAGE / "_core.pyi").read_text())
        stated = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        present = {name for name in vars(_core) if not name.startswith("__")}
        self.assertEqual({name for name in stated}, present)
        for name, node in stated.items():
            thing = getattr(_core, name)
            self.assertEqual(inspect.isclass(thing), isinstance(node, ast.ClassDef), name)
            if not isinstance(node, ast.ClassDef) or issubclass(thing, BaseException):
                continue
            own = {member for member in vars(thing) if not member.startswith("_") or member == "__len__"}
            inner = {member.name: member for member in node.body if isinstance(member, ast.FunctionDef)}
            self.assertEqual(set(inner) - {"__init__"}, own, name)
            for member, value in vars(thing).items():
                if member in inner:
                    decorated = [d.id for d in inner[member].decorator_list if isinstance(d, ast.Name)]
                    self.assertEqual(isinstance(value, property), "property" in decorated, f"{name}.{member}")

    def test_functions_take_the_parameters_that_it_states(self):
        tree = ast.parse((PACKAGE / "_core.pyi").read_text())
        checked = 0
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            signature = (getattr(_core, node.name).__doc__ or "").splitlines()[0]
            for argument in node.args.args:
                self.assertIn(f"{argument.arg}: ", signature, node.name)
            checked += 1
        self.assertGreater(checked, 12)


if __name__ == "__main__":
    unittest.main()
