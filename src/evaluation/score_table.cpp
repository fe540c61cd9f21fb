#include "evaluation/score_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr double kSignificant = 0.05;  // p-values up to it get a star
constexpr size_t kHeaderMargin = 2;    // a column is so much wider than its header, at least

using CellLines = std::vector<std::string>;

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

enum class Align { kRight, kCenter };

std::string padded(const std::string& text, size_t width, Align align) {
  size_t room = width - std::min(width, utf8_length(text));
  size_t left = align == Align::kRight ? room : room / 2;
  return std::string(left, ' ') + text + std::string(room - left, ' ');
}

// Boxes around cells of one or more lines; the first row is the header.
class Grid {
 public:
  explicit Grid(std::vector<std::vector<CellLines>> rows) : rows_(std::move(rows)) {
    for (const CellLines& title : rows_[0]) {
      widths_.push_back(utf8_length(title[0]) + kHeaderMargin);
    }
    for (const auto& row : rows_) {
      for (size_t c = 0; c < row.size(); ++c) {
        for (const std::string& line : row[c]) widths_[c] = std::max(widths_[c], utf8_length(line));
      }
    }
  }

  std::string text() const {
    std::string out = rule("╒", "═", "╤", "╕");
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (r == 1) out += rule("╞", "═", "╪", "╡");
      if (r > 1) out += rule("├", "─", "┼", "┤");
      out += row_text(rows_[r]);
    }
    return out + rule("╘", "═", "╧", "╛");
  }

 private:
  std::string rule(const char* left, const char* dash, const char* cross, const char* right) const {
    std::vector<std::string> parts;
    for (size_t width : widths_) parts.push_back(repeat(dash, width + 2));
    return left + join(parts, cross) + right + "\n";
  }

  std::string row_text(const std::vector<CellLines>& row) const {
    size_t height = 0;
    for (const CellLines& cell : row) height = std::max(height, cell.size());
    std::string out;
    for (size_t line = 0; line < height; ++line) {
      for (size_t c = 0; c < row.size(); ++c) {
        const std::string text = line < row[c].size() ? row[c][line] : "";
        out += "│ " + padded(text, widths_[c], c == 0 ? Align::kRight : Align::kCenter) + " ";
      }
      out += "│\n";
    }
    return out;
  }

  std::vector<std::vector<CellLines>> rows_;
  std::vector<size_t> widths_;
};

CellLines cell_lines(const TableCell& cell, int width) {
  CellLines lines = {fmt::format("{:.{}f}", cell.score.score, width)};
  if (const auto& confidence = cell.score.confidence) {
    lines[0] +=
        fmt::format(" ({:.{}f} ± {:.{}f})", confidence->mean, width, confidence->half_width, width);
  }
  if (cell.p_value) {
    lines.push_back(
        fmt::format("(p = {:.4f}){}", *cell.p_value, *cell.p_value > kSignificant ? "" : "*"));
  }
  return lines;
}

nlohmann::ordered_json number_or_null(std::optional<double> value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::string table_text(const ScoreTable& table, const FormatOptions& options) {
  std::vector<std::vector<CellLines>> rows(1);
  rows[0].push_back(CellLines{table.row_title});
  for (const TableCell& cell : table.rows.at(0).cells) {
    rows[0].push_back(CellLines{cell.score.name + (cell.score.confidence ? " (μ ± 95% CI)" : "")});
  }
  for (const TableRow& row : table.rows) {
    rows.push_back({CellLines{row.name}});
    for (const TableCell& cell : row.cells) rows.back().push_back(cell_lines(cell, options.width));
  }
  const std::string line(17, '-');
  std::string out =
      Grid(std::move(rows)).text() + "\n" + line + "\nMetric signatures\n" + line + "\n";
  for (size_t i = 0; i < table.signatures.size(); ++i) {
    out += fmt::format(" - {:<10} {}\n", table.rows[0].cells[i].score.name, table.signatures[i]);
  }
  return out;
}

nlohmann::ordered_json systems_json(const ScoreTable& table, const FormatOptions& options) {
  auto out = nlohmann::ordered_json::array();
  for (const TableRow& row : table.rows) {
    nlohmann::ordered_json object = {{"system", row.name}};
    for (const TableCell& cell : row.cells) {
      object[cell.score.name] = fmt::format("{:.{}f}", cell.score.score, options.width);
    }
    out.push_back(std::move(object));
  }
  return out;
}

nlohmann::ordered_json paired_json(const ScoreTable& table) {
  auto out = nlohmann::ordered_json::array();
  for (const TableRow& row : table.rows) {
    nlohmann::ordered_json object = {{"system", row.name}};
    for (const TableCell& cell : row.cells) {
      std::optional<double> mean, half_width;
      if (cell.score.confidence) {
        mean = cell.score.confidence->mean;
        half_width = cell.score.confidence->half_width;
      }
      object[cell.score.name] = {{"score", cell.score.score},
                                 {"p_value", number_or_null(cell.p_value)},
                                 {"mean", number_or_null(mean)},
                                 {"ci", number_or_null(half_width)}};
    }
    out.push_back(std::move(object));
  }
  return out;
}

nlohmann::ordered_json test_sets_json(const ScoreTable& table, const FormatOptions& options) {
  auto out = nlohmann::ordered_json::array();
  for (const TableRow& row : table.rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      nlohmann::ordered_json object = {{"test_set", row.name}};
      object.update(score_json(row.cells[i].score, table.signatures[i], options));
      out.push_back(std::move(object));
    }
  }
  return out;
}

}  // namespace heed
