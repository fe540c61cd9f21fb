"""The house-keeping tests themselves: each must find the faults of a small project."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import format_test
import function_length_test
import layering_test
import reliability_test
import scripts_test
import sources
import tested_test
import unread_options_test


class Project(unittest.TestCase):
    """A project in a folder of its own."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Layering(Project):
    def faults(self, name, text):
        self.write(name, text)
        return layering_test.check(self.root)

    def test_lower_layers_and_the_own_folder_may_be_included(self):
        text = '#include "data/a.h"\n#include "util/b.h"\n#include <set>\n#include <fmt/x.h>\n'
        self.assertEqual(self.faults("src/data/a.cpp", text), [])
        self.assertEqual(self.faults("apps/main.cpp", '#include "training/trainer.h"\n'), [])
        self.assertEqual(self.faults("src/kernels/a.cpp", '#include <torch/torch.h>\n'), [])

    def test_a_higher_layer_may_not(self):
        faults = self.faults("src/util/a.cpp", "\n#include \"data/a.h\"\n")
        self.assertEqual(faults, ["src/util/a.cpp:2: includes data/a.h: util is layer 0, data is "
                                  "layer 3"])

    def test_folders_of_one_layer_do_not_know_each_other(self):
        for other in ("report", "evaluation"):
            self.assertEqual(len(self.faults("src/config/a.cpp", f'#include "{other}/a.h"\n')), 1)

    def test_brackets_do_not_hide_an_include(self):
        self.assertEqual(len(self.faults("src/util/a.cpp", "#  include <data/a.h>\n")), 1)

    def test_lower_layers_have_no_torch(self):
        for header in ("<torch/torch.h>", '"ATen/core/Tensor.h"', "<c10/util/Optional.h>"):
            self.assertEqual(len(self.faults("src/data/a.cpp", f"#include {header}\n")), 1)

    def test_paths_name_their_folder(self):
        for header in ("../util/a.h", "util/../data/a.h", "a.h", "utils/a.h"):
            self.assertEqual(len(self.faults("src/data/a.cpp", f'#include "{header}"\n')), 1)

    def test_a_header_is_read_once(self):
        self.assertEqual(self.faults("src/util/a.h", "#pragma once\n"), [])
        self.assertEqual(self.faults("src/util/a.h", "// #pragma once\n"),
                         ["src/util/a.h: no #pragma once"])

    def test_a_new_folder_needs_a_layer(self):
        self.assertEqual(len(self.faults("src/magic/a.cpp", "")), 1)


class UnreadOptions(Project):
    INI = "# x = y in a comment about [data] is no key.\n\n[data]\n# (a path)\n# source =\n" \
          "\n[model]\nsize = 3\n\n[decoding]\nsize = 4\n"

    def unread(self, text, header=""):
        self.write("configs/reference.ini", self.INI)
        self.write("src/model/a.h", header)
        self.write("src/model/a.cpp", '#include "model/a.h"\n' + text)
        return [fault.split(":")[0] for fault in unread_options_test.check(self.root)]

    def test_all_are_unread_where_nothing_reads(self):
        self.assertEqual(self.unread(""), ["[data] source", "[model] size", "[decoding] size"])

    def test_a_field_of_its_section_is_read(self):
        self.assertEqual(self.unread("f(config.data.source, config_->model.size);\n"
                                     "g(config.decoding.size);"), [])

    def test_another_section_does_not_count(self):
        self.assertIn("[decoding] size", self.unread("f(config.model.size);"))
        self.assertIn("[model] size", self.unread("int f(Vector v) { return v.size; }"))

    def test_variables_that_hold_the_struct_count(self):
        text = "int f(const ModelConfig& m) { return m.size; }\n" \
               "int g(const Config& c) { const auto& d = c.decoding; return d.size; }\n"
        self.assertEqual(self.unread(text), ["[data] source"])

    def test_members_declared_in_the_header_count(self):
        self.assertNotIn("[model] size", self.unread("f(options_.size);", "ModelConfig options_;"))

    def test_comments_strings_and_assignments_do_not(self):
        text = '// model.size\n/* model.size */ const char* a = "model.size";\nmodel.size = 3;\n'
        self.assertIn("[model] size", self.unread(text))
        self.assertNotIn("[model] size", self.unread("if (model.size == 3) {}"))

    def test_the_config_folder_does_not_count(self):
        self.write("src/config/a.cpp", "f(model.size);")
        self.assertIn("[model] size", self.unread(""))


class FunctionLength(unittest.TestCase):
    def lengths(self, text):
        return [(head, last - first + 1)
                for head, first, last in function_length_test.functions_of(text)]

    def test_functions_and_methods_are_found(self):
        text = """namespace heed {
int kTable[] = {1, 2,
  3};
bool operator==(const A& a, const A& b) { return true; }
template <typename T = int>
T twice(T x = 3,
        T y = {}) {
  auto inner = [] { return 1; };
  return x;
}
struct A {
  explicit A(int a) : a_(a), b_{a} {
    f();
  }
  int get() const { return a_; }
 private:
  int a_ = 0, b_{1};
};
}
"""
        self.assertEqual(self.lengths(text), [
            ("bool operator==(const A& a, const A& b)", 1),
            ("template <typename T = int> T twice(T x = 3, T y =", 6),
            ("explicit A(int a) : a_(a), b_", 3),
            ("int get() const", 1),
        ])

    def test_braces_in_strings_and_comments_are_text(self):
        text = 'void f() {\n  g("{", \'{\', R"({)", 1\'000);  // {\n  /* { */\n}\nvoid h() {}\n'
        self.assertEqual([length for _, length in self.lengths(text)], [4, 1])

    def test_preprocessor_lines_are_no_code(self):
        text = "#define A(x) \\\n  void x() {\nvoid f() {\n}\n"
        self.assertEqual([length for _, length in self.lengths(text)], [2])

    def test_local_classes_and_lambdas_belong_to_their_function(self):
        text = "void f() {\n  struct A {\n    void g() {}\n  };\n  call([&](int x) {\n  });\n}\n"
        self.assertEqual(self.lengths(text), [("void f()", 7)])


class Limits(Project):
    def test_a_long_function_and_a_long_file_are_found(self):
        self.write("src/util/a.cpp", "void f() {\n" + "  g();\n" * 58 + "}\n")
        self.assertEqual(function_length_test.check(self.root), [])
        self.write("src/util/a.cpp", "void f() {\n" + "  g();\n" * 59 + "}\n")
        self.assertEqual(function_length_test.check(self.root),
                         ["src/util/a.cpp:1: void f(): 61 lines, at most 60 are allowed"])
        self.write("src/util/a.cpp", "int a;\n" * 401)
        self.assertEqual(len(function_length_test.check(self.root)), 1)


class Tested(Project):
    def setUp(self):
        super().setUp()
        self.write("src/data/a.cpp", "")
        self.write("tests/data/b_test.cpp", "")

    def faults(self, elsewhere):
        return tested_test.check(self.root, elsewhere)

    def test_a_file_needs_a_test_of_its_name_or_a_line_in_the_list(self):
        self.assertIn("src/data/a.cpp: no tests/data/a_test.cpp", self.faults({})[0])
        self.assertEqual(self.faults({"data/a.cpp": ("data/b_test.cpp", "calls it")}), [])
        self.write("tests/data/a_test.cpp", "")
        self.assertEqual(self.faults({}), [])

    def test_a_line_goes_when_the_file_has_a_test_of_its_own(self):
        self.write("tests/data/a_test.cpp", "")
        self.assertEqual(len(self.faults({"data/a.cpp": ("data/b_test.cpp", "calls it")})), 1)

    def test_the_list_names_only_what_is_there(self):
        lines = {"data/a.cpp": ("data/b_test.cpp data/c_test.cpp", ""), "data/d.cpp": ("", "")}
        self.assertEqual(self.faults(lines), [
            "ELSEWHERE: src/data/a.cpp: tests/data/c_test.cpp is not there",
            "ELSEWHERE: src/data/d.cpp is not there; take the line out"])


class Scripts(Project):
    def test_what_has_an_interpreter_can_be_run(self):
        self.write("scripts/a.py", "#!/usr/bin/env python3\n")
        self.write("scripts/b.py", "\"\"\"A module.\"\"\"\n")
        self.assertEqual(scripts_test.check(self.root),
                         ["scripts/a.py: cannot be run by its name: chmod +x"])
        (self.root / "scripts/a.py").chmod(0o755)
        self.assertEqual(scripts_test.check(self.root), [])

    def test_pages_tell_to_run_scripts(self):
        self.write("scripts/b.py", "\"\"\"A module.\"\"\"\n")
        self.write("docs/page.md", "```\nscripts/b.py x\nscripts/c.sh\n```\n")
        self.assertEqual(scripts_test.check(self.root), [
            "docs/page.md: scripts/b.py is no script", "docs/page.md: scripts/c.sh is no script"])


class Reliability(Project):
    def test_every_row_names_a_test_that_is_there(self):
        self.write("tests/apps/a_test.py", "class SavesTest:\n    def test_kills(self): pass\n")
        head = "| fault | what heed does | test |\n|---|---|---|\n"
        self.write("docs/reliability.md", head + "| a kill | goes on | `apps/a_test.py` `test_kills`, `SavesTest` |\n")
        self.assertEqual(reliability_test.check(self.root), [])
        self.write("docs/reliability.md", head + "| a kill | ends | |\n| b | c | `test_kill`, `apps/b_test.py` |\n")
        self.assertEqual(reliability_test.check(self.root), [
            "docs/reliability.md:3: names no test", "docs/reliability.md:4: there is no test_kill",
            "docs/reliability.md:4: there is no apps/b_test.py"])


class Format(Project):
    @unittest.skipIf(shutil.which("clang-format") is None, "no clang-format here")
    def test_a_crooked_file_is_found(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("tests/a.cpp", "int a;\n")
        self.assertEqual(format_test.check(self.root), [])
        self.write("tests/a.cpp", "int   a ;\n")
        self.assertIn("tests/a.cpp:1", "\n".join(format_test.check(self.root)))


class Sources(Project):
    def test_only_cpp_files_count(self):
        self.write("src/a.cpp", "")
        self.write("src/b.html", "")
        self.write("apps/c/d.h", "")
        names = [path.name for path in sources.source_files(self.root)]
        self.assertEqual(names, ["a.cpp", "d.h"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])  # the folder that ctest names is of no use here
